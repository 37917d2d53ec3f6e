"""`make new-service`, `make remove-service`: services made from bs-whatweb, and undone."""
