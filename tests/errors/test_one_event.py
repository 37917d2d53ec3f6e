"""One failure, one event; and the event, its log lines and the answer name each other."""

import http.client
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.errors.serving import failing, lines_of
from tests.errors.trackers import Event, Kent, until
from tests.service.server import Gunicorn

CLIENTS = ["sentry", "raven"]
# Route → events.
FAILURES = {
    "unhandled": 1,
    "exception": 1,
    "exception-and-raise": 1,
    "error": 1,
    "critical": 1,
    "same-exception-again": 1,
    "same-exception-again?2": 1,
    "warning": 0,
    "ping": 0,
    "no-such-route": 0,
}


class Reported(NamedTuple):
    server: Gunicorn
    events: list[Event]
    traces: dict[str, str]  # as answered

    def of(self, route: str) -> list[Event]:
        return [event for event in self.events if event.get("tags", {}).get("request_id") == request_id(route)]

    def lines(self, route: str) -> list[dict[str, Any]]:
        return lines_of(self.server, request_id(route))


def request_id(route: str) -> str:
    return f"id-{route.replace('?', '-')}"


@pytest.fixture(scope="module", params=CLIENTS)
def reported(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reported]:
    """What one server reported of all the failures, after it ended: nothing is on its way any more."""
    with Kent() as tracker:
        with failing(tmp_path_factory.mktemp("server"), tracker.dsn, request.param) as server:
            traces = {}
            for route in [*FAILURES, "greenlet"]:
                _, headers, _ = server.get(f"/{route}", {"X-Request-ID": request_id(route)})
                assert headers["X-Request-ID"] == request_id(route)
                traces[route] = headers["traceresponse"].split("-")[1]
        yield Reported(server, tracker.events(), traces)


@pytest.mark.parametrize("route", FAILURES)
def test_a_failure_makes_exactly_one_event(reported: Reported, route: str) -> None:
    assert len(reported.of(route)) == FAILURES[route]


def test_nothing_else_is_reported_but_the_greenlet(reported: Reported) -> None:
    others = [event for event in reported.events if "request_id" not in event.get("tags", {})]
    assert [event["exception"]["values"][-1]["value"] for event in others] == ["in a greenlet"]


@pytest.mark.parametrize("route", [route for route, events in FAILURES.items() if events])
def test_answer_app_line_access_line_and_event_have_the_same_ids(reported: Reported, route: str) -> None:
    (event,) = reported.of(route)
    trace = reported.traces[route]
    lines = reported.lines(route)
    assert {line["event.dataset"] for line in lines} == {"bs-whatweb.app", "bs-whatweb.access"}
    assert {line["trace.id"] for line in lines} == {trace}
    assert (event["tags"]["trace_id"], event["contexts"]["trace"]["trace_id"]) == (trace, trace)


@pytest.mark.parametrize("route", [route for route, events in FAILURES.items() if events])
def test_the_line_leads_to_its_event_and_the_event_to_its_lines(reported: Reported, route: str) -> None:
    (event,) = reported.of(route)
    errors = [line for line in reported.lines(route) if line["log.level"] in ("error", "critical")]
    assert {line["error.id"] for line in errors} == {event["event_id"]}
    assert {line["labels.error_event_url"] for line in errors} == {f"http://tracker/issues/event/{event['event_id']}/"}
    assert event["contexts"]["logs"]["url"].startswith(f"http://logdesk/?q=request:{request_id(route)}&from=20")


def test_an_event_says_who_sent_it(reported: Reported) -> None:
    for event in reported.events:
        assert (event["release"], event["environment"]) == ("bs-whatweb@1.0.0", "test")
        assert event["server_name"] == reported.lines("error")[0]["host.hostname"]


def test_every_line_keeps_the_contract_and_no_client_writes_one(reported: Reported) -> None:
    text = reported.server.text("stderr")
    assert "MonkeyPatchWarning" not in text
    assert "entry" not in {line["log.logger"].split("_")[0] for line in reported.server.lines("stderr")}


@pytest.mark.parametrize("client", CLIENTS)
def test_a_workers_time_out_is_one_event_and_a_line_shows_the_request_it_was_busy_with(
    tmp_path: Path, client: str
) -> None:
    with Kent() as tracker, failing(tmp_path, tracker.dsn, client, GUNICORN_TIMEOUT="1") as server:
        with pytest.raises(http.client.RemoteDisconnected):
            server.get("/busy", {"X-Request-ID": "busy-1"})
        server.until(server.answers, "no new worker")
        tracker.wait(1)
        server.stop()
        (event,) = tracker.events()
    assert event["logentry"]["formatted"].startswith("WORKER TIMEOUT (pid:")
    (line,) = [line for line in server.lines("stderr") if "WORKER TIMEOUT" in line["message"]]
    assert line["error.id"] == event["event_id"]
    assert event["contexts"]["logs"]["url"].startswith(f"http://logdesk/?q=error.id:{event['event_id']}&")
    (busy,) = [line for line in lines_of(server, "busy-1") if "busy too long" in line["message"]]
    assert "in busy" in busy["error.stack_trace"]


@pytest.mark.parametrize("client", CLIENTS)
def test_workers_that_cant_start_are_one_event(tmp_path: Path, client: str) -> None:
    with Kent() as tracker:
        server = failing(tmp_path, tracker.dsn, client, "failing:cant_start()", GUNICORN_WORKERS="2")
        with pytest.raises(AssertionError, match="gunicorn ended"), server:
            pass
        tracker.wait(1)
        (event,) = tracker.events()
    assert event["exception"]["values"][-1]["value"] == "no start"
    assert [frame["function"] for frame in event["exception"]["values"][-1]["stacktrace"]["frames"]][-1] == "cant_start"


def test_an_app_that_cant_be_imported_is_one_event(tmp_path: Path) -> None:
    """Its worker has no client yet."""
    (tmp_path / "broken.py").write_text("raise RuntimeError('not importable')")
    with Kent() as tracker:
        server = failing(tmp_path, tracker.dsn, app="broken:app", PYTHONPATH=str(tmp_path))
        with pytest.raises(AssertionError, match="gunicorn ended"), server:
            pass
        (event,) = tracker.wait(1)
    assert event["exception"]["values"][0]["value"] == "not importable"


def test_a_killed_workers_end_is_no_event_but_the_failures_before_it_are(tmp_path: Path) -> None:
    with Kent() as tracker, failing(tmp_path, tracker.dsn) as server:
        server.get("/error", {"X-Request-ID": "before"})
        tracker.wait(1)
        pid = lines_of(server, "before")[0]["process.pid"]
        os.kill(pid, signal.SIGKILL)
        server.until(lambda: "was sent SIGKILL" in server.text("stderr"), "the master didn't notice")
        server.until(server.answers, "no new worker")
        server.get("/error", {"X-Request-ID": "after"})
        tracker.wait(2)
        server.stop()
        assert [len(tracker.of(id)) for id in ("before", "after")] == [1, 1]
        assert len(tracker.events()) == 2


def test_events_queued_at_the_end_of_a_worker_still_leave(tmp_path: Path) -> None:
    with Kent() as tracker:
        with failing(tmp_path, tracker.dsn) as server:
            for _ in range(20):
                server.get("/error")
        until(lambda: len(tracker.events()) == 20, lambda: f"{len(tracker.events())} of 20")


def test_without_a_dsn_nothing_is_reported_and_no_client_imported(tmp_path: Path) -> None:
    with failing(tmp_path, "", app="failing:modules()") as server:
        assert server.get("/error", {"X-Request-ID": "quiet"})[0] == 200
        assert b"sentry_sdk" not in server.get("/modules")[2]
    (line,) = [line for line in lines_of(server, "quiet") if line["log.level"] == "error"]
    assert "error.id" not in line
