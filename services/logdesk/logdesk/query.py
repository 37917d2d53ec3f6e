"""The query language: see docs/query.md."""

from __future__ import annotations

import re
from dataclasses import dataclass

from . import fields as f
from .parser import FIELD, Parser, Problem, is_known
from .syntax import EVERYTHING, Node

_PLAIN = re.compile(r"[\w/@+][\w./@+:-]*")


@dataclass(frozen=True, slots=True)
class Query:
    """A parsed query; without conditions it finds everything. When `problem` is set (a sentence for the person who
    typed it) it finds nothing."""

    text: str
    root: Node = EVERYTHING
    problem: str | None = None


def parse(text: str) -> Query:
    """Never raises: what can't be understood is said in `problem`."""
    try:
        return Query(text, Parser(text).parse())
    except Problem as problem:
        return Query(text, problem=str(problem))


def term(field: str, value: object, *, exclude: bool = False) -> str | None:
    """The term that finds exactly this value of a field (a level in all its spellings): what a click on the value adds
    to the query. None when no term can (the name or the value can't be written in the language)."""
    name = f.ALIASES.get(field, field)
    shown = f.SHORT.get(name, name)
    text = str(value).lower() if isinstance(value, bool) else str(value)
    if not FIELD.fullmatch(shown + ":") or not is_known(shown) or not text or len(text) > 500:
        return None
    if isinstance(value, list | dict | float) or value is None:
        return None
    if name == f.DURATION:
        is_duration = type(value) is int and 0 <= value < 10**18
        return f"{'-' * exclude}{shown}:{text}ns" if is_duration else None
    if name not in f.WHOLE:
        shown += ":="
    else:
        shown += ":"
    plain = text.isdecimal() if name in f.NUMBERS else _PLAIN.fullmatch(text) and ".." not in text
    if not plain:
        text = '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return f"{'-' * exclude}{shown}{text}"
