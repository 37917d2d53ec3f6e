"""Events of processes without a client: gunicorn's master, and a worker before its app is made.

The master must stay without threads, greenlets and open connections: every worker is a fork of it, and one that
inherits them hangs. So a process of its own sends the event. The master doesn't wait for it either: while it waits
it can't replace the worker that it just gave up.
"""

import json
import logging
import os
import secrets
import sys
import time
import traceback
from collections import deque
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

from .. import context

MOST = 10  # processes started …
WITHIN = 60.0  # … in so many seconds; a master in trouble must not fill the machine with them

_ROOT = Path(__file__).parents[4]
_LEVELS = {logging.CRITICAL: "fatal", logging.ERROR: "error", logging.WARNING: "warning"}
_started: deque[float] = deque(maxlen=MOST)


def report(record: logging.LogRecord) -> str | None:
    """The event's id; None when there have been too many and this one isn't sent."""
    now = time.monotonic()
    if len(_started) == MOST and now - _started[0] < WITHIN:
        return None
    _started.append(now)
    event = _event(record)
    # Not subprocess: gevent's version of it takes SIGCHLD over, by which gunicorn learns of its workers' ends.
    # gunicorn collects this child like its own and ignores it.
    path = os.pathsep.join(filter(None, (str(_ROOT), os.environ.get("PYTHONPATH"))))
    with TemporaryFile() as file:
        file.write(json.dumps({"event": event, "context": dict(context.current().fields)}).encode())
        file.seek(0)
        os.posix_spawn(
            sys.executable,
            [sys.executable, "-m", "project.api.utils.errors.deliver"],
            {**os.environ, "PYTHONPATH": path},
            file_actions=[(os.POSIX_SPAWN_DUP2, file.fileno(), 0)],
        )
    return str(event["event_id"])


def _event(record: logging.LogRecord) -> dict[str, Any]:
    """https://develop.sentry.dev/sdk/data-model/event-payloads/"""
    event = {
        "event_id": secrets.token_hex(16),
        "timestamp": record.created,
        "platform": "python",
        "level": _LEVELS.get(record.levelno, "error"),
        "logger": record.name,
        "logentry": {"message": str(record.msg), "formatted": record.getMessage()},
    }
    if record.exc_info and record.exc_info[0]:
        event["exception"] = {"values": [_exception(*record.exc_info)]}
    return event


def _exception(kind: Any, error: Any, stack: Any) -> dict[str, Any]:
    frames = [
        {"filename": frame.filename, "abs_path": frame.filename, "lineno": frame.lineno, "function": frame.name,
         "context_line": frame.line, "in_app": frame.filename.startswith(str(_ROOT))}
        for frame in traceback.extract_tb(stack)
    ]  # fmt: skip
    return {"type": kind.__qualname__, "value": str(error), "stacktrace": {"frames": frames}}
