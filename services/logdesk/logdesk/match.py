"""Whether a line fits a query: what the index can't decide alone is decided on the line itself."""

from __future__ import annotations

import operator
from typing import Any

from . import fields as f
from . import record
from .syntax import And, Compare, Has, Node, Not, Number, Or, Value, Words, words

_COMPARE = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "=": operator.eq,
}
_LOWER = {ord(upper): ord(upper) + 32 for upper in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"}


def matches(node: Node, fields: dict[str, Any]) -> bool:
    """`fields` as record.parse gives them."""
    match node:
        case And(items):
            return all(matches(item, fields) for item in items)
        case Or(items):
            return any(matches(item, fields) for item in items)
        case Not(item):
            return not matches(item, fields)
        case Words(text, prefix):
            return contains(words(record.text(fields)), words(text), prefix=prefix)
        case Has(name):
            return fields.get(name, "") not in ("", None) if name in f.WHOLE else name in fields
        case _:
            value = fields.get(node.field)
            return any(fits(node, one) for one in (value if isinstance(value, list) else [value]) if one is not None)


def fits(condition: Value | Compare, value: object) -> bool:
    """Whether one value of the field fits."""
    if isinstance(condition, Compare):
        number = f.SEVERITY.get(record.name(value).lower()) if condition.field == f.LEVEL else as_number(value)
        return number is not None and bool(_COMPARE[condition.op](number, condition.number))
    text = fold(record.name(value))
    if condition.field == f.PATH:
        text = text[: f.MAX_PATH]
    if condition.wildcard:
        return _fits_pattern(text, fold(condition.text))
    if condition.whole:
        return text == fold(condition.text)
    return contains(words(text), words(condition.text))


def contains(sequence: list[str], part: list[str], *, prefix: bool = False) -> bool:
    """Whether `part` stands in the sequence in one piece; with `prefix` its last word may go on."""
    if prefix:
        head, last = part[:-1], part[-1]
        return any(
            sequence[at : at + len(head)] == head and sequence[at + len(head)].startswith(last)
            for at in range(len(sequence) - len(head))
        )
    return any(sequence[at : at + len(part)] == part for at in range(len(sequence) - len(part) + 1))


def fold(text: str) -> str:
    """Without case, for ASCII letters only: as SQLite's LIKE does it."""
    return text.translate(_LOWER)


def as_number(value: object) -> Number | None:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    if isinstance(value, str):
        try:
            return float(value) if len(value) < 40 else None
        except ValueError:
            return None
    return None


def _fits_pattern(text: str, pattern: str) -> bool:
    """Whether all of `text` fits; each * stands for anything. The first place for each part is as good as any, so there
    is nothing to try again: as a regular expression, five * and a text of many equal letters take hours."""
    first, *middle, last = pattern.split("*")
    at, end = len(first), len(text) - len(last)
    if end < at or not text.startswith(first) or not text.endswith(last):
        return False
    for part in middle:
        found = text.find(part, at, end)
        if found < 0:
            return False
        at = found + len(part)
    return True
