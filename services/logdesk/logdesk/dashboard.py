"""The state of the services at a glance, from the rollups."""

from __future__ import annotations

from dataclasses import dataclass

from .reader import Index, Span


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


def dashboard(db: Index, span: Span, *, service: str | None = None, buckets: int = 60) -> Dashboard:
    raise NotImplementedError
