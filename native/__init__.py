"""`make run`: the whole stack on one machine, without Docker."""
