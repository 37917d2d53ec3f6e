"""The writer's side of numbered lines: what a batch adds to each process, and which of its lines are there already."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, field

from .ranges import Ranges
from .record import SHAPED, Record, name, whole

# A process with more gaps than this between two lines of one batch is no process that we know how to write:
# its further numbers are not followed, so that they count as missing, and its lines are indexed all the same.
MAX_RANGES = 20_000

LAST_LINE = "log-end"  # `event.action` of the line that a process writes when it ends: its number is the count
_ACTION = SHAPED.index("event.action")
_PID = SHAPED.index("process.pid")
_HOST = SHAPED.index("host.hostname")

_Key = tuple[str, str]  # service, entity id


@dataclass(slots=True)
class _Process:
    id: int
    before: dict[int, int]
    ranges: Ranges
    yesterday: Ranges
    first_us: int
    last_us: int
    doubled: int = 0
    final: int | None = None


@dataclass(slots=True)
class _Seen:
    record: Record
    first_us: int
    last_us: int
    low: int
    high: int


@dataclass(slots=True)
class Numbering:
    """Made for one transaction of one day. `yesterday` is the day before: a sender that repeats what it isn't sure
    was received may do so after midnight."""

    db: sqlite3.Connection
    yesterday: sqlite3.Connection | None
    _processes: dict[_Key, _Process] = field(default_factory=dict)

    def prepare(self, records: list[tuple[int, Record]]) -> None:
        """Load what the index knows of the numbers around those in (time, record)."""
        seen: dict[_Key, _Seen] = {}
        for time_us, record in records:
            if record.entity_id is None or record.sequence is None:
                continue
            known = seen.get((record.service, record.entity_id))
            if known is None:
                seen[record.service, record.entity_id] = _Seen(
                    record, time_us, time_us, record.sequence, record.sequence
                )
                continue
            known.first_us = min(known.first_us, time_us)
            known.last_us = max(known.last_us, time_us)
            known.low = min(known.low, record.sequence)
            known.high = max(known.high, record.sequence)
        for process, known in seen.items():
            self._processes[process] = self._load(process, known)

    def accept(self, record: Record) -> tuple[int | None, int | None] | None:
        """The process and number to store with a line, or None when it is there already."""
        if record.entity_id is None or record.sequence is None:
            return None, None
        process = self._processes[record.service, record.entity_id]
        number = record.sequence
        if len(process.ranges) > MAX_RANGES:
            return None, None
        if number in process.yesterday or not process.ranges.add(number):
            process.doubled += 1
            return None
        if record.shape[3][_ACTION] == LAST_LINE:
            process.final = number
        return process.id, number

    def store(self) -> None:
        for process in self._processes.values():
            self.db.execute(
                "UPDATE process SET first_us = min(first_us, ?), last_us = max(last_us, ?),"
                " doubled = doubled + ?, final = coalesce(?, final) WHERE id = ?",
                (process.first_us, process.last_us, process.doubled, process.final, process.id),
            )
            after = dict(process.ranges.pairs())
            self.db.executemany(
                "DELETE FROM received WHERE process = ? AND first = ?",
                [(process.id, first) for first in process.before.keys() - after.keys()],
            )
            self.db.executemany(
                "INSERT OR REPLACE INTO received (process, first, last) VALUES (?, ?, ?)",
                [(process.id, first, last) for first, last in after.items() if process.before.get(first) != last],
            )

    def _load(self, key: _Key, seen: _Seen) -> _Process:
        id = _process_id(self.db, key)
        if id is None:
            id = self.db.execute(
                "INSERT INTO process (service, entity_id, host, pid, first_us, last_us, doubled, expired)"
                " VALUES (?, ?, ?, ?, ?, ?, 0, 0)",
                (
                    *key,
                    name(seen.record.shape[3][_HOST]),
                    whole(seen.record.shape[3][_PID]),
                    seen.first_us,
                    seen.last_us,
                ),
            ).lastrowid
        assert id is not None
        before = _around(self.db, id, seen)
        yesterday = Ranges()
        if self.yesterday is not None and (old := _process_id(self.yesterday, key)) is not None:
            yesterday = Ranges(_around(self.yesterday, old, seen).items())
        return _Process(id, before, Ranges(before.items()), yesterday, seen.first_us, seen.last_us)


def _process_id(db: sqlite3.Connection, key: _Key) -> int | None:
    row = db.execute("SELECT id FROM process WHERE service = ? AND entity_id = ?", key).fetchone()
    return row[0] if row else None


def _around(db: sqlite3.Connection, id: int, seen: _Seen) -> dict[int, int]:
    """The ranges that the numbers seen fall into or touch: usually one, however long the process lives."""
    return dict(
        db.execute(
            "SELECT first, last FROM received WHERE process = ?1 AND first <= ?3 + 1 AND first >= coalesce("
            "(SELECT max(first) FROM received WHERE process = ?1 AND first <= ?2), 0) LIMIT ?4",
            (id, seen.low, seen.high, MAX_RANGES + 1),
        )
    )
