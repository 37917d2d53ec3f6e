"""Error events: every failure reaches the tracker once, with the ids of its log lines, without secrets.

    setup(app)       first in the app factory: unhandled exceptions, and records of ERROR and above
    ErrorHandler     named in gunicorn_logging.conf: gunicorn's own records too, also the master's
    close()          last in a worker: what is queued gets a moment to leave

Without SENTRY_DSN nothing is reported and no client is imported. See docs/errors.md.
"""

import logging
from typing import TYPE_CHECKING

from . import clients, handler
from .handler import ErrorHandler
from .settings import ErrorSettings

if TYPE_CHECKING:  # gunicorn's master has the handler, not Flask
    from flask import Flask

__all__ = ["ErrorHandler", "close", "setup"]

CLOSE_WITHIN = 2.0  # seconds that queued events get at a worker's end

_client: clients.Client | None = None


def setup(app: "Flask", settings: ErrorSettings | None = None) -> None:
    """Reports this process's failures from here on. `settings` default to the environment's.

    Call it in the app factory, which gunicorn runs in each worker: a client that starts in gunicorn_config.py or
    `post_fork`, before the worker's own event loop, hangs the worker.
    """
    global _client  # noqa: PLW0603 - a process has one error client, as it has one root logger
    settings = settings or ErrorSettings.from_environment()
    if not settings.dsn:
        return
    client = clients.load(settings.client)
    client.setup(settings, app)
    handler.capture_with(client.capture)
    _client = client
    root = logging.getLogger()
    if not any(isinstance(known, ErrorHandler) for known in root.handlers):
        # No INI file named it (`flask run`, a test). First: the handlers behind it show the event's id.
        root.handlers.insert(0, ErrorHandler(logging.ERROR, settings))


def close() -> None:
    """Sends what is queued, for at most CLOSE_WITHIN seconds; nothing is reported afterwards."""
    if _client is not None:
        _client.close(CLOSE_WITHIN)
