"""raven, sentry-sdk's predecessor: for servers and code that still need it. How to leave it: docs/raven.md.

The service uses both of its ways, raven.contrib.flask.Sentry and raven.handlers.logging.SentryHandler, with one client.
"""

import gzip
import json
import logging
import sys
from typing import Any

from flask import Flask
from raven import Client
from raven.contrib.flask import Sentry
from raven.handlers.logging import SentryHandler

from . import seen
from .delivery import Delivery
from .event import finish
from .handler import GUNICORN, ErrorHandler
from .raven_transport import QueuedTransport
from .settings import ErrorSettings

_client: "RavenClient"
_records: SentryHandler


def setup(settings: ErrorSettings, app: Flask) -> None:
    _start(settings)
    # Not logging=True: the records come from ErrorHandler, for both clients.
    Sentry(client=_client).init_app(app, logging=False)
    _replace_ravens_own_handler(settings)


def capture(record: logging.LogRecord) -> str | None:
    event_id: str | None = _records.emit(record)
    return event_id


def send(event: dict[str, Any], settings: ErrorSettings) -> None:
    """An event that another process made."""
    _start(settings)
    own = {
        "project": _client.remote.project,
        "server_name": settings.server_name,
        "release": settings.release,
        "environment": settings.environment,
    }
    _client.send(**own, **event)


def close(timeout: float) -> None:
    _client.remote.get_transport().flush(timeout)


def _start(settings: ErrorSettings) -> None:
    global _client, _records  # noqa: PLW0603 - a process has one error client
    _client = RavenClient(settings)
    _records = SentryHandler(_client)


def _replace_ravens_own_handler(settings: ErrorSettings) -> None:
    """An INI file may name raven.handlers.logging.SentryHandler. It has a client of its own, so a critical record would
    make two events; with an empty DSN it has none, and still keeps `init_app(logging=True)` from adding another.
    """
    for logger in (logging.getLogger(), logging.getLogger(GUNICORN)):
        others = [handler for handler in logger.handlers if type(handler) is not SentryHandler]
        if len(others) < len(logger.handlers):
            logger.handlers = [ErrorHandler(logging.ERROR, settings), *others]


class RavenClient(Client):
    def __init__(self, settings: ErrorSettings) -> None:
        self._settings = settings
        self._delivery = Delivery()
        super().__init__(
            dsn=settings.dsn,
            release=settings.release,
            environment=settings.environment,
            name=settings.server_name,
            transport=QueuedTransport,
            include_paths=["project"],
            ignore_exceptions=["SystemExit", "KeyboardInterrupt", "GreenletExit"],
            # event.py redacts; raven's own processors see top-level keys only.
            processors=[],
            # These replace sys.excepthook, and methods of logging, http.client and requests.
            install_sys_hook=False,
            install_logging_hook=False,
            hook_libraries=[],
            enable_breadcrumbs=False,
        )

    def capture(self, event_type: str, *args: Any, **kwargs: Any) -> str | None:
        exc_info = kwargs.get("exc_info")
        error = (sys.exc_info() if exc_info is True else exc_info or (None, None))[1]
        if known := seen.event_id_of(error):
            return known
        event_id: str | None = super().capture(event_type, *args, **kwargs)
        if event_id:
            seen.remember(error, event_id)
        return event_id

    def send(self, auth_header: str | None = None, **data: Any) -> Any:
        """In the context of the failure, before the event is queued."""
        return super().send(auth_header, **finish(data, self._settings))

    # raven compresses with zlib and calls it "deflate", which Bugsink and others rightly refuse.

    def get_content_encoding(self) -> str:
        return "gzip"

    def encode(self, data: Any) -> bytes:
        return gzip.compress(json.dumps(data).encode(), 5)

    def decode(self, data: bytes) -> Any:
        return json.loads(gzip.decompress(data))

    # raven would write each event that is lost to the log, with its traceback.

    def _successful_send(self) -> None:
        super()._successful_send()
        self._delivery.succeeded()

    def _failed_send(self, exc: Any, url: str, data: Any) -> None:
        self._delivery.failed(exc)
        self.state.set_fail(getattr(exc, "retry_after", 0))

    def _log_failed_submission(self, data: Any) -> None:
        self._delivery.failed("waiting before the next try")
