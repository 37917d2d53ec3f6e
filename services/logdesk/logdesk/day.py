"""The index of one day, opened for writing. There is one writer; readers see each transaction whole."""

from __future__ import annotations

import sqlite3
import time
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from . import rollups
from .numbering import Numbering
from .record import Record, record
from .words import Words, process_tag

VERSION = 1  # of schema.sql and of what is written into it; another version means: index the archive again

_SCHEMA = Path(__file__).with_name("schema.sql")
_MAX_WAL = 64 * 1024 * 1024
_CHECKPOINT_SECONDS = 5.0
_MAX_CROWDED = 4096


@dataclass(slots=True)
class File:
    """A row of `file`: how far it is read."""

    id: int
    service: str
    path: str
    head: bytes
    offset: int
    packed: int | None
    time_us: int


class Piece(NamedTuple):
    """Whole lines of one file, each with its offset, and the offset behind them."""

    file: File
    lines: list[tuple[int, bytes]]
    end: int


class Day:
    """Any exception from `write` leaves the index as it was; this object is then to be closed, as it may remember
    words that were rolled back."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.db = sqlite3.connect(path, isolation_level=None)
        try:
            self._open()
        except BaseException:
            self.db.close()
            raise

    def _open(self) -> None:
        db = self.db
        db.execute("PRAGMA journal_mode = WAL")  # readers never wait for the writer
        db.execute("PRAGMA synchronous = NORMAL")  # safe against kill -9; what a power cut undoes is read again
        db.execute("PRAGMA secure_delete = OFF")  # Debian's default is on: it overwrites what FTS5 frees
        db.execute("PRAGMA cache_size = -8000")
        db.execute("PRAGMA wal_autocheckpoint = 2000")
        db.execute(f"PRAGMA journal_size_limit = {_MAX_WAL}")
        if db.execute("PRAGMA user_version").fetchone()[0] == 0:
            db.executescript(f"BEGIN;\n{_SCHEMA.read_text()}\nPRAGMA user_version = {VERSION};\nCOMMIT;")
            # Larger first segments mean fewer merges: a third less time when there is much to catch up with.
            db.execute("INSERT INTO fts (fts, rank) VALUES ('hashsize', 8388608)")
        self._words = Words(db)
        self._checkpointed = time.monotonic()
        self._arrival: int = db.execute("SELECT coalesce(max(arrival), 0) FROM file").fetchone()[0]
        self._crowded: dict[int, int] = {}  # key that was taken → the one given instead, the last time
        self._newest: int = db.execute("SELECT coalesce(max(id), -1) FROM line").fetchone()[0]

    def close(self) -> None:
        self.db.close()

    def files(self) -> list[File]:
        return [
            File(*row) for row in self.db.execute("SELECT id, service, path, head, offset, packed, time_us FROM file")
        ]

    def add_file(self, service: str, path: str, head: bytes, time_us: int) -> File:
        id = self.db.execute(
            "INSERT INTO file (service, path, head, offset, arrival, time_us) VALUES (?, ?, ?, 0, 0, ?)",
            (service, path, head, time_us),
        ).lastrowid
        assert id is not None
        return File(id, service, path, head, 0, None, time_us)

    def update_file(self, file: File) -> None:
        """Store where a file is now and how far it is read, apart from any lines."""
        self.db.execute(
            "UPDATE file SET path = ?, offset = ?, packed = ? WHERE id = ?",
            (file.path, file.offset, file.packed, file.id),
        )

    def expired(self) -> dict[tuple[str, str], int]:
        """Up to which number the lines of a process (service, entity id) were in days since removed."""
        return {
            (service, entity_id): number
            for service, entity_id, number in self.db.execute(
                "SELECT service, entity_id, expired FROM process WHERE expired > 0"
            )
        }

    def expire(self, numbers: dict[tuple[str, str], int]) -> None:
        """Note that numbers up to these were in days since removed, and take out of `numbers` what is noted."""
        for key in list(numbers):
            cursor = self.db.execute(
                "UPDATE process SET expired = max(expired, ?) WHERE service = ? AND entity_id = ?",
                (numbers[key], *key),
            )
            if cursor.rowcount:
                del numbers[key]

    def write(self, pieces: list[Piece], yesterday: Day | None = None) -> None:
        """Index the lines of all pieces and move the files' offsets behind them, in one transaction."""
        self.db.execute("BEGIN IMMEDIATE")
        try:
            self._write(pieces, yesterday)
            self.db.execute("COMMIT")
        except BaseException:
            if self.db.in_transaction:  # a full disk may have ended it
                self.db.execute("ROLLBACK")
            raise
        self._keep_wal_small()

    def _write(self, pieces: list[Piece], yesterday: Day | None) -> None:
        arrival = self._arrival + 1
        incoming: list[tuple[int, int, int, Record]] = []
        ends: list[tuple[int, int, int, int]] = []
        for file, lines, end in pieces:
            time_us = file.time_us
            for offset, data in lines:
                read = record(data, file.service)
                time_us = read.time_us if read.time_us is not None else time_us
                incoming.append((time_us, file.id, offset, read))
            ends.append((end, arrival, time_us, file.id))
        # In order of time: full-text rows must come in rising order to share a segment.
        incoming.sort()

        numbering = Numbering(self.db, yesterday.db if yesterday else None)
        numbering.prepare([(time_us, read) for time_us, _, _, read in incoming])
        rows: list[tuple[object, ...]] = []
        texts: list[tuple[int, str, str, str]] = []
        tally = rollups.Tally()
        id, newest = -1, self._newest
        for time_us, file_id, offset, read in incoming:
            numbered = numbering.accept(read)
            if numbered is None:
                continue
            id = max(time_us, id + 1)
            if id <= newest:
                id = self._free(id)
            service, source, level, logger, method, tags = self._words.columns(read.shape)
            process, sequence = numbered
            status, duration_ns, path = read.status, read.duration_ns, read.path
            rows.append(
                (
                    id,
                    file_id,
                    offset,
                    arrival,
                    source,
                    level,
                    logger,
                    method,
                    status,
                    duration_ns,
                    path,
                    process,
                    sequence,
                )
            )
            texts.append((id, read.text, read.names, tags if process is None else f"{tags} {process_tag(process)}"))
            tally.add_line(id, service, level, logger, status)
            if duration_ns is not None:
                route = 0 if path is None else self._words.id("route", rollups.route(path))
                tally.add_request(id, service, route, duration_ns)
        self.db.executemany("INSERT INTO line VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)
        self.db.executemany("INSERT INTO fts (rowid, text, names, tags) VALUES (?, ?, ?, ?)", texts)
        numbering.store()
        self._store_counts(tally.counts())
        self.db.executemany("UPDATE file SET offset = ?, arrival = ?, time_us = ? WHERE id = ?", ends)
        for (file, _, _), (end, _, time_us, _) in zip(pieces, ends, strict=True):
            file.offset, file.time_us = end, time_us
        self._arrival, self._newest = arrival, max(newest, id)

    def _free(self, id: int) -> int:
        """The key itself when it is free, else one near after it. The steps double: thousands of lines that claim the
        same microsecond must not make each new one look at all before it. They begin where they ended the last time, or
        the hundredth transaction of that microsecond would be years away from it."""
        free = self._crowded.get(id, id)
        step = 1
        while self.db.execute("SELECT 1 FROM line WHERE id = ?", (free,)).fetchone():
            free += step
            step *= 2
        if free > id:
            if len(self._crowded) >= _MAX_CROWDED:
                self._crowded.clear()
            self._crowded[id] = free
        return free

    def _store_counts(self, counts: rollups.Counts) -> None:
        self.db.executemany(
            "INSERT INTO rollup VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET n = n + excluded.n",
            sorted((*key, n) for key, n in counts.items()),
        )

    def _keep_wal_small(self) -> None:
        """A reader that is always there keeps SQLite from starting its write-ahead log over: it grew by 100 MB a second
        in a trial. When it is large, wait (a second at most) for a moment without readers of the log."""
        now = time.monotonic()
        if now - self._checkpointed < _CHECKPOINT_SECONDS:
            return
        self._checkpointed = now
        if _size(self.path.with_name(self.path.name + "-wal")) > _MAX_WAL:
            self.db.execute("PRAGMA busy_timeout = 1000")
            self.db.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0
