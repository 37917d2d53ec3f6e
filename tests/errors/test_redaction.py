"""What leaves the process has no secrets in it: the rules are the log lines' (redact.py)."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from project.api.utils.errors.event import finish, scrub
from project.api.utils.errors.settings import ErrorSettings
from tests.errors.serving import failing
from tests.errors.trackers import Kent

BODY = json.dumps({"user": "eve", "login": {"password": "s3cret-body"}, "note": "shown-when-on"})
HEADERS = {
    "Authorization": "Bearer s3cret-1",
    "Cookie": "session=s3cret-2; theme=dark",
    "X-Api-Key": "s3cret-3",
    "Referer": "http://x/?api_key=s3cret-4&page=2",
    "Content-Type": "application/json",
    "X-Request-ID": "secret-request",
}


@pytest.mark.parametrize(("client", "bodies"), [("sentry", ""), ("sentry", "1"), ("raven", ""), ("raven", "1")])
def test_no_secret_of_a_request_reaches_the_tracker(tmp_path: Path, client: str, bodies: str) -> None:
    with Kent() as tracker, failing(tmp_path, tracker.dsn, client, SENTRY_SEND_BODIES=bodies) as server:
        path = "/secrets?password=s3cret-5&pass%77ord=s3cret-6&url=http%3A%2F%2Fx%2F%3Ftoken%3Ds3cret-7&keep=this"
        assert server.get(path, HEADERS, "POST", BODY)[0] == 500
        tracker.wait(2)
        server.stop()
        events = tracker.events()
    sent = json.dumps(events)
    assert not re.findall(r".{0,80}s3cret.{0,40}", sent)
    assert ("shown-when-on" in sent) == bool(bodies)
    # What isn't secret is still there to work with.
    unhandled = next(event for event in events if "exception" in event)
    assert "keep=this" in unhandled["request"]["query_string"]
    assert unhandled["exception"]["values"][-1]["value"].startswith("password=[REDACTED]")
    variables = unhandled["exception"]["values"][-1]["stacktrace"]["frames"][-1]["vars"]
    assert variables["password"] == "[REDACTED]"
    assert "eve" in json.dumps(variables["nested"])
    assert {event["logentry"]["formatted"] for event in events if "logentry" in event} <= {"token=[REDACTED]"}


@pytest.mark.parametrize(
    ("value", "scrubbed"),
    [
        ({"a": [{"api_key": "x", "b": 1}]}, {"a": [{"api_key": "[REDACTED]", "b": 1}]}),
        ({"headers": [["Cookie", "x=y"], ["Host", "h"]]}, {"headers": [["Cookie", "[REDACTED]"], ["Host", "h"]]}),
        ({"vars": {"self": "<Login password='x'>"}}, {"vars": {"self": "<Login password='[REDACTED]'>"}}),
        ({"query_string": "p=1&token=%41"}, {"query_string": "p=1&token=[REDACTED]"}),
        ({"n": 1, "f": 1.5, "none": None, "yes": True}, {"n": 1, "f": 1.5, "none": None, "yes": True}),
    ],
)
def test_scrub_redacts_at_any_depth(value: Any, scrubbed: Any) -> None:
    assert scrub(value) == scrubbed


def test_the_arguments_of_a_log_call_stay_here_because_they_have_no_names() -> None:
    event = {"event_id": "1", "logentry": {"message": "token=%s", "params": ["s3cret"], "formatted": "token=s3cret"}}
    assert finish(event, ErrorSettings())["logentry"] == {
        "message": "token=[REDACTED]",
        "formatted": "token=[REDACTED]",
    }
