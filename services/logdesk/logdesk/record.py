"""One line of the archive as the index sees it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import lru_cache
from operator import itemgetter
from typing import Any, NamedTuple

import orjson

from . import fields as f

MAX_TEXT = 65_536  # characters of a line that are searchable; the archive has them all
_ENTITY = re.compile(r"[A-Za-z0-9._:-]+\Z")
_MAX_INTEGER = 2**63 - 1
_MAX_SEQUENCE = 10**12  # more than a process writes in its life; what thousands claim adds up to 64 bits still
YEAR_10000_US = 253_402_300_800_000_000
_MAX_DEPTH = 16
_MAX_PREFIX = 256  # characters: each name in a nested object repeats those of the objects around it
_MAX_NAMES = 8_000  # bytes, about, of the names in a layout that is remembered


class Layout:
    """What follows from the names of a line's fields alone. Equal only to itself, so that it is cheap as a key."""

    def __init__(self, keys: tuple[str, ...]) -> None:
        texts = [key for key in keys if key not in f.HEAD and key not in f.NAMES]
        self.text = _values(texts)
        self.names = _values([key for key in keys if key in f.NAMES])
        self.present = [key for key in texts if key not in f.COMMON]
        self.is_kept = sum(map(len, keys)) + 50 * len(keys) <= _MAX_NAMES


# What a line has in common with many others, so that the index translates it once: the folder, the layout, the
# duration's number of bits, and the values of SHAPED in their order, as the line has them (a list can't be hashed).
Shape = tuple[str, Layout, int | None, tuple[Any, ...]]
SHAPED = (*f.SOURCE, *f.TAGGED)


class Record(NamedTuple):
    """`time_us` is None when the line has no time. A numbered line has both `entity_id` and `sequence`.
    It holds no more than is stored: keeping the parsed lines of a batch costs half of the speed in cache misses."""

    time_us: int | None
    service: str
    shape: Shape
    status: int | None
    duration_ns: int | None
    path: str | None
    entity_id: str | None
    sequence: int | None
    text: str
    names: str


def parse(line: bytes, service: str) -> dict[str, Any]:
    """The fields of a line, flat and dotted. Never raises: what is no JSON object becomes its own message, marked as
    rsyslog marks one (`event.kind`), so that nothing that was written can't be found."""
    try:
        fields = orjson.loads(line)
    except orjson.JSONDecodeError:
        fields = None
    if fields.__class__ is not dict:
        text = line.decode("utf-8", "backslashreplace").rstrip("\r\n")
        return {"event.kind": "pipeline_error", "service.name": service, "message": text}
    if line.find(b"{", 1) > 0 and dict in map(type, fields.values()):
        return dict(_flat(fields, ""))
    result: dict[str, Any] = fields
    return result


def _flat(fields: dict[str, Any], prefix: str, depth: int = 0) -> Iterator[tuple[str, Any]]:
    for key, value in fields.items():
        if value.__class__ is not dict:
            yield prefix + key, value
        elif depth < _MAX_DEPTH and len(prefix) + len(key) < _MAX_PREFIX:
            yield from _flat(value, f"{prefix}{key}.", depth + 1)
        else:
            yield prefix + key, orjson.dumps(value).decode()


def record(line: bytes, service: str) -> Record:
    """Read a line of the folder `service`. Never raises."""
    fields = parse(line, service)
    get = fields.get
    layout = _layout(tuple(fields))
    entity_id, sequence = get("process.entity_id"), get("event.sequence")
    if not (
        sequence.__class__ is int
        and 0 < sequence < _MAX_SEQUENCE
        and entity_id.__class__ is str
        and len(entity_id) <= 128
        and _is_entity(entity_id)
    ):
        entity_id = sequence = None
    shaped = tuple(map(get, SHAPED))
    status, path, duration_ns = shaped[_STATUS], get(f.PATH), whole(get(f.DURATION))
    return Record(
        time_us(get("@timestamp")) or time_us(get("event.ingested")),
        name(shaped[0]) or service,
        (service, layout, None if duration_ns is None else duration_ns.bit_length(), shaped),
        status if status.__class__ is int and 0 <= status <= 999 else None,
        duration_ns,
        path[: f.MAX_PATH] if path.__class__ is str and path else None,
        entity_id,
        sequence,
        layout.text(fields),
        layout.names(fields),
    )


_STATUS = SHAPED.index("http.response.status_code")


def text(fields: dict[str, Any]) -> str:
    """What a search for bare words looks through: every value that isn't kept elsewhere."""
    return _layout(tuple(fields)).text(fields)


def _layout(keys: tuple[str, ...]) -> Layout:
    """A plain dict: functools.lru_cache takes three times as long for a key that is a tuple."""
    layout = _layouts.get(keys)
    if layout is None:
        if len(_layouts) >= _MAX_LAYOUTS:
            _layouts.clear()
        layout = Layout(keys)
        if layout.is_kept:
            _layouts[keys] = layout
    return layout


_layouts: dict[tuple[str, ...], Layout] = {}
_MAX_LAYOUTS = 1000


def _values(keys: list[str]) -> Callable[[dict[str, Any]], str]:
    """A function that joins the values of these keys."""
    if len(keys) < 2:  # itemgetter would give the value itself
        return lambda fields: "".join(str(fields[key]) for key in keys)[:MAX_TEXT]
    pick = itemgetter(*keys)

    def joined(fields: dict[str, Any]) -> str:
        try:
            text = "\n".join(pick(fields))
        except TypeError:  # a value that is no string
            text = "\n".join(map(str, pick(fields)))
        return text if len(text) <= MAX_TEXT else text[:MAX_TEXT]

    return joined


def name(value: object) -> str:
    """The value of a field that holds a name, as one; empty when there is none."""
    return value if isinstance(value, str) else "" if value is None else str(value)


def whole(value: object) -> int | None:
    """A duration as SQLite can hold it: 0 … 2⁶³-1, else None."""
    if isinstance(value, float) and abs(value) < _MAX_INTEGER:
        value = int(value)
    return value if type(value) is int and 0 <= value <= _MAX_INTEGER else None


def time_us(value: object) -> int | None:
    """RFC 3339 to microseconds since the epoch; None for anything else, and for times before 1970 or after 9999."""
    if not isinstance(value, str):
        return None
    try:
        if len(value) == 27 and value[19] == "." and value[26] == "Z" and value[20:26].isdecimal():
            # Our own form: the second is cached, the rest is arithmetic.
            us = _second_us(value[:19]) + int(value[20:26])
        else:
            moment = datetime.fromisoformat(value)
            us = round((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * 1_000_000)
    except (ValueError, OverflowError):
        return None
    return us if 0 < us < YEAR_10000_US else None


@lru_cache(maxsize=4096)
def _second_us(second: str) -> int:
    return int(datetime.fromisoformat(second).replace(tzinfo=UTC).timestamp()) * 1_000_000


@lru_cache(maxsize=4096)
def _is_entity(text: str) -> bool:
    return _ENTITY.match(text) is not None
