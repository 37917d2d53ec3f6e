"""The state of the services at a glance, from the rollups."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass

from . import counts, rollups
from . import fields as f
from .audit import audit
from .counts import SECOND
from .reader import Index, Span
from .summary import step_us

ERROR_LEVELS = frozenset(level for level, severity in f.SEVERITY.items() if severity >= f.SEVERITY["error"])
_MINUTE = 60 * SECOND
_TOP = 10
_ENOUGH = 5  # requests of a route, for its p95 to mean something


@dataclass(frozen=True, slots=True)
class Latency:
    """Percentiles in nanoseconds, within 8 % (they come from buckets)."""

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
    """Of one service, or of all. The span is taken to whole minutes, outwards."""
    db.start_clock()
    step = max(step_us(span, buckets), _MINUTE)
    low, high = span.start_us // _MINUTE * _MINUTE, -(-span.end_us // _MINUTE) * _MINUTE
    starts = range(low // step * step, high, step)
    requests: dict[int, Counter[str]] = {start: Counter() for start in starts}
    latency: dict[int, Counter[int]] = {start: Counter() for start in starts}
    routes: dict[str, Counter[int]] = defaultdict(Counter)
    loggers: Counter[str] = Counter()
    lines = errors = 0
    for shard in db.shards(Span(low, high)):

        def counted(kind: int, step: int = 0, shard=shard) -> list[counts.Counted]:  # type: ignore[no-untyped-def]
            found = counts.read(shard, kind, low, high, step)
            return [one for one in found if service is None or one.service == service]

        for one in counted(rollups.STATUS, step):
            requests[one.start_us][f"{one.a // 100}xx"] += one.n
        for one in counted(rollups.LATENCY, step):
            latency[one.start_us][one.a] += one.n
        for one in counted(rollups.ROUTE):
            routes[shard.text(one.a)][one.b] += one.n
        for one in counted(rollups.LOGGER):
            if shard.text(one.b or None) in ERROR_LEVELS:
                loggers[shard.text(one.a)] += one.n
        for one in counted(rollups.LEVEL):
            lines += one.n
            errors += one.n if shard.text(one.a or None) in ERROR_LEVELS else 0
    processes = audit(db, service, span)
    return Dashboard(
        step_us=step,
        requests=[(start, dict(classes)) for start, classes in requests.items()],
        latency=[(start, _latency(buckets_)) for start, buckets_ in latency.items()],
        overall=_latency(sum(latency.values(), Counter())),
        errors_by_logger=loggers.most_common(_TOP),
        slowest_routes=_slowest(routes),
        lines=lines,
        total_requests=sum(sum(classes.values()) for classes in requests.values()),
        errors=errors,
        lost=sum(process.missing_count for process in processes),
        doubled=sum(process.duplicates for process in processes),
    )


def _latency(buckets: Counter[int]) -> Latency | None:
    p50, p95, p99 = (rollups.percentile(buckets.items(), share) for share in (0.5, 0.95, 0.99))
    return None if p50 is None or p95 is None or p99 is None else Latency(p50, p95, p99)


def _slowest(routes: dict[str, Counter[int]]) -> list[Route]:
    known = [
        Route(route or "(other)", sum(buckets.values()), rollups.percentile(buckets.items(), 0.95) or 0)
        for route, buckets in routes.items()
    ]
    enough = [route for route in known if route.count >= _ENOUGH] or known
    return sorted(enough, key=lambda route: route.p95, reverse=True)[:_TOP]
