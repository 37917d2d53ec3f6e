"""What a set of lines looks like: histogram, facets, count.

Of services and levels alone, from the rollups and exact; else counted line by line, and extrapolated from a sample when
there are too many (sample.py).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from . import counts, rollups, sample
from . import fields as f
from .counts import SECOND
from .match import matches
from .query import Query
from .reader import Index, Shard, Span
from .syntax import And, Compare, Has, Node, Not, Or, Value

FACET_FIELDS = ("service", "level", "logger", "status", "method", "path")

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
            tally = sample.tally(db, query.root, span, ("level",), step)
            approximate = tally.approximate
            for (start, shard, (level_id,)), lines in tally.groups.items():
                totals[start, shard.text(level_id)] += round(lines)
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
    tally = sample.tally(db, query.root, span)
    return Count(round(sum(tally.groups.values())), tally.approximate)


def facets(db: Index, query: Query, span: Span, *, fields: Sequence[str] = FACET_FIELDS, top: int = 10) -> Facets:
    """`fields` by their short or ECS names: those of FACET_FIELDS and fields.SOURCE; others are left out."""
    db.start_clock()
    if query.problem:
        return Facets({name: [] for name in fields}, approximate=False)
    known = {name: f.ALIASES.get(name, name) for name in fields}
    known = {name: field for name, field in known.items() if field in _COLUMN_OF or field in f.SOURCE}
    columns = tuple({_COLUMN_OF.get(field, "source") for field in known.values()})
    tally = sample.tally(db, query.root, span, columns)
    values: dict[str, list[tuple[str, int]]] = {}
    for name, field in known.items():
        if field in _ROLLED_UP and _is_rolled_up(query.root):
            sums = _exact_sums(db, query.root, span, field)
        else:
            sums = _sums(tally, columns.index(_COLUMN_OF.get(field, "source")), field)
        values[name] = [(value, round(n)) for value, n in sums.most_common(top + 1) if value][:top]
    return Facets(values, tally.approximate)


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


def _exact_sums(db: Index, root: Node, span: Span, field: str) -> Counter[str]:
    sums: Counter[str] = Counter()
    for shard in db.shards(span):
        for _, service, level, n in _level_counts(shard, root, span, 0):
            sums[service if field == "service.name" else level] += n
    return sums


# -- by line, from a sample ------------------------------------------------------------------------------------------

_COLUMN_OF = {
    "log.level": "level",
    "log.logger": "logger",
    "http.request.method": "method",
    "http.response.status_code": "status",
    f.PATH: "path",
}


def _sums(tally: sample.Tally, at: int, field: str) -> Counter[str]:
    """Lines by the value of a field, whose column is the one at `at`. Summed by the value's number first, as looking
    each up would cost more than all the rest."""
    by_number: dict[tuple[Shard, int | str | None], float] = defaultdict(float)
    for (_, shard, values), n in tally.groups.items():
        by_number[shard, values[at]] += n
    sums: dict[str, float] = defaultdict(float)
    for (shard, value), n in by_number.items():
        if field in f.SOURCE:
            text = shard.source(int(value or 0))[f.SOURCE.index(field)]
        elif isinstance(value, int) and field != "http.response.status_code":
            text = shard.text(value)
        else:
            text = "" if value is None else str(value)
        sums[text] += n
    return Counter({text: round(n) for text, n in sums.items()})
