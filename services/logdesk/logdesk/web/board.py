"""The dashboard's charts and numbers, each with the search that lists what it counts."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from markupsafe import Markup

from ..dashboard import ERROR_LEVELS, Dashboard
from ..query import term
from . import svg, timerange
from .state import State
from .text import duration, number, rate

CLASSES = ("5xx", "4xx", "3xx", "2xx", "1xx")
PERCENTILES = ("p50", "p95", "p99")
HEIGHT_PX = 120
_PLACEHOLDER = re.compile(r"\{[^}]*\}")
REQUESTS = "status:>=100"


@dataclass(frozen=True, slots=True)
class Tile:
    name: str
    value: str
    note: str
    url: str
    bad: bool = False


@dataclass(frozen=True, slots=True)
class Key:
    """A line of a legend. `css` is the class of its colour."""

    css: str
    name: str
    value: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Ranked:
    """A row of a table that is ordered by `value`."""

    name: str
    value: str
    share: Markup
    url: str
    count: str = ""


@dataclass(frozen=True, slots=True)
class Board:
    tiles: list[Tile]
    requests: Markup
    request_keys: list[Key]
    latency: Markup
    latency_keys: list[Key]
    loggers: list[Ranked]
    routes: list[Ranked]
    step_us: int


def board(found: Dashboard, state: State, levels: Iterable[str]) -> Board:
    """`levels` are those that occur in this time."""
    errors = errors_term(levels)
    return Board(
        tiles=_tiles(found, state, errors),
        requests=_requests(found, state),
        request_keys=_request_keys(found, state),
        latency=_latency(found),
        latency_keys=[
            Key(name, name, percentile(getattr(found.overall, name)) if found.overall else "–") for name in PERCENTILES
        ],
        loggers=_loggers(found, state, errors),
        routes=_routes(found, state),
        step_us=found.step_us,
    )


def _search(state: State, *words: str, **changes: str) -> str:
    """The search for `words`, in the service that the dashboard shows."""
    service = term("service", state.service) if state.service else ""
    return state.url("/", q=" ".join(filter(None, (service, *words))), service="", **changes)


def _tiles(found: Dashboard, state: State, errors: str) -> list[Tile]:
    span_us = state.span.end_us - state.span.start_us
    failed = sum(counts.get("5xx", 0) for _, counts in found.requests)
    share = 100 * failed / found.total_requests if found.total_requests else 0
    return [
        Tile(
            "Requests",
            number(found.total_requests),
            f"{rate(found.total_requests, span_us)} a second",
            _search(state, REQUESTS),
        ),
        Tile("Failed (5xx)", number(failed), f"{share:.2g} %", _search(state, "status:5xx"), failed > 0),
        Tile(
            "Error lines",
            number(found.errors),
            f"of {number(found.lines)} lines",
            _search(state, errors),
            found.errors > 0,
        ),
        Tile("Lines", number(found.lines), f"{rate(found.lines, span_us)} a second", _search(state)),
        Tile(
            "Lines missing",
            number(found.lost),
            f"{number(found.doubled)} doubled",
            state.url("/audit"),
            found.lost > 0,
        ),
    ]


def _requests(found: Dashboard, state: State) -> Markup:
    def zoom(start: int, end: int) -> str:
        return _search(state, REQUESTS, live="", **{"from": timerange.instant(start), "to": timerange.instant(end)})

    if not found.total_requests:
        return Markup("")
    counted = svg.Counts(found.step_us, found.requests)
    return svg.bars(counted, CLASSES, height=HEIGHT_PX, unit="requests", link=zoom)


def _request_keys(found: Dashboard, state: State) -> list[Key]:
    out = []
    for name in reversed(CLASSES):
        if total := sum(counts.get(name, 0) for _, counts in found.requests):
            out.append(Key(f"s{name}", name, number(total), _search(state, f"status:{name}")))
    return out


def _latency(found: Dashboard) -> Markup:
    if found.overall is None:
        return Markup("")
    points = [(start, (one.p50, one.p95, one.p99) if one else (None, None, None)) for start, one in found.latency]
    return svg.lines(svg.Levels(found.step_us, points), PERCENTILES, height=HEIGHT_PX, label=percentile)


def _loggers(found: Dashboard, state: State, errors: str) -> list[Ranked]:
    most = max((n for _, n in found.errors_by_logger), default=0)
    return [
        Ranked(name or "(none)", number(n), svg.share(n, most), _search(state, errors, term("logger", name) or ""))
        for name, n in found.errors_by_logger
    ]


def _routes(found: Dashboard, state: State) -> list[Ranked]:
    slowest = max((one.p95 for one in found.slowest_routes), default=0)
    return [
        Ranked(
            one.route,
            percentile(one.p95),
            svg.share(one.p95, slowest),
            _search(state, REQUESTS, route_term(one.route)),
            number(one.count),
        )
        for one in found.slowest_routes
    ]


def percentile(ns: int) -> str:
    """“≈ 3.09 ms”: from buckets (rollups.py), so that durations that differ by less than 15 % read the same."""
    return f"≈\u202f{duration(ns)}"


def route_term(route: str) -> str:
    """`/users/{id}` as a query: `path:/users/*`; nothing for the routes that are counted together as others."""
    return "path:" + _PLACEHOLDER.sub("*", route) if route.startswith("/") else ""


def errors_term(levels: Iterable[str]) -> str:
    """The levels that count as errors, as a query: only those that occur, as there are many spellings."""
    found = sorted(ERROR_LEVELS.intersection(levels)) or ["error"]
    return f"level:({' OR '.join(found)})" if len(found) > 1 else f"level:{found[0]}"
