"""What a query is made of."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

_WORD = re.compile(r"[^\W_]+")

Number = int | float


@dataclass(frozen=True, slots=True)
class Words:
    """These words side by side in the text; with `prefix` the last may go on."""

    text: str
    prefix: bool = False


@dataclass(frozen=True, slots=True)
class Value:
    """A field's value. With `wildcard` every * in `text` stands for anything and the whole value must fit; with
    `whole` the value must be the text; else it depends on the field (fields.WHOLE)."""

    field: str
    text: str
    wildcard: bool = False
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Compare:
    """Levels compare by fields.SEVERITY, all other values as numbers."""

    field: str
    op: str  # one of < <= > >= =
    number: Number


@dataclass(frozen=True, slots=True)
class Has:
    field: str


@dataclass(frozen=True, slots=True)
class Not:
    item: Node


@dataclass(frozen=True, slots=True)
class And:
    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Or:
    items: tuple[Node, ...]


Node = Words | Value | Compare | Has | Not | And | Or
EVERYTHING = And(())


def words(text: str) -> list[str]:
    """The words of a text as the index has them: letters and digits, without case and accents."""
    if not text.isascii():
        decomposed = unicodedata.normalize("NFD", text)
        text = unicodedata.normalize("NFC", "".join(c for c in decomposed if not unicodedata.combining(c)))
    return _WORD.findall(text.lower())
