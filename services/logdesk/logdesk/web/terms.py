"""One click on a value: its term joins the query, or leaves it."""

from __future__ import annotations

import re
from functools import lru_cache

from ..query import parse, term
from ..syntax import And, Node, Or, Words


def has(text: str, one: str) -> bool:
    """Whether `one` is among the terms that every line found by `text` must fit."""
    return parse(one).root in _conditions(text)


def toggled(text: str, one: str, *, opposite: str = "") -> str:
    """`text` with `one` at its end, or without it where it was. `opposite` would contradict it and goes."""
    if has(text, one):
        return _without(text, one)
    if opposite:
        text = _without(text, opposite)
    if isinstance(parse(text).root, Or):
        text = f"({text})"
    return f"{text} {one}".strip()


def only(*pairs: tuple[str, str]) -> str:
    """The query that asks for these fields' values and nothing else."""
    return " ".join(filter(None, (term(name, value) for name, value in pairs)))


def begun(text: str) -> str:
    """`text` with a * behind each of its words, so that `zerodivision` finds ZeroDivisionError; "" without a word that
    every line must have."""
    words = {one.text for one in _conditions(text) if isinstance(one, Words) and not one.prefix}
    longer = re.sub(r"\S+", lambda piece: piece[0] + "*" * (piece[0] in words), text)
    return "" if longer == text else longer


@lru_cache(maxsize=1024)  # a page asks the same of its own query for every value it shows
def _conditions(text: str) -> tuple[Node, ...]:
    root = parse(text).root
    return root.items if isinstance(root, And) else (root,)


def _without(text: str, one: str) -> str:
    """`text` as it is when it has `one` only as a part of something else, such as `NOT level:error`."""
    if f" {one} " not in f" {text} ":
        return text
    shorter = f" {text} ".replace(f" {one} ", " ", 1).strip()
    rest = list(_conditions(text))
    if parse(one).root in rest:
        rest.remove(parse(one).root)
    return shorter if list(_conditions(shorter)) == rest else text
