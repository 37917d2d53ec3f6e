"""Rows of the index, and the lines of the archive that they stand for."""

from __future__ import annotations

from collections import defaultdict
from typing import Any, NamedTuple

from . import record
from .archive import lines_at
from .match import matches
from .reader import Index, Shard
from .syntax import Node

COLUMNS = (
    "line.id, line.file, line.offset, line.source, line.level, line.logger, line.method, line.status,"
    " line.duration_ns, line.path, line.process, line.sequence"
)
_TOLERANCE_US = 5_000_000  # how far a key may be from its line's time, as two lines can't share one


class Row(NamedTuple):
    shard: Shard
    id: int
    file: int
    offset: int
    source: int
    level: int | None
    logger: int | None
    method: int | None
    status: int | None
    duration_ns: int | None
    path: str | None
    process: int | None
    sequence: int | None


def read(db: Index, rows: list[Row]) -> dict[tuple[str, int], dict[str, Any]]:
    """The parsed lines by (day, key). Those that are not in the archive any more are missing."""
    wanted: dict[tuple[Shard, int], list[Row]] = defaultdict(list)
    for row in rows:
        wanted[row.shard, row.file].append(row)
    found = {}
    for (shard, file), some in wanted.items():
        service, path = shard.rows("SELECT service, path FROM file WHERE id = ?", (file,)).fetchone()
        lines = dict(lines_at(db.archive / path, [row.offset for row in some]))
        for row in some:
            fields = record.parse(lines.get(row.offset, b"").rstrip(b"\n"), service)
            if row.offset in lines and _is_it(row, fields):
                found[shard.day, row.id] = fields
    return found


def fitting(db: Index, rows: list[Row], root: Node) -> list[Row]:
    """Those whose line fits the query. A line that is gone can't show that it does."""
    lines = read(db, rows)
    kept = []
    for row in rows:
        fields = lines.get((row.shard.day, row.id))
        if fields is not None:
            fields.setdefault("service.name", row.shard.source(row.source)[0])
            if matches(root, fields):
                kept.append(row)
    return kept


def _is_it(row: Row, fields: dict[str, Any]) -> bool:
    """Not what a file that was cut and written anew now has in that place."""
    if row.sequence is not None:
        return fields.get("event.sequence") == row.sequence
    time_us = record.time_us(fields.get("@timestamp")) or record.time_us(fields.get("event.ingested"))
    return time_us is None or abs(time_us - row.id) <= _TOLERANCE_US
