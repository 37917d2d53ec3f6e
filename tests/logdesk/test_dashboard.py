from __future__ import annotations

import random
from typing import Any

from logdesk.dashboard import dashboard
from logdesk.reader import Span, open_index
from tests.logdesk.place import Place, line, numbered, us


def request(second: float, status: int = 200, ms: int = 10, path: str = "/", **fields: Any) -> dict[str, Any]:
    return line(
        second,
        http__request__method="GET",
        http__response__status_code=status,
        url__path=path,
        event__duration=ms * 1_000_000,
        **fields,
    )


def close(found: int, ms: float) -> bool:
    return abs(found - ms * 1e6) <= 0.08 * ms * 1e6


def test_requests_are_counted_by_status_class_and_bucket(place: Place) -> None:
    place.write(request(30), request(59, 503), request(61, 404), request(61.5, 404), line(62), request(3599, 301))
    place.index()
    with open_index(place.settings) as db:
        board = dashboard(db, Span(us(), us(3600)), buckets=60)
    assert board.step_us == 60_000_000
    assert len(board.requests) == 60
    filled = {(start - us()) // 60_000_000: classes for start, classes in board.requests if classes}
    assert filled == {0: {"2xx": 1, "5xx": 1}, 1: {"4xx": 2}, 59: {"3xx": 1}}
    assert (board.total_requests, board.lines, board.errors) == (5, 6, 0)


def test_latency_is_that_of_the_requests(place: Place) -> None:
    durations = [random.Random(1).randrange(1, 2000) for _ in range(300)]
    place.write(*(request(n, ms=ms) for n, ms in enumerate(durations)))
    place.index()
    durations.sort()
    with open_index(place.settings) as db:
        board = dashboard(db, Span(us(), us(3600)))
    assert board.overall is not None
    assert close(board.overall.p50, durations[149])
    assert close(board.overall.p95, durations[284])
    assert close(board.overall.p99, durations[296])
    assert board.latency[0][1] is not None
    assert board.latency[30][1] is None


def test_a_day_of_hours_is_the_sum_of_its_minutes(place: Place) -> None:
    place.write(*(request(n * 61, status=200 + n % 5 * 100, ms=n % 7 * 50 + 1, path=f"/p{n % 3}") for n in range(1400)))
    place.index()
    with open_index(place.settings) as db:
        by_day = dashboard(db, Span(us(), us(86_400)), buckets=24)
        by_minute = dashboard(db, Span(us(60), us(86_400 - 60)), buckets=1440)
    assert by_day.step_us == 3_600_000_000
    assert by_day.total_requests == 1400 == by_day.lines
    assert sum(sum(classes.values()) for _, classes in by_day.requests) == 1400
    assert by_minute.total_requests == sum(60 <= n * 61 < 86_340 for n in range(1400))
    assert sum(route.count for route in by_minute.slowest_routes) == by_minute.total_requests


def test_the_slowest_routes_come_first_with_their_variable_parts_joined(place: Place) -> None:
    place.write(*(request(n, ms=500, path=f"/slow/{n}") for n in range(20)))
    place.write(*(request(n, ms=5, path="/fast") for n in range(20)), request(1, ms=9000, path="/once"))
    place.index()
    with open_index(place.settings) as db:
        routes = dashboard(db, Span(us(), us(60))).slowest_routes
    assert [(route.route, route.count) for route in routes] == [("/slow/{id}", 20), ("/fast", 20)]
    assert close(routes[0].p95, 500)


def test_errors_are_counted_by_logger(place: Place) -> None:
    place.write(
        *(line(n, log__level="error", log__logger="app.db") for n in range(3)),
        line(4, log__level="CRITICAL", log__logger="app"),
        line(5, log__level="warning", log__logger="app.db"),
        line(6, log__level="error"),
    )
    place.index()
    with open_index(place.settings) as db:
        board = dashboard(db, Span(us(), us(60)))
    assert board.errors_by_logger == [("app.db", 3), ("app", 1)]
    assert board.errors == 5


def test_one_service_is_shown_alone(place: Place) -> None:
    place.write(request(1), line(2, log__level="error", log__logger="l"), numbered(2))
    place.write(request(1, 500, service__name="bill"), numbered(4, "e2", service__name="bill"), service="bill")
    place.index()
    with open_index(place.settings) as db:
        board = dashboard(db, Span(us(), us(60)), service="bill")
        both = dashboard(db, Span(us(), us(60)))
    assert (board.total_requests, board.lines, board.errors, board.lost) == (1, 2, 0, 3)
    assert (both.total_requests, both.lines, both.errors, both.lost) == (2, 5, 1, 4)


def test_an_empty_span_is_no_error(place: Place) -> None:
    place.write(line(1))
    place.index()
    with open_index(place.settings) as db:
        board = dashboard(db, Span(us(day=5), us(day=6)))
    assert (board.lines, board.overall, board.lost) == (0, None, 0)
    assert len(board.requests) == len(board.latency) > 10
