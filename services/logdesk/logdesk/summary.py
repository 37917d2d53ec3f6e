"""What a set of lines looks like: histogram, facets, count.

What the rollups can't tell is counted line by line, up to a budget; beyond it each slice of the time is counted at
its beginning and the rest extrapolated from that, and the answer says that it is approximate.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from . import counts, rollups
from . import fields as f
from .counts import SECOND
from .lines import COLUMNS, Row, fitting
from .match import matches
from .plan import Plan, plan
from .query import And, Compare, Has, Node, Not, Or, Query, Value
from .reader import Index, Shard, Span

FACET_FIELDS = ("service", "level", "logger", "status", "method", "path")

_BUDGET = 40_000  # rows: about 50 ms
_VERIFY_BUDGET = 4_000  # lines to be read: about 100 ms
_SLICES = 32
_SLOT = rollups.FINE[rollups.LEVEL] * SECOND
_STEPS = (
    *(ms * 1000 for ms in (10, 20, 50, 100, 200, 500)),
    *(s * SECOND for s in (1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 900, 1800)),
    *(h * 3600 * SECOND for h in (1, 2, 3, 6, 12, 24, 48, 168, 720)),
)
_ROLLED_UP = {"service.name", "log.level"}


@dataclass(frozen=True, slots=True)
class Histogram:
    """Counts by level in buckets of `step_us`, oldest first, empty buckets included."""

    step_us: int
    buckets: list[tuple[int, dict[str, int]]]
    approximate: bool


@dataclass(frozen=True, slots=True)
class Facets:
    """Most frequent values of each field, most frequent first."""

    values: dict[str, list[tuple[str, int]]]
    approximate: bool


@dataclass(frozen=True, slots=True)
class Count:
    n: int
    approximate: bool


def histogram(db: Index, query: Query, span: Span, *, buckets: int = 60) -> Histogram:
    """About `buckets` buckets, of a round length, beginning at round times (UTC)."""
    db.start_clock()
    step = step_us(span, buckets)
    starts = range(span.start_us // step * step, span.end_us, step)
    totals: Counter[tuple[int, str]] = Counter()
    approximate = False
    if not query.problem:
        if _is_rolled_up(query.root) and step % _SLOT == 0:
            for shard in db.shards(span):
                for start, _, level, n in _level_counts(shard, query.root, span, step):
                    totals[start, level] += n
        else:
            sampled = _sample(db, query.root, span, [max(start, span.start_us) for start in starts])
            approximate = sampled.approximate
            weights: Counter[tuple[int, Shard, int | None]] = Counter()
            for row, weight in sampled.rows:
                weights[row.id // step * step, row.shard, row.level] += weight  # type: ignore[assignment]
            for (start, shard, level_id), weight in weights.items():
                totals[start, shard.text(level_id)] += round(weight)
    levels: dict[int, dict[str, int]] = {start: {} for start in starts}
    for (start, level), n in totals.items():
        levels[start][level] = n
    return Histogram(step, list(levels.items()), approximate)


def count(db: Index, query: Query, span: Span) -> Count:
    """How many lines there are."""
    db.start_clock()
    if query.problem:
        return Count(0, approximate=False)
    if _is_rolled_up(query.root):
        shards = db.shards(span)
        return Count(
            sum(one[3] for shard in shards for one in _level_counts(shard, query.root, span, 0)), approximate=False
        )
    sampled = _sample(db, query.root, span, _edges(span))
    return Count(round(sum(weight for _, weight in sampled.rows)), sampled.approximate)


def facets(db: Index, query: Query, span: Span, *, fields: Sequence[str] = FACET_FIELDS, top: int = 10) -> Facets:
    """`fields` by their short or ECS names: those of FACET_FIELDS and fields.SOURCE; others are left out."""
    db.start_clock()
    if query.problem:
        return Facets({name: [] for name in fields}, approximate=False)
    sampled = _sample(db, query.root, span, _edges(span))
    values: dict[str, list[tuple[str, int]]] = {}
    for name in fields:
        field = f.ALIASES.get(name, name)
        if field not in _COLUMN_OF and field not in f.SOURCE:
            continue
        tally: Counter[str] = Counter()
        if field in _ROLLED_UP and _is_rolled_up(query.root):
            for shard in db.shards(span):
                for _, service, level, n in _level_counts(shard, query.root, span, 0):
                    tally[service if field == "service.name" else level] += n
        else:
            for value, weight in _weights(sampled.rows, field):
                tally[value] += weight  # type: ignore[assignment]
        values[name] = [(value, round(n)) for value, n in tally.most_common(top + 1) if value][:top]
    return Facets(values, sampled.approximate)


def step_us(span: Span, buckets: int) -> int:
    """The shortest round length that makes no more than `buckets` buckets of the span."""
    wanted = (span.end_us - span.start_us) / max(buckets, 1)
    return next((step for step in _STEPS if step >= wanted), _STEPS[-1])


# -- exact, from rollups ---------------------------------------------------------------------------------------------


def _is_rolled_up(node: Node) -> bool:
    """Whether services and levels alone decide the query."""
    match node:
        case And(items) | Or(items):
            return all(map(_is_rolled_up, items))
        case Not(item):
            return _is_rolled_up(item)
        case Value(field=name) | Compare(field=name) | Has(field=name):
            return name in _ROLLED_UP
        case _:
            return False


def _level_counts(shard: Shard, root: Node, span: Span, step: int) -> Iterator[tuple[int, str, str, int]]:
    """(start of the bucket, service, level, lines). The ends of the span that are no whole slot are counted by line."""
    verdicts: dict[tuple[str, str], bool] = {}
    first = min(-(-span.start_us // _SLOT) * _SLOT, span.end_us)
    last = max(span.end_us // _SLOT * _SLOT, first)
    rolled = counts.read(shard, rollups.LEVEL, first, last, step)
    rows = [(one.start_us, one.service, shard.text(one.a or None), one.n) for one in rolled]
    for low, high in ((span.start_us, first), (last, span.end_us)):
        edge = shard.rows(
            "SELECT id / ?3 * ?3, source, level, count(*) FROM line WHERE id >= ?1 AND id < ?2 GROUP BY 1, 2, 3",
            (low, high, step or 1 << 62),
        )
        rows += [(start, shard.source(source)[0], shard.text(level), n) for start, source, level, n in edge]
    for start, service, level, n in rows:
        if (service, level) not in verdicts:
            verdicts[service, level] = matches(root, {"service.name": service, "log.level": level})
        if verdicts[service, level]:
            yield start, service, level, n


# -- by line, up to a budget -----------------------------------------------------------------------------------------


class _Sample(NamedTuple):
    """Rows, and how many lines each stands for."""

    rows: list[tuple[Row, float]]
    approximate: bool


class _Slice(NamedTuple):
    plan: Plan
    low: int
    high: int


def _sample(db: Index, root: Node, span: Span, edges: Sequence[int]) -> _Sample:
    """Rows from each of the slices that begin at `edges`. What some slices leave of the budget goes to the others."""
    plans = [plan(shard, root) for shard in db.shards(span)]
    ends = [*edges[1:], span.end_us]
    slices = [
        _Slice(made, max(low, made.shard.first), min(end - 1, made.shard.last))
        for made in plans
        if not made.finds_nothing
        for low, end in zip(edges, ends, strict=True)
        if low <= made.shard.last and end > made.shard.first
    ]
    if not slices:
        return _Sample([], approximate=False)
    budget = _VERIFY_BUDGET if any(made.verify for made in plans) else _BUDGET
    quota = budget // len(slices) + 1
    read = [_read(one, quota + 1) for one in slices]
    cut = [at for at, rows in enumerate(read) if len(rows) > quota]
    if cut:
        quota += max(budget - sum(map(len, read)), 0) // len(cut)
        for at in cut:
            read[at] = _read(slices[at], quota + 1)
    sampled: list[tuple[Row, float]] = []
    approximate = False
    for one, rows in zip(slices, read, strict=True):
        weight = 1.0
        if len(rows) > quota:
            rows.pop()
            weight = (one.high - one.low + 1) / (rows[-1].id - one.low + 1)
            approximate = True
        kept = fitting(db, rows, root) if one.plan.verify else rows
        sampled += [(row, weight) for row in kept]
    return _Sample(sampled, approximate)


def _read(one: _Slice, limit: int) -> list[Row]:
    sql = f"{one.plan.select(COLUMNS)} ORDER BY {one.plan.key} LIMIT :limit"
    parameters = {**one.plan.parameters, "low": one.low, "high": one.high, "limit": limit}
    return [Row(one.plan.shard, *row) for row in one.plan.shard.rows(sql, parameters)]


def _edges(span: Span) -> list[int]:
    width = max((span.end_us - span.start_us) // _SLICES, 1)
    return list(range(span.start_us, max(span.end_us, span.start_us + 1), width))


_COLUMN_OF = {
    "log.level": "level",
    "log.logger": "logger",
    "http.request.method": "method",
    "http.response.status_code": "status",
    f.PATH: "path",
}


def _weights(rows: list[tuple[Row, float]], field: str) -> Iterator[tuple[str, float]]:
    """Each value of a field, with the number of lines it stands for. Values are summed by their number first, as
    looking each up would cost more than all the rest."""
    column = _COLUMN_OF.get(field, "source")
    sums: Counter[tuple[Shard, int | str | None]] = Counter()
    for row, weight in rows:
        sums[row.shard, getattr(row, column)] += weight  # type: ignore[assignment]
    for (shard, value), weight in sums.items():
        if value is None:
            continue
        if isinstance(value, str) or column == "status":
            yield str(value), weight
        elif column == "source":
            yield shard.source(value)[f.SOURCE.index(field)], weight
        else:
            yield shard.text(value), weight
