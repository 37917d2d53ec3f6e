"""What a set of lines looks like: histogram, facets, count."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .query import Query
from .reader import Index, Span

FACET_FIELDS = ("service", "level", "logger", "status", "method", "path")


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
    raise NotImplementedError


def count(db: Index, query: Query, span: Span) -> Count:
    raise NotImplementedError


def facets(
    db: Index, query: Query, span: Span, *, fields: Sequence[str] = FACET_FIELDS, top: int = 10
) -> Facets:
    raise NotImplementedError
