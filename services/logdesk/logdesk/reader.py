"""The index, opened for reading."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

import orjson

from . import generations
from .archive import list_files
from .day import VERSION
from .days import existing, with_siblings
from .rollups import COARSE, LEVEL
from .settings import Settings

MAX_SECONDS = 10.0
_EVENTS = "SELECT coalesce(sum(n), 0) FROM rollup WHERE kind = ? AND width = ?"
_OPCODES_A_LOOK = 50_000  # about a millisecond of SQLite's work


class IndexMissing(RuntimeError):  # noqa: N818 - a state to be told, not a bug
    """There is nothing to search; the message says what to do."""


class TooSlow(RuntimeError):  # noqa: N818 - a state to be told, not a bug
    """A question took more than MAX_SECONDS; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time, [start, end), in microseconds since the epoch, UTC."""

    start_us: int
    end_us: int


@dataclass(frozen=True, slots=True)
class Stats:
    """`lag_bytes` are in the archive and not yet in the index."""

    events: int
    index_bytes: int
    archive_bytes: int
    lag_bytes: int
    first_us: int | None
    last_us: int | None
    services: list[str]


class Shard:
    """One day of the index. `first` … `last` are the keys (times in µs) of its oldest and newest line, `arrival` is the
    number of the last transaction, when it was opened: lines of later ones may be seen or not."""

    def __init__(self, index: Index, day: str, path: Path) -> None:
        self.day = day
        self._index = index
        self._db = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None)
        self._db.execute("PRAGMA cache_size = -8000")
        self._db.set_progress_handler(index.is_late, _OPCODES_A_LOOK)
        self._words: dict[str, list[tuple[int, str]]] = {}
        self._texts: dict[int | None, str] = {None: ""}
        self._sources: dict[int, list[str]] = {}
        self.first, self.last, self.arrival = 0, -1, 0
        if self._is_ready():
            # One statement, so that all three are of one moment. min and max apart, as SQLite goes straight to the end
            # of a table only for one of them.
            self.first, self.last, self.arrival = self.rows(
                "SELECT coalesce((SELECT min(id) FROM line), 0), coalesce((SELECT max(id) FROM line), -1),"
                " coalesce((SELECT max(arrival) FROM file), 0)"
            ).fetchone()
        self.is_empty = self.last < self.first

    def _is_ready(self) -> bool:
        return bool(self._db.execute("PRAGMA user_version").fetchone()[0] == VERSION)

    def close(self) -> None:
        self._db.close()

    def rows(self, sql: str, parameters: Any = ()) -> Rows:
        return Rows(self._db, sql, parameters)

    def words(self, kind: str) -> list[tuple[int, str]]:
        """All words of a kind, with their ids."""
        if kind not in self._words:
            self._words[kind] = list(self.rows("SELECT id, text FROM word WHERE kind = ?", (kind,)))
        return self._words[kind]

    def text(self, id: int | None) -> str:
        """The word with this id, empty for None."""
        if id not in self._texts:
            row = self.rows("SELECT text FROM word WHERE id = ?", (id,)).fetchone()
            self._texts[id] = row[0] if row else ""
        return self._texts[id]

    def source(self, id: int) -> list[str]:
        """The values of fields.SOURCE; all empty when the day has more sources than the index tells apart."""
        if id not in self._sources:
            self._sources[id] = orjson.loads(self.text(id) or '["","","","",""]')
        return self._sources[id]


class Rows:
    """The rows of a statement; raises TooSlow when it was interrupted for being late."""

    def __init__(self, db: sqlite3.Connection, sql: str, parameters: Any) -> None:
        self._cursor = self._guarded(lambda: db.execute(sql, parameters))

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        return iter(self.fetchall())

    def fetchone(self) -> Any:
        return self._guarded(self._cursor.fetchone)

    def fetchall(self) -> list[tuple[Any, ...]]:
        rows: list[tuple[Any, ...]] = self._guarded(self._cursor.fetchall)
        return rows

    @staticmethod
    def _guarded(call: Any) -> Any:
        try:
            return call()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode == sqlite3.SQLITE_INTERRUPT:
                raise TooSlow(
                    f"The search was stopped after {MAX_SECONDS:.0f} seconds: choose a shorter time, or add a word"
                    " or a field that fewer lines have."
                ) from None
            raise


class Index:
    """Open for reading. Use it in one thread, close it after the request."""

    def __init__(self, settings: Settings, generation: Path) -> None:
        self.archive = settings.archive
        self.settings = settings
        self._paths = existing(generation)
        self._shards: dict[str, Shard] = {}
        self._deadline = 0.0
        self.start_clock()

    def __enter__(self) -> Index:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        for shard in self._shards.values():
            shard.close()
        self._shards.clear()

    def start_clock(self) -> None:
        """Each question has MAX_SECONDS of its own."""
        self._deadline = time.monotonic() + MAX_SECONDS

    def is_late(self) -> bool:
        return time.monotonic() > self._deadline

    def shards(self, span: Span | None = None) -> list[Shard]:
        """The days with lines in the span, those with the newest lines first."""
        found = [shard for shard in map(self._shard, self._paths) if not shard.is_empty]
        if span is not None:
            found = [s for s in found if s.first < span.end_us and s.last >= span.start_us]
        return sorted(found, key=lambda shard: (shard.last, shard.day), reverse=True)

    def shard(self, day: str) -> Shard | None:
        return self._shard(day) if day in self._paths else None

    def bytes(self) -> int:
        files = [file for path in self._paths.values() for file in with_siblings(path)]
        return sum(file.stat().st_size for file in files if file.exists())

    def _shard(self, day: str) -> Shard:
        if day not in self._shards:
            self._shards[day] = Shard(self, day, self._paths[day])
        return self._shards[day]


def open_index(settings: Settings) -> Index:
    """Raises IndexMissing when nothing was indexed yet."""
    generation = generations.current(settings.index)
    if generation is None:
        raise IndexMissing(f"There is no index in {settings.index} yet. Start the indexer: python -m logdesk index")
    return Index(settings, generation)


def stats(db: Index) -> Stats:
    db.start_clock()
    events = 0
    read: dict[str, int | None] = {}
    services: set[str] = set()
    shards = db.shards()
    for shard in shards:
        events += shard.rows(_EVENTS, (LEVEL, COARSE)).fetchone()[0]
        services.update(text for _, text in shard.words("service") if text)
        for path, offset, packed in shard.rows("SELECT path, offset, packed FROM file"):
            read[path] = packed if path.endswith(".gz") else offset
    files = list_files(db.archive)
    return Stats(
        events=events,
        index_bytes=db.bytes(),
        archive_bytes=sum(file.size for file in files),
        lag_bytes=sum(max(file.size - (read.get(file.name) or 0), 0) for file in files),
        first_us=min((shard.first for shard in shards), default=None),
        last_us=max((shard.last for shard in shards), default=None),
        services=sorted(services),
    )
