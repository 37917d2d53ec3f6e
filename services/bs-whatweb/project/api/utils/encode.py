"""Any Python value as JSON text: never an exception, never a secret, never an unbounded walk."""

import math
import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from enum import Enum
from typing import Any
from uuid import UUID

import orjson

from . import redact

MAX_DEPTH = 8
MAX_NODES = 2000  # a recursive structure with several branches would otherwise grow without end
MAX_NAME = 256  # characters of a field's name
TEXT_PER_NODE = 64  # characters that cost as much as a node: all texts together are bounded, too
MAX_TEXT = 32_000  # twice a line: more can't be shown, so more isn't searched for secrets
_CUT = re.compile(r"…\[(\d{1,9}) characters cut\]…")
# Subclasses, e.g. Markup and numpy's float64, as what they are; their own __str__ may say something else.
_PLAIN: tuple[tuple[type, Callable[[Any], Any]], ...] = (
    (str, str.__str__),
    (int, int.__int__),
    (float, float.__float__),
)
_SEQUENCES = (list, tuple, set, frozenset)
_INT64 = range(-(2**63), 2**63)


def dumps(value: Any) -> str:
    """`value` as JSON; what JSON or UTF-8 can't hold appears as its repr or backslash-escaped."""
    try:
        return orjson.dumps(value).decode()
    except (TypeError, ValueError, RecursionError):
        return orjson.dumps(clean(value)).decode()


def members(fields: Mapping[str, Any]) -> str:
    """`fields` as they stand inside of a JSON object, behind others: `,"name":value,…`; empty when there are none."""
    return f",{dumps(fields)[1:-1]}" if fields else ""


def clean(value: Any, key: str = "") -> Any:
    """`value` as something JSON can hold, redacted; `key` is the name that it stands under."""
    return Walk().clean(value, key)


def text(value: str) -> str:
    """Free text without its secrets, its middle cut when no line could hold it anyway."""
    if len(value) <= MAX_TEXT:
        return redact.text(value)
    # Twice of what is shown is searched: a secret whose key went with the middle can stand behind the cut only.
    head, tail = redact.text(value[: MAX_TEXT // 2]), redact.text(value[-MAX_TEXT // 2 :])
    shown = MAX_TEXT // 4
    return _joined(head[:shown], len(value) - 2 * shown, tail[-shown:])


def cut(value: str, size: int) -> str:
    """`value` with its middle cut, and the cut marked, to about `size` characters."""
    half = max(0, size // 2 - 12)
    middle = value[half : len(value) - half]
    earlier = _CUT.search(middle)  # cut before: count what went then as well
    count = len(middle) + (int(earlier[1]) - len(earlier[0]) if earlier else 0)
    return _joined(value[:half], count, value[len(value) - half :])


def _joined(head: str, count: int, tail: str) -> str:
    return f"{head}…[{count} characters cut]…{tail}"


class Walk:
    """One walk through the values of a record, with a budget of nodes for all of them."""

    def __init__(self) -> None:
        self.nodes = MAX_NODES

    def clean(self, value: Any, key: str = "", depth: int = 0) -> Any:  # noqa: PLR0911 - one for each kind
        if key and redact.is_secret(key):
            return redact.REDACTED
        kind = type(value)
        if kind is str:
            return self.text(value)
        if value is None or kind is bool:
            return value
        if kind is int:
            return value if value in _INT64 else _repr(value)
        if kind is float:
            return value if math.isfinite(value) else repr(value)
        self.nodes -= 1
        if self.nodes < 0 or depth >= MAX_DEPTH:
            return "…"
        try:
            return self.other(value, depth)
        except Exception:  # somebody else's class may do anything
            return self.text(_repr(value))

    def mapping(self, value: Mapping[Any, Any], depth: int) -> dict[str, Any]:
        result: dict[str, Any] = {}
        for key, item in value.items():
            if self.nodes <= 0:
                result["…"] = "…"
                break
            self.nodes -= 1
            name = self.text(name_of(key))
            result[name] = self.clean(item, name, depth + 1)
        return result

    def sequence(self, value: Any, depth: int) -> list[Any]:
        result: list[Any] = []
        for item in value:
            if self.nodes <= 0:
                result.append("…")
                break
            self.nodes -= 1
            # A pair is often a header or a form's field: ("Authorization", "Bearer …").
            key = result[0] if len(result) == 1 and len(value) == 2 and isinstance(result[0], str) else ""
            result.append(self.clean(item, key[:MAX_NAME], depth + 1))
        return result

    def other(self, value: Any, depth: int) -> Any:  # noqa: PLR0911 - one for each kind
        if isinstance(value, tuple) and hasattr(value, "_asdict"):  # a NamedTuple: its names say what is secret
            value = value._asdict()
        if isinstance(value, _SEQUENCES):
            return self.sequence(value, depth)
        if isinstance(value, Mapping):
            return self.mapping(value, depth)
        if isinstance(value, datetime | date | time):
            return value.isoformat()
        if isinstance(value, UUID):
            return str(value)
        if isinstance(value, Enum):
            return self.clean(value.value, "", depth + 1)
        for base, plain in _PLAIN:
            if isinstance(value, base):
                return self.clean(plain(value), "", depth + 1)
        return self.text(_repr(value))

    def text(self, value: str) -> str:
        if len(value) < TEXT_PER_NODE and value.isascii() and "=" not in value and redact.plain(value):
            return value  # most values: nothing below would change them
        self.nodes -= min(len(value), MAX_TEXT) // TEXT_PER_NODE
        value = text(value if self.nodes > 0 or len(value) <= MAX_NAME else cut(value, MAX_NAME))
        # A lone surrogate, which UTF-8 can't hold, comes from a file name or an environment that isn't UTF-8.
        return value if value.isascii() else value.encode("utf-8", "backslashreplace").decode()


def name_of(key: Any) -> str:
    """A dictionary's key as a field's name."""
    name = key if type(key) is str else _repr(key)
    return cut(name, MAX_NAME) if len(name) > MAX_NAME else name


def _repr(value: Any) -> str:
    try:
        return repr(value)
    except Exception:
        return f"<{type(value).__name__}: repr failed>"
