"""Counting lines that no rollup knows: exactly while they are few, else from a sample.

When there are more than a budget allows, each slice of the time is counted at its beginning, and what comes after is
extrapolated from that. So the shape over time stays right, and the cost doesn't grow with the number of lines.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from .lines import COLUMNS, Row, fitting
from .plan import Plan, plan
from .reader import Index, Shard, Span
from .syntax import Node

_BUDGET = 20_000  # lines, some 30 ms
_VERIFY_BUDGET = 4_000  # lines that have to be read, some 80 ms
_SLICES = 32

Group = tuple[int, Shard, tuple[Any, ...]]  # start of the bucket (µs), day, values of the columns


@dataclass(slots=True)
class Tally:
    """How many lines each group has; no whole numbers when they are extrapolated."""

    groups: dict[Group, float] = field(default_factory=lambda: defaultdict(float))
    approximate: bool = False


@dataclass(frozen=True, slots=True)
class _Question:
    db: Index
    root: Node
    columns: tuple[str, ...]
    step_us: int  # of the buckets


@dataclass(slots=True)
class _Slice:
    """A range of keys of one day, both ends included, and what was counted in it."""

    plan: Plan
    low: int
    high: int
    counted: int = 0
    last: int = 0
    groups: dict[tuple[int, tuple[Any, ...]], int] = field(default_factory=dict)


def tally(db: Index, root: Node, span: Span, columns: tuple[str, ...] = (), step_us: int = 0) -> Tally:
    """Count lines by the values of `columns` (of the table `line`), in buckets of `step_us` if it isn't 0."""
    plans = [made for shard in db.shards(span) if not (made := plan(shard, root)).finds_nothing]
    question = _Question(db, root, columns, step_us or 1 << 62)
    days = [_slice(made, span.start_us, span.end_us) for made in plans]
    budget = _VERIFY_BUDGET if any(made.verify for made in plans) else _BUDGET
    if any(made.has_prefix for made in plans) or sum(_size(day, budget + 1) for day in days) <= budget:
        # A prefix costs the full-text index as much for a slice as for the whole day.
        for day in days:
            _count(question, day, limit=-1)
        return _sum(days, quota=budget, exact=True)
    slices = _cut(plans, span, step_us)
    quota = budget // max(len(slices), 1) + 1
    for one in slices:
        _count(question, one, limit=quota)
    full = [one for one in slices if one.counted >= quota]
    larger = quota + max(budget - sum(one.counted for one in slices), 0) // max(len(full), 1)
    for one in full:  # what the others left
        _count(question, one, limit=larger)
    return _sum(slices, quota=larger, exact=False)


def _slice(made: Plan, start: int, end: int) -> _Slice:
    return _Slice(made, max(start, made.shard.first), min(end - 1, made.shard.last))


def _cut(plans: list[Plan], span: Span, step_us: int) -> list[_Slice]:
    """Slices of one bucket each, or of a part of the span."""
    width = step_us or max((span.end_us - span.start_us) // _SLICES, 1)
    slices = []
    for made in plans:
        first = max(span.start_us, made.shard.first) // width * width
        for start in range(first, min(span.end_us, made.shard.last + 1), width):
            slices.append(_slice(made, max(start, span.start_us), min(start + width, span.end_us)))
    return [one for one in slices if one.low <= one.high]


def _size(one: _Slice, limit: int) -> int:
    """How many candidates there are, up to the limit."""
    sql = f"SELECT count(*) FROM ({one.plan.candidates()} LIMIT :limit)"  # noqa: S608 - all ours
    parameters = {**one.plan.parameters, "low": one.low, "high": one.high, "limit": limit}
    size: int = one.plan.shard.rows(sql, parameters).fetchone()[0]
    return size


def _count(question: _Question, one: _Slice, *, limit: int) -> None:
    """Count the first `limit` lines (-1: all)."""
    step, columns = question.step_us, question.columns
    parameters = {**one.plan.parameters, "low": one.low, "high": one.high, "limit": limit, "step": step}
    if one.plan.verify:
        sql = f"{one.plan.select(COLUMNS)} ORDER BY {one.plan.key} LIMIT :limit"
        rows = [Row(one.plan.shard, *row) for row in one.plan.shard.rows(sql, parameters)]
        one.counted, one.last = len(rows), rows[-1].id if rows else 0
        one.groups = defaultdict(int)
        for row in fitting(question.db, rows, question.root):
            one.groups[row.id // step * step, tuple(getattr(row, column) for column in columns)] += 1
        return
    inner = one.plan.select(", ".join(["line.id", *(f"line.{column}" for column in columns)]))
    names = "".join(f", {column}" for column in columns)
    sql = (
        f"SELECT id / :step * :step AS bucket{names}, count(*), max(id)"  # noqa: S608 - all ours
        f" FROM ({inner} ORDER BY {one.plan.key} LIMIT :limit) GROUP BY bucket{names}"
    )
    one.counted = one.last = 0
    one.groups = {}
    for bucket, *values, n, last in one.plan.shard.rows(sql, parameters):
        one.groups[bucket, tuple(values)] = n
        one.counted += n
        one.last = max(one.last, last)


def _sum(slices: list[_Slice], *, quota: int, exact: bool) -> Tally:
    total = Tally()
    for one in slices:
        weight = 1.0
        if not exact and one.counted >= quota:
            weight = (one.high - one.low + 1) / (one.last - one.low + 1)
            total.approximate = True
        for (bucket, values), n in one.groups.items():
            total.groups[bucket, one.plan.shard, values] += n * weight
    return total
