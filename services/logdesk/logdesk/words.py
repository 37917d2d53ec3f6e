"""The dictionary of one day: a number for each of the few different values that many lines share."""

from __future__ import annotations

import sqlite3
from typing import NamedTuple

import orjson

from . import fields as f
from .record import Shape, name

MAX_LENGTH = 500  # characters
MAX_OF_A_KIND = 5_000
OTHER = ""  # stands for every value beyond these limits: a sender can't make the dictionary grow for ever
_MAX_SHAPES = 5_000  # kept in memory, with up to so many characters each
_MAX_SHAPE = 2_000


class Columns(NamedTuple):
    """The numbers that a shape gives to each of its lines, and its tokens in the full-text index."""

    service: int
    source: int
    level: int | None
    logger: int | None
    method: int | None
    tags: str


def tag(id: int) -> str:
    """The token of a word in the full-text index."""
    return f"w{id}"


def process_tag(id: int) -> str:
    return f"p{id}"


class Words:
    """The writer's side: numbers for words, new ones added. Make a new one after a rollback."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._ids: dict[tuple[str, str], int] = {
            (kind, text): id for id, kind, text in db.execute("SELECT id, kind, text FROM word")
        }
        self._sizes: dict[str, int] = dict(db.execute("SELECT kind, count(*) FROM word GROUP BY kind"))
        self._shapes: dict[Shape, Columns] = {}

    def id(self, kind: str, text: str) -> int:
        known = self._ids.get((kind, text))
        if known is not None:
            return known
        size = self._sizes.get(kind, 0)
        if text != OTHER and (len(text) > MAX_LENGTH or size >= MAX_OF_A_KIND):
            return self.id(kind, OTHER)
        new = self._db.execute("INSERT INTO word (kind, text) VALUES (?, ?)", (kind, text)).lastrowid
        assert new is not None
        self._ids[kind, text] = new
        self._sizes[kind] = size + 1
        return new

    def columns(self, shape: Shape) -> Columns:
        try:
            known = self._shapes.get(shape)
        except TypeError:  # a list where a name should be
            return self._translate(shape)
        if known is None:
            if len(self._shapes) >= _MAX_SHAPES:
                self._shapes.clear()
            known = self._translate(shape)
            if shape[1].is_kept and sum(len(value) for value in shape[3] if isinstance(value, str)) <= _MAX_SHAPE:
                self._shapes[shape] = known
        return known

    def _translate(self, shape: Shape) -> Columns:
        folder, layout, magnitude, shaped = shape
        values = list(map(name, shaped))
        source = [values[0] or folder, *values[1 : len(f.SOURCE)]]
        tagged = values[len(f.SOURCE) :]
        tagged[_LEVEL] = tagged[_LEVEL].lower()
        ids = [self.id(kind, value) if value else None for kind, value in zip(f.TAGGED, tagged, strict=True)]
        source_id = self.id("source", orjson.dumps(source).decode())
        tokens = [source_id, *(id for id in ids if id is not None)]
        tokens += [self.id(f.HAS, field) for field in layout.present]
        if magnitude is not None:
            tokens.append(self.id(f.MAGNITUDE, str(magnitude)))
        level, logger, method = ids[:3]
        tags = " ".join(map(tag, tokens))
        return Columns(self.id("service", source[0]), source_id, level, logger, method, tags)


_LEVEL = f.TAGGED.index("log.level")
