"""`make up` from nothing, and what a user finds then."""

import json
import threading
from typing import Any

import pytest

from tests.docker.compose import Stack, docker, get, until


def errors(stack: Stack, path: str) -> Any:
    """Bugsink's JSON API."""
    token = stack.compose("exec", "-T", "bugsink", "cat", "/data/bugsink/token").strip()
    status, _, body = get(f"{stack.bugsink}/api/canonical/0/{path}", {"Authorization": f"Bearer {token}"})
    assert status == 200, body
    return json.loads(body)


def events(stack: Stack) -> list[dict[str, Any]]:
    issues = errors(stack, "issues/?project=1")["results"]
    return [event for issue in issues for event in errors(stack, f"events/?issue={issue['id']}")["results"]]


def test_up_says_where_everything_is_and_shows_the_secrets_once(stack: Stack) -> None:
    assert all(address in stack.said.stdout for address in (stack.api, stack.logdesk, stack.bugsink))
    assert all(secret in stack.said.stderr for secret in stack.secrets.values())
    assert not any(secret in stack.said.stdout for secret in stack.secrets.values())
    assert (stack.tree / ".env").stat().st_mode & 0o777 == 0o600


def test_a_request_is_found_in_the_log_search_by_its_id(stack: Stack) -> None:
    status, headers, _ = get(f"{stack.api}/ping", {"X-Request-ID": "docker-1"})
    assert (status, headers["X-Request-ID"]) == (200, "docker-1")
    line = stack.line("request:docker-1")
    assert line["url.path"] == "/ping"
    # What only Docker's driver can know: the stream, as a severity, and the daemon's host.
    assert line["log.syslog.severity.code"] == 6
    assert line["log.syslog.hostname"] != line["host.hostname"]


def test_a_failure_is_found_in_the_error_tracker_by_the_same_id(stack: Stack) -> None:
    status, _, _ = get(f"{stack.api}/failing/crash", {"X-Request-ID": "docker-2"})
    assert status == 500
    line = until(lambda: stack.lines("request:docker-2 level:error"), "no error line")[0]
    assert line["error.type"] == "ZeroDivisionError"
    [event] = until(
        lambda: [event for event in events(stack) if "docker-2" in json.dumps(errors(stack, f"events/{event['id']}/"))],
        "the error isn't in Bugsink",
    )
    assert line["trace.id"] in json.dumps(errors(stack, f"events/{event['id']}/"))


def test_pages_want_the_password(stack: Stack) -> None:
    assert get(f"{stack.logdesk}/")[0] == 401


def test_a_message_of_40_kb_arrives_as_one_line(stack: Stack) -> None:
    get(f"{stack.api}/failing/long?bytes=40000", {"X-Request-ID": "docker-3"})
    line = until(lambda: stack.lines("request:docker-3 level:error"), "no line")
    assert len(line) == 1
    assert line[0]["log.truncated"] is True
    assert line[0]["message"].startswith("long xxx")


def test_a_traceback_of_200_lines_arrives_as_one_line(stack: Stack) -> None:
    get(f"{stack.api}/failing/crash?depth=100", {"X-Request-ID": "docker-4"})
    [line] = until(lambda: stack.lines("request:docker-4 level:error"), "no line")
    assert line["error.stack_trace"].count("\n") >= 200


def test_a_saved_file_is_served_without_a_restart(stack: Stack) -> None:
    file = stack.tree / "services" / "bs-whatweb" / "project" / "api" / "health.py"
    code = file.read_text()
    file.write_text(code.replace('"pong"', '"edited"'))
    try:
        until(lambda: b"edited" in get(f"{stack.api}/ping")[2], "the old code is served")
    finally:
        file.write_text(code)
        # Not left to the reloader: it misses a file that changes while a worker starts.
        stack.compose("restart", "bs-whatweb")
    until(lambda: up(stack), "it doesn't answer any more")


def test_a_stop_lets_requests_finish_and_the_last_lines_leave(stack: Stack) -> None:
    answers: list[int] = []

    def slow() -> None:
        answers.append(get(f"{stack.api}/failing/slow?seconds=4", {"X-Request-ID": "docker-5"})[0])

    before = {process["entity_id"] for process in stack.audit("bs-whatweb") if process["ended"] == "running"}
    missing = stack.missing("bs-whatweb")
    request = threading.Thread(target=slow)
    request.start()
    stack.line("request:docker-5 slow")
    stack.compose("stop", "bs-whatweb")
    request.join()
    assert answers == [200]
    stack.line("request:docker-5 dataset:bs-whatweb.access")
    until(lambda: ended(stack, before) == {"cleanly"}, "the processes' last lines are missing")
    assert stack.missing("bs-whatweb") == missing
    stack.compose("start", "bs-whatweb")
    until(lambda: up(stack), "it doesn't answer any more")


def ended(stack: Stack, entities: set[str]) -> set[str]:
    return {process["ended"] for process in stack.audit("bs-whatweb") if process["entity_id"] in entities}


def up(stack: Stack) -> bool:
    try:
        return get(f"{stack.api}/healthz")[0] == 200
    except OSError:
        return False


def test_a_kill_leaves_all_up_to_it_and_the_audit_shows_the_cut(stack: Stack) -> None:
    get(f"{stack.api}/failing/crash", {"X-Request-ID": "docker-6"})
    until(lambda: events(stack), "no event")
    stack.line("request:docker-6 level:error")
    before = {process["entity_id"] for process in stack.audit("bs-whatweb") if process["ended"] == "running"}
    docker("kill", stack.container("bs-whatweb"))
    stack.compose("up", "--detach", "--wait", "bs-whatweb")
    get(f"{stack.api}/ping", {"X-Request-ID": "docker-7"})
    after = stack.line("request:docker-7")
    assert after["process.entity_id"] not in before
    killed = [process for process in stack.audit("bs-whatweb") if process["entity_id"] in before]
    assert killed
    # Nothing is missing before the cut, and no last line says that the process ended.
    assert all(process["final"] is None and process["missing_count"] == 0 for process in killed)


def test_down_and_up_again_loses_nothing_and_asks_nothing(stack: Stack) -> None:
    secrets = (stack.tree / ".env").read_text()
    get(f"{stack.api}/ping", {"X-Request-ID": "docker-8"})
    stack.line("request:docker-8")
    get(f"{stack.api}/failing/crash")
    until(lambda: events(stack), "no event")
    missing = stack.missing("bs-whatweb")
    stack.down()
    with pytest.raises(OSError):  # noqa: PT011 - nobody answers, whatever the words
        get(f"{stack.api}/ping")
    stack.start()
    assert (stack.tree / ".env").read_text() == secrets
    assert not any(secret in stack.said.stderr for secret in stack.secrets.values())
    assert stack.line("request:docker-8")["url.path"] == "/ping"
    assert any("ZeroDivisionError" in json.dumps(event) for event in errors(stack, "issues/?project=1")["results"])
    assert stack.missing("bs-whatweb") == missing
