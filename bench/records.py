"""What bench_formatter formats: log records as a service in a request and gunicorn make them, each a fresh one."""

import json
import logging
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from gunicorn.glogging import Logger, SafeAtoms  # type: ignore[import-untyped]

SERVICE = Path(__file__).parent.parent / "services" / "bs-whatweb"
IDS = {"trace.id": "0af7651916cd43dd8448eb211c80319c", "http.request.id": "7f1d2c9b5e8a4f0d9c3b6a1e2d4f5a6b"}

_app = logging.getLogger("project.api.whatweb")
_access = logging.getLogger("gunicorn.access")
_EXTRA = {
    "scan_status": 200,
    "scan_seconds": 0.413,
    "technologies": ["nginx", "WordPress", "PHP"],
    "cached": False,
    "url.domain": "example.org",
}
_ENVIRON = {
    "REQUEST_METHOD": "GET",
    "RAW_URI": "/api/v1/whatweb?url=example.org&depth=2",
    "PATH_INFO": "/api/v1/whatweb",
    "QUERY_STRING": "url=example.org&depth=2",
    "SERVER_PROTOCOL": "HTTP/1.1",
    "SERVER_NAME": "127.0.0.1",
    "SERVER_PORT": "5007",
    "REMOTE_ADDR": "192.0.2.17",
    "HTTP_HOST": "whatweb.example.org",
    "HTTP_ACCEPT": "application/json",
    "HTTP_USER_AGENT": "Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0",
    "HTTP_REFERER": "https://example.org/tools",
    "bs.trace_id": IDS["trace.id"],
    "bs.request_id": IDS["http.request.id"],
}


def columns() -> dict[str, Callable[[], logging.LogRecord]]:
    """Name of each column → what makes its records."""
    template = gunicorn_setting("access_log_format")
    atoms = _atoms()
    failure = _failure()
    args = ("example.org", 3, 413)
    return {
        "app record": lambda: _record(_app, "Scan of %s found %d technologies in %d ms", args),
        "with a URL in it": lambda: _record(_app, "Scan of https://%s/ found %d technologies in %d ms", args),
        "with 5 extras": lambda: _record(_app, "Scan of %s found %d technologies in %d ms", args, extra=_EXTRA),
        "with a traceback": lambda: _record(_app, "Scan of %s failed", args[:1], exc_info=failure),
        "access record": lambda: _record(_access, template, (atoms,)),
    }


def _record(
    logger: logging.Logger, message: str, args: Any, exc_info: Any = None, extra: dict[str, object] | None = None
) -> logging.LogRecord:
    place = ("/usr/src/app/project/api/whatweb.py", 63)
    return logger.makeRecord(logger.name, logging.INFO, *place, message, args, exc_info, "scan", extra)


def _atoms() -> SafeAtoms:
    """A request's atoms, made by gunicorn."""
    response = SimpleNamespace(status="200 OK", sent=812, headers=[("Content-Type", "application/json")])
    headers = [(name[5:].replace("_", "-"), text) for name, text in _ENVIRON.items() if name.startswith("HTTP_")]
    maker = object.__new__(Logger)  # its __init__ would configure this process's logging
    return SafeAtoms(maker.atoms(response, SimpleNamespace(headers=headers), _ENVIRON, timedelta(microseconds=413_207)))


def _failure() -> Any:
    """What `exc_info=True` becomes: an error of the standard library, a few frames below the one that logs."""

    def fetch(text: str) -> Any:
        return json.loads(text)

    def scan(text: str) -> Any:
        return fetch(text)

    try:
        scan('{"a": }')
    except ValueError:
        return sys.exc_info()


def gunicorn_setting(name: str) -> str:
    """A setting of gunicorn_config.py; read in a process of its own, because that file patches its process."""
    code = f"import gunicorn_config; print(gunicorn_config.{name})"
    run = subprocess.run([sys.executable, "-c", code], cwd=SERVICE, stdout=subprocess.PIPE, text=True, check=True)
    return run.stdout.rstrip("\n")
