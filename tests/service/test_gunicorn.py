"""The service as a process: every byte of its stdout and stderr is a log line that keeps the contract."""

import http.client
import json
import os
import re
import signal
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from project.config import Settings
from tests.service import post
from tests.service.programs import environment
from tests.service.server import SERVICE, Gunicorn

HOSTILE_HEADERS = [
    'quote " and "',
    "backslash \\ and \\",
    'ends with \\"',
    "tab\tinside",
    '"} {"forged": true}',
    "umlaut äöü € 🎉",
    "%s %(h)s {0} ${x}",
    "z" * 8000,
]
HOSTILE_PATHS = [
    "/%0A%7B%22forged%22:true%7D%0A",
    "/%00",
    "/%1B%5B31mred",
    "/caf%C3%A9",
    "/quote%22back%5C",
    "/" + "p" * 3000,
]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Gunicorn]:
    with Gunicorn(tmp_path, "hostile:create_app()") as server:
        yield server


def attack(server: Gunicorn) -> list[str]:
    """Sends every hostile request; returns the User-Agents that arrived as valid UTF-8."""
    for agent in HOSTILE_HEADERS:
        server.send(
            b"GET /ping?a=%22%0A HTTP/1.1\r\nHost: x\r\nConnection: close\r\nUser-Agent: "
            + agent.encode()
            + b"\r\n\r\n"
        )
    for path in HOSTILE_PATHS:
        server.send(f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
    server.send(b"GET /ping HTTP/1.1\r\nHost: x\r\nConnection: close\r\nUser-Agent: \xff\xfe\x80raw\r\n\r\n")
    for refused in (
        b"GARBAGE\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET /" + b"u" * 9000 + b" HTTP/1.1\r\n\r\n",
    ):
        server.send(refused)
    return HOSTILE_HEADERS


def of(lines: list[dict[str, Any]], dataset: str) -> list[dict[str, Any]]:
    return [line for line in lines if line["event.dataset"] == f"{Settings.service_name}.{dataset}"]


def test_every_line_keeps_the_contract_under_hostile_requests_and_records(server: Gunicorn) -> None:
    agents = attack(server)
    for path in ("/log", "/boom", "/greenlet"):
        server.get(path)
    server.stop()

    access = of(server.lines("stdout"), "access")
    assert [line["user_agent.original"] for line in access if "user_agent.original" in line][: len(agents)] == agents
    assert '\n{"forged":true}\n' in {line["url.path"].removeprefix("/") for line in access}
    assert {"/\x00", "/\x1b[31mred", "/café", '/quote"back\\'} <= {line["url.path"] for line in access}
    assert any(line.get("user_agent.original") == "\\xff\\xfe\\x80raw" for line in access)

    errors = server.lines("stderr")
    boom = next(line for line in errors if line["message"].startswith("Exception on /boom"))
    assert (boom["error.type"], boom["log.truncated"]) == ("ValueError", True)
    assert "Traceback" in boom["error.stack_trace"]
    assert any(line.get("error.type") == "ZeroDivisionError" for line in errors)
    assert "hunter2" not in server.text("stderr")
    assert "MonkeyPatchWarning" not in server.text("stderr"), "something was imported before monkey.patch_all()"
    assert not any(line.get("forged") or line["event.id"] == "forged" for line in access + errors)


def test_lines_are_numbered_without_a_gap_in_each_process_and_the_last_one_says_the_count(
    server: Gunicorn,
) -> None:
    with ThreadPoolExecutor(16) as pool:
        list(pool.map(lambda _: server.get("/ping"), range(200)))
    server.stop()

    lines = server.lines()
    ids = [line["event.id"] for line in lines]
    assert len(set(ids)) == len(ids)
    processes = defaultdict(list)
    for line in lines:
        processes[line["process.entity_id"]].append(line)
    assert len(processes) == 3, "a master and two workers"
    for written in processes.values():
        written.sort(key=lambda line: line["event.sequence"])
        assert [line["event.sequence"] for line in written] == list(range(1, len(written) + 1))
        assert written[-1]["event.action"] == "log-end"
        assert len({line["process.pid"] for line in written}) == 1


def test_200_concurrent_requests_on_one_worker_each_keep_their_own_ids(tmp_path: Path) -> None:
    with Gunicorn(tmp_path, "hostile:create_app()", GUNICORN_WORKERS="1") as server:

        def call(n: int) -> None:
            trace = f"{n + 1:032x}"
            headers = {"X-Request-ID": f"demo-{n}", "traceparent": f"00-{trace}-00000000000000ff-01"}
            status, answered, body = server.get(f"/echo?n={n}", headers)
            assert (status, body) == (200, str(n).encode())
            assert answered["X-Request-ID"] == f"demo-{n}"
            assert answered["traceresponse"].split("-")[1] == trace

        with ThreadPoolExecutor(200) as pool:
            list(pool.map(call, range(200)))

    by_request = defaultdict(list)
    for line in server.lines():
        if "http.request.id" in line and line.get("url.path") != "/healthz":
            by_request[line["http.request.id"]].append(line)
    for n in range(200):
        lines = by_request[f"demo-{n}"]
        assert sorted(line["message"] for line in lines) == ["GET /echo 200", f"after {n}", f"before {n}"]
        assert {line["trace.id"] for line in lines} == {f"{n + 1:032x}"}


def test_secrets_of_a_request_never_reach_a_line(server: Gunicorn) -> None:
    inner = quote("http://127.0.0.1/?token=s3cret-2", safe="")
    headers = {
        "Authorization": "Bearer s3cret-1",
        "Cookie": "session=s3cret-3",
        "Referer": "http://x/?api_key=s3cret-4",
    }
    server.get(f"/ping?password=s3cret-5&pass%77ord=s3cret-6&url={inner}&keep=this", headers)
    server.get(f"/api/v1/whatweb?url={inner}")
    server.stop()
    assert "s3cret" not in server.text("stdout") + server.text("stderr")
    query = next(line["url.query"] for line in server.lines("stdout") if "keep" in line.get("url.query", ""))
    assert query.startswith(
        "password=[REDACTED]&pass%77ord=[REDACTED]&url=http%3A%2F%2F127.0.0.1%2F%3Ftoken%3D[REDACTED]&keep=this"
    )


def test_the_original_posts_template_works_unchanged(tmp_path: Path) -> None:
    with Gunicorn(tmp_path, GUNICORN_ACCESS_LOG_FORMAT=post.TEMPLATE) as server:
        attack(server)
        server.get("/ping?x=1", {"User-Agent": "curl/8", "Content-Type": "text/plain", "X-Request-ID": "post-1"})
    line = next(line for line in server.lines("stdout") if line.get("http.request.id") == "post-1")
    assert line["request"] == "GET /ping?x=1 HTTP/1.1"
    assert (line["http_request_url"], line["http_query_string"], line["http_status_code"]) == (
        "/ping",
        "x=1",
        200,
    )
    assert line["request_headers"] == {
        "content-type": "text/plain",
        "content-length": "-",
        "user-agent": "curl/8",
    }
    assert re.fullmatch(r"\[\d\d/\w{3}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}\]", line["request_time"])


def test_successful_health_checks_stay_out_of_the_access_log(server: Gunicorn) -> None:
    for path in ("/healthz", "/ping", "/healthz/no"):
        server.get(path)
    server.stop()
    assert [line["url.path"] for line in of(server.lines(), "access")] == ["/ping", "/healthz/no"]


def test_levels_change_in_the_running_server(tmp_path: Path) -> None:
    file = tmp_path / "levels"
    with Gunicorn(tmp_path, "hostile:create_app()", LOG_LEVELS_FILE=str(file), GUNICORN_WORKERS="1") as server:
        server.get("/debug")
        file.write_text("hostile = DEBUG\nhandler:access = ERROR\n")
        server.until(lambda: "Log levels changed" in server.text("stderr"), "the file isn't followed")
        server.get("/debug?shown")
        file.unlink()
        server.until(lambda: "back to those of the start" in server.text("stderr"), "the levels don't go back")
        server.get("/debug")
    assert len([line for line in server.lines("stderr") if line["message"] == "a debug line"]) == 1
    assert "shown" not in server.text("stdout")


def test_levels_from_the_environment_hold_after_a_reload(tmp_path: Path) -> None:
    with Gunicorn(tmp_path, "hostile:create_app()", LOG_LEVELS="hostile=DEBUG", GUNICORN_WORKERS="1") as server:
        server.process.send_signal(signal.SIGHUP)
        server.until(lambda: "Worker exiting" in server.text("stderr"), "no reload")
        server.until(server.answers, "no new worker")
        server.get("/debug")
    assert len([line for line in server.lines("stderr") if line["message"] == "a debug line"]) == 1


def test_an_unknown_handler_in_log_levels_stops_the_start_before_it_listens(tmp_path: Path) -> None:
    server = Gunicorn(tmp_path, LOG_LEVELS="handler:acces=ERROR")
    with pytest.raises(AssertionError, match="gunicorn ended"), server:
        pass
    *_, end, sentence = server.text("stderr").splitlines()
    assert sentence == (
        f"{Settings.service_name} doesn't start: LOG_LEVELS: no log handler is named 'handler:acces': "
        "write one of handler:access, handler:error, handler:sentry"
    )
    assert json.loads(end)["event.action"] == "log-end"
    assert "Listening" not in server.text("stderr")


def test_a_handler_that_a_reload_takes_away_is_warned_of_and_the_service_runs(tmp_path: Path) -> None:
    ini = tmp_path / "logging.conf"
    ini.write_text((SERVICE / "gunicorn_logging.conf").read_text())
    settings = {"GUNICORN_LOGCONFIG": str(ini), "LOG_LEVELS": "handler:sentry=CRITICAL", "GUNICORN_WORKERS": "1"}
    with Gunicorn(tmp_path, **settings) as server:
        ini.write_text(ini.read_text().replace("error, sentry", "error").replace("sentry, ", ""))
        server.process.send_signal(signal.SIGHUP)
        server.until(lambda: "No log handler is named 'sentry'" in server.text("stderr"), "no warning")
        server.until(lambda: "Worker exiting" in server.text("stderr"), "no reload")
        server.until(server.answers, "no new worker")


def test_a_busy_worker_is_replaced_and_says_so(tmp_path: Path) -> None:
    with Gunicorn(tmp_path, "hostile:create_app()", GUNICORN_TIMEOUT="1", GUNICORN_WORKERS="1") as server:
        with pytest.raises(http.client.RemoteDisconnected):
            server.get("/busy")
        server.until(server.answers, "no new worker")
    timeout = next(line for line in server.lines("stderr") if "WORKER TIMEOUT" in line["message"])
    assert timeout["log.level"] == "critical"


def test_a_killed_worker_leaves_no_last_line_and_its_successor_a_new_entity(tmp_path: Path) -> None:
    with Gunicorn(tmp_path, GUNICORN_WORKERS="1") as server:
        server.get("/ping")
        server.until(lambda: of(server.lines("stdout"), "access"), "no access line")
        killed = of(server.lines("stdout"), "access")[0]
        os.kill(killed["process.pid"], signal.SIGKILL)
        server.until(lambda: "was sent SIGKILL" in server.text("stderr"), "the master didn't notice")
        server.until(server.answers, "no new worker")
        server.get("/ping")
    after = of(server.lines(), "access")[-1]
    assert after["process.entity_id"] != killed["process.entity_id"]
    ends = {line["process.entity_id"] for line in server.lines() if line.get("event.action") == "log-end"}
    assert after["process.entity_id"] in ends
    assert killed["process.entity_id"] not in ends


def test_every_setting_of_the_original_post_can_be_set_from_the_environment(tmp_path: Path) -> None:
    changed = {
        "ADDRESS": "127.0.0.2", "PORT": "5999", "BACKLOG": "7", "WORKERS": "3", "WORKER_CLASS": "sync",
        "WORKER_CONNECTIONS": "9", "TIMEOUT": "11", "KEEPALIVE": "4", "ERRORLOG": "/dev/null", "LOGLEVEL": "error",
        "ACCESSLOG": "/dev/null", "ACCESS_LOG_FORMAT": "{}",
    }  # fmt: skip
    code = "import json, runpy; d = runpy.run_path('gunicorn_config.py'); print(json.dumps({k: d[k] for k in %r}))"
    names = [name.lower() for name in changed] + ["bind"]
    output = subprocess.run(
        [sys.executable, "-c", code % names], cwd=SERVICE, check=True, capture_output=True,
        env={f"GUNICORN_{name}": value for name, value in changed.items()},
    ).stdout  # fmt: skip
    settings = json.loads(output)
    assert settings.pop("bind") == "127.0.0.2:5999"
    assert {name.upper(): str(value) for name, value in settings.items()} == changed


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("GUNICORN_WORKERS", "0", "write 1 or more"),
        ("GUNICORN_PORT", "99999", "a port up to 65535"),
        ("GUNICORN_PORT", "http", "is not a number"),
        ("SENTRY_DSN", "garbage", "SENTRY_DSN is no DSN"),
        ("ERROR_CLIENT", "rollbar", "write one of sentry, raven"),
        ("LOG_LEVELS", "loud", "LOG_LEVELS: 'loud': write name=LEVEL"),
    ],
)
def test_a_setting_that_cant_be_used_stops_the_start_with_a_sentence(name: str, value: str, said: str) -> None:
    gunicorn = [sys.executable, "-m", "gunicorn", "-c", "gunicorn_config.py", "project:create_app()"]
    ended = subprocess.run(
        gunicorn, cwd=SERVICE, env=environment(**{name: value}), capture_output=True, text=True, timeout=20, check=False
    )  # fmt: skip
    assert ended.returncode == 1
    assert said in ended.stderr
    assert len(ended.stderr.splitlines()) == 1
