"""One click on a value: its term joins the query, or leaves it."""

from __future__ import annotations

from ..query import term


def has(text: str, one: str) -> bool:
    return f" {one} " in f" {text} "


def toggled(text: str, one: str) -> str:
    """`text` with `one` at its end, or without it where it was."""
    if has(text, one):
        return " ".join(f" {text} ".replace(f" {one} ", " ", 1).split(" ")).strip()
    return f"{text} {one}".strip()


def only(*pairs: tuple[str, str]) -> str:
    """The query that asks for these fields' values and nothing else."""
    return " ".join(filter(None, (term(name, value) for name, value in pairs)))
