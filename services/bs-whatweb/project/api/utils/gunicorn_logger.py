"""gunicorn's logger, for gunicorn's `logger_class`: an access record holds the atoms that its format names, no others.

gunicorn collects each header of the request and of the answer, and the whole environ, cookies and credentials among
them. That takes longer than writing the line, and puts into the record what nothing that handles it should see.
"""

import logging
import os
import re
from collections.abc import Callable
from datetime import timedelta
from functools import lru_cache
from typing import Any, NamedTuple

from gunicorn import glogging  # type: ignore[import-untyped]

from . import access

Environ = dict[str, Any]
_NAME = re.compile(r"%\(([^)]+)\)")
# What the line's message and ids are made of, and what filters look at.
_ALWAYS = {"m", "U", "s", access.TRACE_ATOM, access.REQUEST_ATOM}


class Logger(glogging.Logger):
    def access(self, resp: Any, req: Any, environ: Environ, request_time: timedelta) -> None:
        """As gunicorn's, without looking up who called: that is always the same, and no access line shows it."""
        log = self.access_log
        if not (self.access_log_enabled and log.isEnabledFor(logging.INFO)):
            return
        try:
            atoms = self.atoms_wrapper_class(self.atoms(resp, req, environ, request_time))
            record = log.makeRecord(log.name, logging.INFO, __file__, 0, self.cfg.access_log_format, (atoms,), None)
            log.handle(record)
        except Exception:  # the answer has been sent: the request must not fail any more
            self.exception("No access line for %s", environ.get("PATH_INFO"))

    def atoms(self, resp: Any, req: Any, environ: Environ, request_time: timedelta) -> dict[str, Any]:
        """The atoms that `access_log_format` names, each as gunicorn makes it."""
        named = _named(self.cfg.access_log_format)
        if named is None:
            return dict(super().atoms(resp, req, environ, request_time))
        atoms = {atom: environ.get(key, default) for atom, key, default in named.request}
        for atom, make in named.made:
            atoms[atom] = make(self, resp, environ, request_time)
        if named.received:
            atoms |= _headers(getattr(req, "headers", req), named.received)
        if named.sent:
            atoms |= _headers(resp.headers, named.sent)
        for key, atom in named.environ:
            if key in environ:
                atoms[atom] = environ[key]
        return atoms


class _Named(NamedTuple):
    request: list[tuple[str, str, str | None]]  # atom, key of the environ, default
    made: list[tuple[str, Callable[[Any, Any, Environ, timedelta], Any]]]
    received: dict[str, str]  # header in lower case → atom
    sent: dict[str, str]
    environ: list[tuple[str, str]]  # key → atom


@lru_cache(maxsize=16)
def _named(template: str) -> _Named | None:
    """What to collect for a format; None when gunicorn has to, because there is an atom we don't know."""
    named = _Named([], [], {}, {}, [])
    for name in sorted(_ALWAYS.union(_NAME.findall(template))):
        key, atom = name[1:-2].lower(), name.lower()
        if name.endswith("}i"):
            named.received[key] = atom
        elif name.endswith("}o"):
            named.sent[key] = atom
        elif name.endswith("}e"):
            named.environ.extend([(key, atom), (key.upper(), atom)])
        elif name in _REQUEST:
            named.request.append((name, *_REQUEST[name]))
        elif name in _MADE:
            named.made.append((name, _MADE[name]))
        else:
            return None
    return named


def _headers(headers: Any, atoms: dict[str, str]) -> dict[str, str]:
    pairs = headers.items() if hasattr(headers, "items") else headers
    return {atom: value for key, value in pairs if (atom := atoms.get(key.lower()))}


def _status(resp: Any) -> Any:
    return resp.status.split(None, 1)[0] if isinstance(resp.status, str) else resp.status


# As gunicorn.glogging.Logger.atoms has them.
_REQUEST = {
    "h": ("REMOTE_ADDR", "-"),
    "m": ("REQUEST_METHOD", None),
    "U": ("PATH_INFO", None),
    "q": ("QUERY_STRING", None),
    "H": ("SERVER_PROTOCOL", None),
    "f": ("HTTP_REFERER", "-"),
    "a": ("HTTP_USER_AGENT", "-"),
}
_MADE: dict[str, Callable[[Any, Any, Environ, timedelta], Any]] = {
    "l": lambda log, resp, environ, time: "-",
    "u": lambda log, resp, environ, time: log._get_user(environ) or "-",
    "t": lambda log, resp, environ, time: log.now(),
    "r": lambda log, resp, environ, time: "{REQUEST_METHOD} {RAW_URI} {SERVER_PROTOCOL}".format_map(environ),
    "s": lambda log, resp, environ, time: _status(resp),
    "b": lambda log, resp, environ, time: "-" if getattr(resp, "sent", None) is None else str(resp.sent),
    "B": lambda log, resp, environ, time: getattr(resp, "sent", None),
    "T": lambda log, resp, environ, time: time.seconds,
    "D": lambda log, resp, environ, time: time.seconds * 1_000_000 + time.microseconds,
    "M": lambda log, resp, environ, time: time.seconds * 1000 + time.microseconds // 1000,
    "L": lambda log, resp, environ, time: f"{time.seconds}.{time.microseconds:06}",
    "p": lambda log, resp, environ, time: f"<{os.getpid()}>",
}
