"""gunicorn's settings. Each is overridden by GUNICORN_<NAME> from the environment, e.g. GUNICORN_WORKERS=4.

Reference: https://docs.gunicorn.org/en/stable/settings.html
"""

# Before anything else: sockets, locks and threads made before this would block the worker, and error reporting
# set up before this hangs it.
from gevent import monkey

monkey.patch_all()

import os  # noqa: E402
import sys  # noqa: E402
from typing import Any, TypeVar  # noqa: E402

here = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, here)  # the logging configuration names classes of the project

from project.api.utils import capture, errors, levels, lifecycle  # noqa: E402
from project.api.utils.errors.settings import ErrorSettings  # noqa: E402
from project.config import Settings  # noqa: E402

Value = TypeVar("Value", str, int)


def env(name: str, default: Value) -> Value:
    """GUNICORN_<NAME> as the type of its default."""
    value = os.environ.get(f"GUNICORN_{name}")
    try:
        return default if value is None else type(default)(value)
    except ValueError:
        sys.exit(f"GUNICORN_{name}={value!r} is not a number. It takes one, e.g. {default}.")


address = env("ADDRESS", "127.0.0.1")  # the container sets 0.0.0.0
port = env("PORT", 5000)
bind = env("BIND", f"{address}:{port}")
backlog = env("BACKLOG", 2048)  # connections that may wait to be accepted
workers = env("WORKERS", 2)
worker_class = env("WORKER_CLASS", "gevent")
worker_connections = env("WORKER_CONNECTIONS", 1000)  # simultaneous clients of one worker
timeout = env("TIMEOUT", 30)  # seconds after which a worker that doesn't answer the master is replaced
graceful_timeout = env("GRACEFUL_TIMEOUT", 20)  # seconds that requests get to finish after SIGTERM
keepalive = env("KEEPALIVE", 2)  # seconds that an idle connection stays open
errorlog = env("ERRORLOG", "-")
loglevel = env("LOGLEVEL", "info")  # "error" would hide starts, stops and replaced workers
accesslog = env("ACCESSLOG", "-")
logconfig = env("LOGCONFIG", os.path.join(here, "gunicorn_logging.conf"))
logger_class = env("LOGGER_CLASS", "project.api.utils.gunicorn_logger.Logger")  # collects what the format below names
worker_tmp_dir = env("WORKER_TMP_DIR", "/dev/shm")  # noqa: S108 - the heartbeat file; on a disk it can block
control_socket_disable = True  # on by default, and a second gunicorn takes the first one's path over

# The schema of the access line: a JSON template of gunicorn's atoms, filled by JSONFormatter (see access.py).
access_log_format = env(
    "ACCESS_LOG_FORMAT",
    '{"client.address": "%(h)s", '
    '"http.request.method": "%(m)s", '
    '"url.path": "%(U)s", '
    '"url.query": "%(q)s", '
    '"http.version": "%(H)s", '
    '"http.response.status_code": "%(s)s", '
    '"http.response.body.bytes": "%(B)s", '
    '"event.duration": "%(D)s000", '
    '"http.request.mime_type": "%({content-type}i)s", '
    '"http.request.body.bytes": "%({content-length}i)s", '
    '"http.request.referrer": "%(f)s", '
    '"user_agent.original": "%(a)s"}',
)

# What can't be used is said here, before anything listens.
try:
    if workers < 1 or not 0 < port < 65536:
        raise ValueError(f"GUNICORN_WORKERS={workers}, GUNICORN_PORT={port}: write 1 or more, and a port up to 65535.")
    ErrorSettings.from_environment()
    levels.configured()
    settings = Settings.from_environment()
except ValueError as error:
    sys.exit(f"{Settings.service_name} doesn't start: {error}")

# Every line names the service, whichever formatter or logging configuration writes it.
for name, value in settings.service().items():
    os.environ.setdefault(name, value)


def on_starting(server: Any) -> None:
    """In the master, before it listens. Only now are the handlers known; workers inherit their levels."""
    try:
        levels.from_environment()
    except levels.LevelError as error:
        lifecycle.log_end()
        sys.exit(f"{Settings.service_name} doesn't start: {error}")


def when_ready(server: Any) -> None:
    """In the master, before the first fork; workers inherit it."""
    capture.capture()


def on_reload(server: Any) -> None:
    """After SIGHUP, which loads the logging configuration anew and with it the levels. A handler that it no longer has
    is only warned of: the service runs."""
    levels.apply(levels.configured())


def post_worker_init(worker: Any) -> None:
    """In each worker, after the fork."""
    capture.capture_greenlets()
    if path := os.environ.get("LOG_LEVELS_FILE"):
        levels.watch(path)


def worker_abort(worker: Any) -> None:
    """In a worker that was busy for too long: what it was busy with. The master has reported that it was."""
    lifecycle.log_abort()


def worker_exit(server: Any, worker: Any) -> None:
    """The worker's last line, with the number of lines it wrote: what is missing at the end shows too."""
    errors.close()
    lifecycle.log_end()


def on_exit(server: Any) -> None:
    """The master's last line."""
    lifecycle.log_end()
