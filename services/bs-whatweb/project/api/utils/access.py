"""gunicorn's access records from `access_log_format`, a JSON template of gunicorn's atoms, treated as data.

The template is parsed once. Each value is then filled from the raw atom and encoded by the JSON encoder, so that
nothing a client sends can leave its value: the template as a %-format, which gunicorn would apply, breaks on a
backslash and lets a path with %0A forge a line.

- a value that is digits and numeric atoms only becomes a number: `"%(s)s"` → 200, `"%(D)s000"` → nanoseconds
- a key with a dot is an ECS field, left out when the request doesn't have it; any other key keeps gunicorn's "-"
- "message" may be set; the other fields that the formatter fills itself may not, and are left out
- values of secret headers, and of secret keys in query strings, are redacted

Atoms: https://docs.gunicorn.org/en/stable/settings.html#access-log-format
"""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

import orjson

from . import encode, redact
from .fields import OWN

# Whose records are access lines: `log.info(template, atoms)`. The second is for ASGI servers, which have no atoms of
# their own: see examples/fastapi_app/middleware.py.
LOGGERS = frozenset({"gunicorn.access", "asgi.access"})

Atoms = Mapping[str, Any]
Fill = Callable[[Atoms], Any]

# The WSGI environ keys in which the service leaves the request's ids. The record is made after the request
# ended, when its context variables are gone; gunicorn offers the environ's values as atoms.
TRACE_ID = "bs.trace_id"
REQUEST_ID = "bs.request_id"
TRACE_ATOM = f"{{{TRACE_ID}}}e"
REQUEST_ATOM = f"{{{REQUEST_ID}}}e"

ABSENT = "-"  # what gunicorn has for an atom that the request doesn't
_ATOM = re.compile(r"%\(((?:\{[^}]*\}[ioe])|\w+)\)[sd]")
_BARE = re.compile(r'("(?:[^"\\]|\\.)*")|(%\([^)]*\)[sd])')
_NUMERIC = {"s", "B", "b", "D", "L", "M", "T", "{content-length}i", "{content-length}o"}
_SAFE = {"h", "l", "t", "m", "H", "p"}  # nothing in them to hide or to decode
_QUERY = {"q", "{query_string}e"}
_AGENT = {"a", "{user-agent}i"}
_NUMBER = re.compile(r"(?:0|[1-9][0-9]{0,17})(?:\.[0-9]{1,9})?")  # what Elasticsearch's long and double hold


def render(template: str, atoms: Atoms, taken: frozenset[str]) -> tuple[str, Mapping[str, Any], str]:
    """The record's message, and its fields, the request's ids first, as a mapping and as they stand in the line.

    `taken`: names that the line has already.
    """
    fields = _ids(atoms)
    fills = _parse(template, taken)
    if fills is None:
        return template % _Texts(atoms), fields, encode.members(fields)
    for key, fill in fills:
        if key not in fields and (value := fill(atoms)) is not None:
            fields[key] = value
    return str(fields.pop("message")), fields, encode.members(fields)


def _ids(atoms: Atoms) -> dict[str, Any]:
    trace_id, request_id = atoms.get(TRACE_ATOM), atoms.get(REQUEST_ATOM)
    return {"trace.id": trace_id, "http.request.id": request_id} if trace_id and request_id else {}


@lru_cache(maxsize=16)
def _parse(template: str, taken: frozenset[str]) -> list[tuple[str, Fill]] | None:
    """Each key of the template with what fills its value; None when the template isn't a JSON object."""
    quoted = _BARE.sub(lambda match: match.group(1) or f'"{match.group(2)}"', template)
    try:
        fields = orjson.loads(quoted)
    except orjson.JSONDecodeError:
        return None
    if not isinstance(fields, dict):
        return None
    taken |= OWN - {"message"}
    fields["message"] = fields.get("message") or "%(m)s %(U)s %(s)s"
    return [(key, _value(value, ecs="." in key)) for key, value in fields.items() if key not in taken]


def _value(value: Any, ecs: bool) -> Fill:
    if isinstance(value, dict):
        inner = [(key, _value(item, ecs="." in key)) for key, item in value.items()]
        return lambda atoms: {key: filled for key, fill in inner if (filled := fill(atoms)) is not None}
    if isinstance(value, list):
        items = [_value(item, ecs=False) for item in value]
        return lambda atoms: [fill(atoms) for fill in items]
    if not isinstance(value, str) or not _ATOM.search(value):
        return lambda atoms: value
    literals, names = (parts := _ATOM.split(value))[::2], [_name(name) for name in parts[1::2]]
    pattern = "%s".join(literal.replace("%", "%%") for literal in literals)
    if _NUMERIC.issuperset(names) and not "".join(literals).strip("0123456789."):
        return _number(pattern, names, ecs)
    if literals == ["", ""]:
        return _text(names[0], ecs)
    texts = [_text(name) for name in names]
    return lambda atoms: pattern % tuple([text(atoms) for text in texts])


def _number(pattern: str, names: list[str], ecs: bool) -> Fill:
    texts = [_text(name) for name in names]
    absent = [ABSENT] * len(names)
    # Those of gunicorn's that are numbers already are multiplied, not written and read: `%(D)s000`.
    factor = 10 ** (len(pattern) - 2) if pattern.rstrip("0") == "%s" else 0

    def fill(atoms: Atoms) -> int | float | str | None:
        value = atoms.get(names[0])
        if factor and type(value) is int and value >= 0:
            return value * factor
        number = pattern % tuple(map(atoms.get, names, absent))
        if _NUMBER.fullmatch(number):
            return float(number) if "." in number else int(number)
        return None if ecs else pattern % tuple([text(atoms) for text in texts])

    return fill


def _name(name: str) -> str:
    return name.lower() if name[0] == "{" else name  # as gunicorn stores it


@lru_cache(maxsize=256)
def _text(name: str, ecs: bool = False) -> Callable[[Atoms], Any]:
    """What reads the atom as the client sent it: gunicorn's escaping undone, its Latin-1 read as UTF-8, secrets
    redacted; as an ECS field None for what the request doesn't have, and the version of HTTP as its number alone."""
    left_out = (ABSENT, "") if ecs else ()
    shown = _version if ecs and name == "H" else _shown(name)

    def text(atoms: Atoms) -> str | None:
        value = atoms.get(name, ABSENT)
        if value in left_out:
            return None
        if value == ABSENT or not isinstance(value, str):
            return str(value)
        if '\\"' in value:  # SafeAtoms put exactly one backslash before each quote
            value = value.replace('\\"', '"')
        if not value.isascii():
            value = _utf8(value)
        return shown(value)

    return text


def _shown(name: str) -> Callable[[str], str]:
    """What takes the secrets out of an atom."""
    if name in _SAFE:
        return str
    if name in _QUERY:
        return redact.query
    if name in _AGENT:
        return lru_cache(maxsize=256)(redact.text)  # the same few come again and again
    if name[0] == "{" and redact.is_secret(name[1:-2]):
        return lambda _: redact.REDACTED
    return redact.text


def _version(value: str) -> str:
    return value.removeprefix("HTTP/")


def _utf8(value: str) -> str:
    try:
        return value.encode("latin-1").decode("utf-8", "backslashreplace")
    except UnicodeEncodeError:  # not from the wire: set by the application, already text
        return value


class _Texts(dict[str, str]):
    """Atoms for a template that isn't JSON, as safe as the JSON ones."""

    def __init__(self, atoms: Atoms) -> None:
        super().__init__()
        self._atoms = atoms

    def __getitem__(self, name: str) -> str:
        return str(_text(_name(name))(self._atoms))
