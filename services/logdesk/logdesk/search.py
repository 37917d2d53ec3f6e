"""Read-only questions to the index: lines, histogram, facets, counts, dashboard."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from .query import Query
from .settings import Settings


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time, [start, end), in microseconds since the epoch, UTC."""

    start_us: int
    end_us: int


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


@dataclass(frozen=True, slots=True)
class Latency:
    """Percentiles in nanoseconds, within 10 % (they come from buckets)."""

    p50: int
    p95: int
    p99: int


@dataclass(frozen=True, slots=True)
class Route:
    """A request path with its variable parts replaced: `/users/{id}`."""

    route: str
    count: int
    p95: int


@dataclass(frozen=True, slots=True)
class Dashboard:
    """`requests` counts by status class ("1xx" … "5xx"); `lost` and `doubled` are lines, from the audit of the
    processes that wrote in this span."""

    step_us: int
    requests: list[tuple[int, dict[str, int]]]
    latency: list[tuple[int, Latency | None]]
    overall: Latency | None
    errors_by_logger: list[tuple[str, int]]
    slowest_routes: list[Route]
    lines: int
    total_requests: int
    errors: int
    lost: int
    doubled: int


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


class Index:
    """Open for reading. Use it in one thread, close it after the request."""

    def __enter__(self) -> Index: ...
    def __exit__(self, *_: object) -> None: ...
    def close(self) -> None: ...


FACET_FIELDS = ("service", "level", "logger", "status", "method", "path")


def open_index(settings: Settings) -> Index:
    raise NotImplementedError


def find(db: Index, query: Query, span: Span, *, limit: int = 100, before: str | None = None) -> Hits:
    """The newest `limit` lines. `before` is the `next` of the page above; one that isn't ours starts at the top."""
    raise NotImplementedError


def newer(db: Index, query: Query, span: Span, *, after: str, limit: int = 100) -> Hits:
    """Lines that arrived since `after` (the `latest` of an earlier answer), newest first."""
    raise NotImplementedError


def histogram(db: Index, query: Query, span: Span, *, buckets: int = 60) -> Histogram:
    raise NotImplementedError


def count(db: Index, query: Query, span: Span) -> Count:
    raise NotImplementedError


def facets(
    db: Index, query: Query, span: Span, *, fields: Sequence[str] = FACET_FIELDS, top: int = 10
) -> Facets:
    raise NotImplementedError


def event(db: Index, id: str) -> Hit | None:
    raise NotImplementedError


def dashboard(db: Index, span: Span, *, service: str | None = None, buckets: int = 60) -> Dashboard:
    raise NotImplementedError


def stats(db: Index) -> Stats:
    raise NotImplementedError
