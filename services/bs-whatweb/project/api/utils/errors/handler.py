"""ErrorHandler: the records that become error events, in any process of gunicorn."""

import logging
import os
from collections.abc import Callable

from . import outside, seen
from .settings import ErrorSettings

GUNICORN = "gunicorn.error"
CANT_START = "Exception in worker process"  # gunicorn's message, in each worker

Capture = Callable[[logging.LogRecord], str | None]

_capture: Capture | None = None


def capture_with(capture: Capture | None) -> None:
    """What sends a record as an event and returns its id, in this process. None: this process has no client."""
    global _capture  # noqa: PLW0603 - handlers are made before the client, and shared by forked workers
    _capture = capture


class ErrorHandler(logging.Handler):
    """Sends records as error events; name it *before* the handlers that write lines, so that these show `error.id`.

    - the application's records: from the handler's level on (ERROR in gunicorn_logging.conf)
    - gunicorn's: CRITICAL (a worker's time-out), and those with an exception. The others at ERROR, such as "Worker
      exited with code 1", only say what followed from a failure that has its event.
    - an exception that has its event already: not again, but the line shows the event's id

    In gunicorn's master, which must not have a client with threads, the event is sent by a process of its own.
    """

    def __init__(self, level: int = logging.NOTSET, settings: ErrorSettings | None = None) -> None:
        super().__init__(level)
        self.settings = settings or ErrorSettings.from_environment()
        # All workers fail to start in the same way. Made in the master, so they share it: who takes the one byte
        # reports.
        self._unreported_start, token = os.pipe()
        os.set_blocking(self._unreported_start, False)
        os.write(token, b"1")
        os.close(token)

    def emit(self, record: logging.LogRecord) -> None:
        if not self.settings.dsn:
            return
        shown = record.exc_text
        try:
            error = record.exc_info[1] if record.exc_info else None
            event_id = seen.event_id_of(error)
            if event_id is None and self._is_failure(record, error):
                event_id = (_capture or outside.report)(record)
            if event_id:
                self._show(record, event_id)
        except Exception as problem:  # a report that fails must not fail the program; the line says so
            vars(record)["labels.error_report"] = f"failed: {problem!r}"
        finally:
            record.exc_text = shown  # a client's formatter leaves the traceback there, with its secrets

    def _is_failure(self, record: logging.LogRecord, error: BaseException | None) -> bool:
        if isinstance(error, SystemExit | KeyboardInterrupt):
            return False
        if record.name != GUNICORN:
            return True
        if record.msg == CANT_START:
            return self._first_that_cant_start()
        return record.levelno >= logging.CRITICAL or error is not None

    def _first_that_cant_start(self) -> bool:
        try:
            return bool(os.read(self._unreported_start, 1))
        except BlockingIOError:
            return False

    def _show(self, record: logging.LogRecord, event_id: str) -> None:
        vars(record)["error.id"] = event_id
        if page := self.settings.page_of(event_id):
            vars(record)["labels.error_event_url"] = page

    def close(self) -> None:
        if self._unreported_start >= 0:
            os.close(self._unreported_start)
            self._unreported_start = -1
        super().close()
