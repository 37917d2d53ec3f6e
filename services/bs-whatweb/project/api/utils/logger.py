"""JSONFormatter: one record, one line, one JSON object, whatever the record holds.

Works with `logging.config.fileConfig`, `dictConfig` and by hand, in any Python program. The contract of a line
is docs/fields.md; the names are the Elastic Common Schema's, flat and dotted.
"""

import logging
import math
import os
import re
import socket
from collections.abc import Mapping
from datetime import UTC, datetime
from itertools import islice
from typing import Any

import orjson

from . import access, context, encode, fit, redact, tracebacks
from .fields import OWN, REQUEST
from .sequence import PROCESS

ECS_VERSION = "8.17.0"
# event.dataset of the servers' own lines; all others are `app`. uvicorn.error is all that uvicorn says, as gunicorn's.
DATASETS = dict.fromkeys(access.LOGGERS, "access") | {"gunicorn.error": "error", "uvicorn.error": "error"}

# What LogRecord.__init__ sets. Dictionaries keep their order, so whatever follows these is from `extra`.
_STANDARD_NAMES = tuple(vars(logging.makeLogRecord({})))
_STANDARD = len(_STANDARD_NAMES)
_EVENT = "_event.id"  # where a record keeps its number
_NOT_EXTRA = frozenset({*_STANDARD_NAMES, "message", "asctime", "taskName", _EVENT})
_DIGITS = [f"{number:03}" for number in range(1000)]
# Seconds into a second, in which 0.2 µs may be added and not make it the next. They are added because a float of
# today's time is a multiple of 0.24 µs, and what is a whole microsecond may lie just below it.
_ROUNDABLE = 0.999_999_8
_JSON_OBJECT = re.compile(r'\s*\{\s*["}]')  # `{message}` isn't one, it is a format in style "{"
_UNCOUNTED = fit.MAX_LINE // 4
_MAX_CACHED = 4096  # call sites and keys; a program that makes them up starts again rather than grow


class JSONFormatter(logging.Formatter):
    """Formats records as JSON lines of at most 16 000 bytes; never raises, never drops a record.

    `fields`: static fields of every line, ECS name → value. From an INI file, which can't pass it, the section's
    `format` is read as a JSON object of the same. `service.name`, `service.version` and `service.environment`
    default to the environment's SERVICE_NAME, SERVICE_VERSION and SERVICE_ENVIRONMENT.

    `fmt`, `datefmt`, `style`, `validate` and `defaults` are what `logging.config` passes; a `fmt` that isn't a JSON
    object (a text format) is ignored, as is the rest: the line's form is the contract.
    """

    def __init__(  # noqa: PLR0913 - logging.config's
        self,
        fmt: str | None = None,
        datefmt: str | None = None,
        style: Any = "%",
        validate: bool = True,
        *,
        defaults: Mapping[str, Any] | None = None,
        fields: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__()
        static = {
            "ecs.version": ECS_VERSION,
            "service.name": os.environ.get("SERVICE_NAME", "python"),
            "service.version": os.environ.get("SERVICE_VERSION", "0"),
            "service.environment": os.environ.get("SERVICE_ENVIRONMENT", "development"),
            "host.hostname": socket.gethostname(),
        }
        configured = {**_object(fmt), **(fields or {})}
        if taken := ((OWN | REQUEST) - static.keys()) & configured.keys():
            raise ValueError(f"JSONFormatter: static fields can't be {sorted(taken)}: each line has its own")
        static |= configured
        self._service = static["service.name"]
        self._static_names = frozenset(static)
        self._static = encode.dumps(encode.clean(static))[1:-1]
        self._second = (-math.inf, "")
        self._sites: dict[tuple[Any, ...], tuple[str, str, bool]] = {}
        self._names: dict[Any, tuple[str, bool]] = {}

    def format(self, record: logging.LogRecord) -> str:
        try:
            line = self._line(record)
        except Exception as error:
            line = self._last_resort(record, error)
        # A character is at most four bytes, so most lines need no counting.
        return line if len(line) < _UNCOUNTED else fit.fit(line)

    def _line(self, record: logging.LogRecord) -> str:
        # The hot path: one function, and the record's dict last, because Python reads the attributes of an object
        # fastest until its dict has been asked for. bench/bench_formatter.py tells what a change costs.
        place = (record.name, record.levelname, record.pathname, record.lineno, record.funcName)
        level, fields, access_record = self._sites.get(place) or self._site(place, record)
        if access_record and isinstance(record.args, Mapping):
            message, taken, details = access.render(str(record.msg), record.args, self._static_names)
        else:
            taken, details = context.current()
            message = record.getMessage()
            # redact.plain without the call: most messages have nothing to search.
            if (
                "=" in message or ":" in message or "%" in message or "'" in message or '"' in message
                or len(message) > encode.MAX_TEXT
            ):  # fmt: skip
                message = encode.text(message)
        if record.exc_info or record.exc_text or record.stack_info:
            error = self._error(record)
            taken = {**taken, **error}
            details += encode.members(error)
        values = record.__dict__
        if len(values) > _STANDARD:
            details += self._extra(values, taken)
        try:
            message = orjson.dumps(message).decode()
        except TypeError:  # a lone surrogate
            message = encode.dumps(message)
        second, date = self._second
        offset = record.created - second
        if not 0.0 <= offset < _ROUNDABLE:
            offset, date = self._start_second(record.created)
        microsecond = int(offset * 1e6 + 0.2)
        # Last, when nothing can fail any more: a number without a line looks like a lost line. Once: a second
        # handler writes the same line with the same number. And ours: an `extra` of that name isn't a number.
        if len(values) > _STANDARD and type(event := values.get(_EVENT)) is tuple and event[0] is PROCESS.encoded:
            process, number = event
        else:
            values[_EVENT] = process, number = PROCESS.encoded, str(next(PROCESS.numbers))
        return (
            f"{date}{_DIGITS[microsecond // 1000]}{_DIGITS[microsecond % 1000]}{level}{message}{details}{fields}"
            f'{process}{number}","event.sequence":{number}}}'
        )

    def _start_second(self, created: float) -> tuple[float, str]:
        """How far into its second a record is, and how the lines of that second begin."""
        second = created // 1
        date = f'{{"@timestamp":"{datetime.fromtimestamp(second, UTC).isoformat()[:19]}.'
        self._second = (second, date)  # one assignment, so that other threads see both or none
        return min(created - second, 0.999_999_7), date

    def _site(self, place: tuple[Any, ...], record: logging.LogRecord) -> tuple[str, str, bool]:
        """The parts of a line that are the same for each record of one call site: what stands between the timestamp
        and the message, the fields behind it; and whether it is an access line."""
        dataset = DATASETS.get(record.name, "app")
        fields: dict[str, Any] = {"event.dataset": f"{self._service}.{dataset}"}
        if dataset != "access":
            fields |= {
                "log.logger": _str(record.name),
                "log.origin.file.name": _str(record.filename),
                "log.origin.file.line": record.lineno if isinstance(record.lineno, int) else 0,
                "log.origin.function": _str(record.funcName or "(unknown function)"),  # logging's own words
            }
        level = f'Z","log.level":{encode.dumps(record.levelname.lower())},"message":'
        site = (level, f",{self._static}{encode.members(encode.clean(fields))}", dataset == "access")
        if len(self._sites) >= _MAX_CACHED:
            self._sites.clear()
        self._sites[place] = site
        return site

    def _error(self, record: logging.LogRecord) -> dict[str, str]:
        kind, error, tb = record.exc_info or (None, None, None)
        fields = {}
        if kind is not None:
            fields = {"error.type": kind.__qualname__, "error.message": encode.text(_str(error))}
            if kind.__module__ != "builtins":
                fields["error.type"] = f"{kind.__module__}.{kind.__qualname__}"
        stack = encode.text(record.exc_text or "")
        if error is not None and not stack:
            stack = tracebacks.text(error, tb)
        stack = "\n".join(part for part in (stack.removesuffix("\n"), encode.text(record.stack_info or "")) if part)
        return {**fields, "error.stack_trace": stack} if stack else fields

    def _extra(self, values: Mapping[str, Any], taken: Mapping[str, Any]) -> str:
        """What the caller passed as `extra`: ECS fields as they are, anything else, and what would overwrite the
        record's own, under `labels`."""
        fields = {}
        clean = encode.Walk().clean
        for key, value in islice(values.items(), _STANDARD, None):
            if key in _NOT_EXTRA:
                continue
            name, secret = self._names.get(key) or self._name(key)
            if name in taken:
                name = f"labels.{name}"
            fields[name] = redact.REDACTED if secret else clean(value)
        return encode.members(fields)

    def _name(self, key: Any) -> tuple[str, bool]:
        """The field that a key of `extra` becomes, and whether its value is a secret."""
        if len(self._names) >= _MAX_CACHED:
            self._names.clear()
        name = encode.name_of(key)
        if "." not in name or name in OWN or name in self._static_names:
            name = f"labels.{name}"
        self._names[key] = named = (name, redact.is_secret(name))
        return named

    def _last_resort(self, record: logging.LogRecord, error: Exception) -> str:
        """A record that can't be rendered, e.g. `log.info("%d", "x")`: its template and arguments as they are.

        Mostly the rest of it is sound and is kept; if not, just who logged it.
        """
        values = vars(record)
        name = _str(values.get("name"))
        failed: dict[str, Any] = {
            "msg": "A log call failed: %s: %s",
            "args": (type(error).__qualname__, _str(error)),
            "labels.log_template": _str(values.get("msg")),
        }
        if name not in access.LOGGERS:  # its arguments are all of the request, cookies included
            failed["labels.log_arguments"] = values.get("args")
        try:
            safe = _record(name, values | failed)
            line = self._line(safe)
        except Exception:
            safe = _record(name, failed)
            line = self._line(safe)
        values[_EVENT] = vars(safe)[_EVENT]
        return line


def _object(fmt: str | None) -> dict[str, Any]:
    if not fmt or not _JSON_OBJECT.match(fmt):
        return {}
    try:
        value = orjson.loads(fmt)
    except orjson.JSONDecodeError as error:
        raise ValueError(f"JSONFormatter: format is not a JSON object of static fields ({error}): {fmt}") from None
    return dict(value)


def _record(name: str, attributes: Mapping[str, Any]) -> logging.LogRecord:
    record = logging.LogRecord(name, logging.ERROR, "", 0, "", (), None)
    vars(record).update(attributes)
    return record


def _str(value: object) -> str:
    try:
        return str(value)
    except Exception:
        return f"<{type(value).__name__}: str failed>"


class TextFormatter(logging.Formatter):
    """For reading by eye in development: without secrets, and no control character can forge a line or drive the
    terminal."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's name
        return encode.text(super().formatMessage(record)).translate(_CONTROL)

    def formatException(self, ei: Any) -> str:  # noqa: N802 - logging's name
        return encode.text(super().formatException(ei)).translate(_CONTROL_IN_LINES)


_CONTROL = {code: f"\\x{code:02x}" for code in (*range(32), *range(127, 160))}
_CONTROL_IN_LINES = {code: text for code, text in _CONTROL.items() if code != ord("\n")}
