"""Finding lines: newest first, page by page, live, or one by its id."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, field
from typing import Any

from . import record
from .lines import COLUMNS, Row, fitting, read
from .plan import plan
from .query import Query
from .reader import Index, Shard, Span
from .syntax import Node

_SECONDS = 2.0  # a page of few lines soon, and where to go on, is better than a full one late
_LIVE_SECONDS = 0.3
_LATE_US = 15_000_000  # a line that arrives so much later than others of its time is not shown live
_CANDIDATES = 200
_CURSOR = re.compile(r"(\d{1,18})\.(\d{4}-\d\d-\d\d)", re.ASCII)
_LATEST = re.compile(r"(\d{1,18})((?:,\d{4}-\d\d-\d\d\.\d{1,18})*)", re.ASCII)
_ADDRESS = re.compile(r"@(\d{4}-\d\d-\d\d)\.(\d{1,18})", re.ASCII)
_NUMBERED = re.compile(r"([A-Za-z0-9._:-]{1,128})-(\d{1,18})", re.ASCII)
_GONE = "This line is not in the archive any more; shown is what the index knows of it."


@dataclass(frozen=True, slots=True)
class Hit:
    """One line. `fields` is the whole parsed line, read from the archive; when the line is no longer there it is
    empty and `note` says so."""

    id: str
    ts_us: int
    service: str
    level: str
    logger: str
    message: str
    status: int | None = None
    method: str | None = None
    path: str | None = None
    duration_ns: int | None = None
    trace_id: str | None = None
    request_id: str | None = None
    fields: dict[str, Any] = field(default_factory=dict)
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Hits:
    """Newest first. `next` is the cursor for older lines (None at the end), `latest` the one for `newer`."""

    hits: list[Hit]
    more: bool
    next: str | None
    latest: str


def find(db: Index, query: Query, span: Span, *, limit: int = 100, before: str | None = None) -> Hits:
    """The newest `limit` lines. `before` is the `next` of the page above; one that isn't ours starts at the top.

    A search that has to read many lines for few ends after two seconds with what it found; `more` is then true and
    `next` goes on from there."""
    db.start_clock()
    latest = _latest(db)
    if query.problem:
        return Hits([], more=False, next=None, latest=latest)
    cursor = _CURSOR.fullmatch(before or "")
    found: list[Row] = []
    walk = _Walk(db, query.root, limit + 1, time.monotonic() + _SECONDS)
    for shard in db.shards(span):
        high = min(span.end_us - 1, shard.last)
        if cursor:
            high = min(high, int(cursor[1]) - (shard.day >= cursor[2]))
        if len(found) > limit and found[limit].id > high:
            continue  # a page of newer lines is there already
        found += walk.newest(shard, span.start_us, high)
        found.sort(key=_newest_first)
    complete = [row for row in found if row.id >= walk.floor]
    page = complete[:limit]
    next_ = None
    if len(complete) > limit:
        next_ = f"{page[-1].id}.{page[-1].shard.day}"
    elif walk.floor:
        next_ = f"{walk.floor}.0000-00-00"
    return Hits(_hits(db, page), more=next_ is not None, next=next_, latest=latest)


def newer(db: Index, query: Query, span: Span, *, after: str, limit: int = 100) -> Hits:
    """Lines that arrived since `after` (the `latest` of an earlier answer), newest first. `more` says that there were
    more than `limit`: then start over with `find`."""
    db.start_clock()
    latest = _latest(db)
    match = _LATEST.fullmatch(after)
    if query.problem or not match:
        return Hits([], more=False, next=None, latest=latest)
    seen = {day: int(arrival) for day, arrival in (one.split(".") for one in match[2].split(",")[1:])}
    found: list[Row] = []
    walk = _Walk(db, query.root, limit + 1, time.monotonic() + _LIVE_SECONDS)
    for shard in _latest_shards(db):
        low = max(span.start_us, int(match[1]) - _LATE_US)
        arrived = f"line.arrival > {seen.get(shard.day, 0)}"
        high = min(span.end_us - 1, shard.last)
        found += walk.newest(shard, low, high, arrived)
    found.sort(key=_newest_first)
    return Hits(_hits(db, found[:limit]), more=len(found) > limit, next=None, latest=latest)


def event(db: Index, id: str) -> Hit | None:
    """The line with this `Hit.id`: an `event.id`, or the address of a line without one."""
    db.start_clock()
    address = _ADDRESS.fullmatch(id)
    if address:
        shard = db.shard(address[1])
        return _one(db, shard, "line.id = ?", int(address[2])) if shard else None
    numbered = _NUMBERED.fullmatch(id)
    if not numbered:
        return None
    for shard in db.shards():
        condition = "line.process IN (SELECT id FROM process WHERE entity_id = ?) AND line.sequence = ?"
        hit = _one(db, shard, condition, numbered[1], int(numbered[2]))
        if hit:
            return hit
    return None


def _newest_first(row: Row) -> tuple[int, int]:
    return -row.id, -int(row.shard.day.replace("-", ""))


def _one(db: Index, shard: Shard, condition: str, *values: object) -> Hit | None:
    row = shard.rows(f"SELECT {COLUMNS} FROM line WHERE {condition}", values).fetchone()  # noqa: S608 - all ours
    return _hits(db, [Row(shard, *row)])[0] if row else None


@dataclass(slots=True)
class _Walk:
    """A way back in time through one day after the other, until `limit` lines are found or time runs out."""

    db: Index
    root: Node
    limit: int
    deadline: float
    floor: int = 0  # the key down to which all days were searched, when time ran out

    def newest(self, shard: Shard, low: int, top: int, *conditions: str) -> list[Row]:
        """The newest rows in a range of keys, both included. Goes back in growing steps, so that a condition that
        costs by the length of the range costs little when many lines fit."""
        made = plan(shard, self.root)
        found: list[Row] = []
        if made.finds_nothing:
            return found
        sql = f"{made.select(COLUMNS, *conditions)} ORDER BY {made.key} DESC LIMIT :limit"
        width = max((top - low) // 64, 1_000_000)
        while top >= low and len(found) < self.limit:
            want = max(_CANDIDATES, self.limit) if made.verify else self.limit - len(found)
            bottom = max(low, top - width)
            parameters = {**made.parameters, "low": bottom, "high": top, "limit": want}
            rows = [Row(shard, *row) for row in shard.rows(sql, parameters)]
            found += fitting(self.db, rows, self.root) if made.verify else rows
            if len(rows) == want:
                top = rows[-1].id - 1
            else:
                top = bottom - 1
                width *= 4
            if time.monotonic() > self.deadline and top >= low and len(found) < self.limit:
                self.floor = max(self.floor, top + 1)
                break
        return found[: self.limit]


def _latest_shards(db: Index) -> list[Shard]:
    """The last two days: around midnight lines arrive in both."""
    return sorted(db.shards(), key=lambda shard: shard.day)[-2:]


def _latest(db: Index) -> str:
    """Up to where lines have arrived: the newest line's time, and the number of the last transaction of each day."""
    shards = _latest_shards(db)
    newest = max((shard.last for shard in shards), default=0)
    arrivals = [f",{shard.day}.{shard.arrival}" for shard in shards]
    return f"{min(newest, time.time_ns() // 1000)}{''.join(arrivals)}"


def _hits(db: Index, rows: list[Row]) -> list[Hit]:
    lines = read(db, rows)
    return [_hit(row, lines.get((row.shard.day, row.id))) for row in rows]


def _hit(row: Row, fields: dict[str, Any] | None) -> Hit:
    shard = row.shard
    numbered = None
    if row.process is not None:
        numbered = shard.rows("SELECT entity_id FROM process WHERE id = ?", (row.process,)).fetchone()
    known = fields or {}
    return Hit(
        id=f"{numbered[0]}-{row.sequence}" if numbered else f"@{shard.day}.{row.id}",
        ts_us=record.time_us(known.get("@timestamp")) or row.id,
        service=record.name(known.get("service.name")) or shard.source(row.source)[0],
        level=shard.text(row.level),
        logger=shard.text(row.logger),
        message=record.name(known.get("message")),
        status=row.status,
        method=shard.text(row.method) or None,
        path=row.path,
        duration_ns=row.duration_ns,
        trace_id=record.name(known.get("trace.id")) or None,
        request_id=record.name(known.get("http.request.id")) or None,
        fields=known,
        note=_GONE if fields is None else None,
    )
