"""Numbers for log lines, so that a lost line is a gap and a doubled one a repeated id.

`process.entity_id` names one process start; `event.sequence` counts its lines from 1. A forked child is a
process of its own: new entity id, counter from 1.
"""

import os
import secrets
from itertools import count


class Process:
    """This process: `next(PROCESS.numbers)` is the next line's number (atomic, no lock needed)."""

    def __init__(self) -> None:
        self.start()

    def start(self) -> None:
        self.numbers = count(1)
        # secrets, not the clock: two workers forked in the same microsecond must differ.
        self.entity_id = secrets.token_hex(8)
        # A line's end up to its number, encoded once.
        self.encoded = (
            f',"process.pid":{os.getpid()},"process.entity_id":"{self.entity_id}","event.id":"{self.entity_id}-'
        )


PROCESS = Process()
os.register_at_fork(after_in_child=PROCESS.start)
