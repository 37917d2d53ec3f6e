"""A tracker in trouble is no trouble for the service."""

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest

from tests.errors.serving import failing
from tests.errors.trackers import BlackHole, Down, Refusing, until
from tests.service.server import Gunicorn

TROUBLES: dict[str, Callable[[], AbstractContextManager[Any]]] = {
    "down": Down,
    "black hole": BlackHole,
    "429": lambda: Refusing(429, {"Retry-After": "1"}),
    "413": lambda: Refusing(413),
    "500": lambda: Refusing(500),
}


def complaints(server: Gunicorn) -> list[str]:
    return [line["message"] for line in server.lines("stderr") if "takes no events" in line["message"]]


@pytest.mark.parametrize(
    ("trouble", "client"),
    [*((trouble, "sentry") for trouble in TROUBLES), ("down", "raven"), ("black hole", "raven"), ("429", "raven")],
)
def test_the_log_says_it_once_and_no_request_waits(tmp_path: Path, trouble: str, client: str) -> None:
    with TROUBLES[trouble]() as tracker, failing(tmp_path, tracker.dsn, client) as server:
        slowest = 0.0
        for _ in range(50):
            start = time.monotonic()
            assert server.get("/unhandled")[0] == 500
            slowest = max(slowest, time.monotonic() - start)
        server.until(lambda: complaints(server), "nobody says that events are lost")
        started = time.monotonic()
        server.stop()
        stopped = time.monotonic() - started
    assert len(complaints(server)) == 1
    assert slowest < 2, "a request waited for the tracker"  # which takes 5 s to give up on
    assert stopped < 5, "the worker's end waited for the tracker"
    failed = [line for line in server.lines("stderr") if line["message"] == "Exception on /unhandled [GET]"]
    assert len(failed) == 50, "the log is complete, whatever becomes of the events"


@pytest.mark.parametrize("client", ["sentry", "raven"])
def test_the_log_says_when_it_works_again(tmp_path: Path, client: str) -> None:
    with Refusing(500) as tracker, failing(tmp_path, tracker.dsn, client) as server:
        server.get("/error")
        until(lambda: complaints(server), lambda: "nobody says that events are lost")
        tracker.status = 200

        def works_again() -> bool:
            server.get("/error")
            return "takes events again" in server.text("stderr")

        until(works_again, lambda: "nobody says that it works again")
        assert len(complaints(server)) == 1


@pytest.mark.parametrize("client", ["sentry", "raven"])
def test_the_queue_has_an_end(tmp_path: Path, client: str) -> None:
    with BlackHole() as tracker, failing(tmp_path, tracker.dsn, client, app="failing:many()") as server:
        dropped = int(server.get("/many/1100")[2])
        # One is on its way, 1000 wait.
        assert 90 <= dropped <= 100
        assert len(complaints(server)) == 1
