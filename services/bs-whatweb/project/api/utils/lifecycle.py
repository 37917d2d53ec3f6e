"""The last lines of a process."""

import logging

log = logging.getLogger(__name__)


def log_end() -> None:
    """Writes the line that says how many the process wrote: its `event.sequence`.

    Straight to the handlers, whatever the logger's level: without it a loss at the end can't be told from a kill.
    """
    if log.disabled:
        return
    path, line, function, _ = log.findCaller()
    record = log.makeRecord(
        log.name, logging.INFO, path, line, "Process ends, this is its last line", (), None, function,
        extra={"event.action": "log-end"},
    )  # fmt: skip
    log.handle(record)


def log_abort() -> None:
    """In a worker's signal handler for SIGABRT: where it was, in which request."""
    log.warning("Stopped for being busy too long, here", stack_info=True)
