"""Atoms of a request as gunicorn makes them from what came over the wire."""

from collections.abc import Mapping
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

from gunicorn.glogging import Logger, SafeAtoms  # type: ignore[import-untyped]
from gunicorn.util import unquote_to_wsgi_str  # type: ignore[import-untyped]


def atoms(
    target: bytes = b"/ping",
    headers: Mapping[str, bytes] | None = None,
    status: Any = "200 OK",
    sent: Any = 17,
    environ: Mapping[str, Any] | None = None,
) -> SafeAtoms:
    """gunicorn's own SafeAtoms, as its access record carries them; header values and target are the wire's bytes."""
    received = {name.upper(): value.decode("latin-1") for name, value in (headers or {}).items()}
    path, _, query = target.decode("latin-1").partition("?")
    full_environ = {
        "REMOTE_ADDR": "192.0.2.7",
        "REQUEST_METHOD": "GET",
        "RAW_URI": target.decode("latin-1"),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "PATH_INFO": unquote_to_wsgi_str(path),
        "QUERY_STRING": query,
        **{f"HTTP_{name.replace('-', '_')}": value for name, value in received.items()},
        **(environ or {}),
    }
    response = SimpleNamespace(status=status, sent=sent, headers=[])
    request = SimpleNamespace(headers=list(received.items()))
    logger = object.__new__(Logger)  # its __init__ would configure logging
    return SafeAtoms(logger.atoms(response, request, full_environ, timedelta(milliseconds=1.5)))
