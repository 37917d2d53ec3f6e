"""The whole scene, with nothing made up: a request fails, the tracker shows it once, the developers have a mail."""

import html
import http.client
import re
import stat
import time
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.errors.bugsink import EMAIL, Bugsink, Mailbox
from tests.errors.serving import failing, lines_of
from tests.errors.trackers import until

MAIL_WITHIN = 60  # seconds


class Scene(NamedTuple):
    tracker: Bugsink
    mails: Mailbox


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    with Mailbox() as mails:
        mail = {"EMAIL_HOST": "127.0.0.1", "EMAIL_PORT": str(mails.port)}
        with Bugsink(tmp_path_factory.mktemp("bugsink"), **mail) as tracker:
            yield Scene(tracker, mails)


@pytest.mark.parametrize("client", ["sentry", "raven"])
def test_each_failure_is_counted_once_and_repeats_are_one_issue(scene: Scene, tmp_path: Path, client: str) -> None:
    before = scene.tracker.issues()
    routes = ["unhandled", "exception", "exception-and-raise", "error", "critical", "greenlet"]
    with failing(tmp_path, scene.tracker.dsn, client, GUNICORN_TIMEOUT="2") as server:
        for route in routes:
            server.get(f"/{route}", {"X-Request-ID": f"{client}-{route}"})
        with ThreadPoolExecutor(10) as pool:
            list(pool.map(server.get, ["/user/50"] * 50))

        def more() -> list[tuple[str, int]]:
            """Title and new events of each issue that has new ones."""
            now = scene.tracker.issues()
            counts = [(title, count - before.get(id, ("", 0))[1]) for id, (title, count) in now.items()]
            return [(title, count) for title, count in counts if count]

        # What is queued in a worker that gets stuck may be lost: first wait for it.
        expected = len(routes) + 50
        until(lambda: sum(count for _, count in more()) >= expected, lambda: f"{more()}", 60)
        with pytest.raises(http.client.RemoteDisconnected):
            server.get("/busy")
        server.until(server.answers, "no new worker")
        until(lambda: sum(count for _, count in more()) > expected, lambda: f"{more()}", 60)
    server = failing(tmp_path, scene.tracker.dsn, client, "failing:cant_start()", GUNICORN_WORKERS="2")
    with pytest.raises(AssertionError, match="gunicorn ended"), server:
        pass
    until(lambda: sum(count for _, count in more()) > expected + 1, lambda: f"{more()}", 60)
    counts = more()
    counts.remove(("user 50", 50))
    assert [count for _, count in counts] == [1] * (len(routes) + 2), str(counts)
    events = [
        event for event in scene.tracker.events() if event.get("tags", {}).get("request_id", "").startswith(client)
    ]
    assert {event["tags"]["request_id"] for event in events} == {f"{client}-{route}" for route in routes[:-1]}


def test_a_new_failure_is_mailed_to_the_developers_within_a_minute(scene: Scene, tmp_path: Path) -> None:
    with failing(tmp_path, scene.tracker.dsn) as server:
        start = time.monotonic()
        server.get("/user/new")
        until(lambda: scene.mails.about("user new"), lambda: "no mail", MAIL_WITHIN)
        server.get("/user/new")
        ((arrived, mail),) = scene.mails.about("user new")
    assert arrived - start < MAIL_WITHIN
    assert mail["To"] == EMAIL
    assert 'OrderError: user new" in "services" (New issue)' in mail["Subject"]
    body = mail.get_body(("plain",))
    assert body
    assert f"{scene.tracker.address}/issues/issue/" in body.get_content()


def test_the_same_failure_of_two_services_is_two_issues_and_two_mails(scene: Scene, tmp_path: Path) -> None:
    for name in ("bs-foo", "bs-bar"):
        with failing(tmp_path, scene.tracker.dsn, SERVICE_NAME=name) as server:
            server.get("/user/of-both")
    until(lambda: len(scene.mails.about("user of-both")) == 2, lambda: f"{scene.mails.received}", MAIL_WITHIN)


def test_from_the_log_line_to_the_event_and_from_there_to_the_lines(scene: Scene, tmp_path: Path) -> None:
    with failing(tmp_path, scene.tracker.dsn, ERROR_EVENT_URL=scene.tracker.event_url) as server:
        _, headers, _ = server.get("/unhandled", {"X-Request-ID": "demo-1"})
        trace = headers["traceresponse"].split("-")[1]
    (line,) = [line for line in lines_of(server, "demo-1") if "error.id" in line]
    get = scene.tracker.browser()
    until(lambda: line["error.id"] in str(scene.tracker.events()), lambda: "no event")
    address, page = get(line["labels.error_event_url"])
    assert "OrderError" in page
    (link,) = re.findall(r'href="(http://logdesk/[^"]*)"', page)
    assert html.unescape(link).startswith("http://logdesk/?q=request:demo-1&from=20")
    _, details = get(f"{address}details/")
    assert trace in details
    assert f'href="{link}"' in details


def test_bootstrap_prints_the_password_once_and_keeps_its_files_to_itself(tmp_path: Path) -> None:
    tracker = Bugsink(tmp_path)
    first, second = tracker.bootstrap(), tracker.bootstrap()
    assert first.stderr.count(tracker.file("password")) == 1
    assert (second.stdout, second.stderr) == ("", "")
    for name in ("dsn", "password", "project", "secret-key", "token"):
        assert stat.S_IMODE((tmp_path / "bugsink" / name).stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "bugsink").stat().st_mode) == 0o700


def test_without_a_mail_server_mails_are_files(tmp_path: Path) -> None:
    with Bugsink(tmp_path) as tracker, failing(tmp_path, tracker.dsn) as server:
        server.get("/error")
        mails = tmp_path / "mail"
        until(lambda: list(mails.glob("*.eml")), lambda: "no mail")
        assert "An error of" in next(mails.glob("*.eml")).read_text()


def test_bugsink_listens_on_loopback_only_and_asks_who_you_are(scene: Scene) -> None:
    with urllib.request.urlopen(f"{scene.tracker.address}/issues/1/", timeout=5) as answer:
        assert "/accounts/login/" in answer.url
    assert "127.0.0.1" in " ".join(Path(f"/proc/{scene.tracker.process.pid}/cmdline").read_text().split("\0"))
