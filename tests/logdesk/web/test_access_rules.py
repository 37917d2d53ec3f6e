"""Who may read the pages."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from logdesk.settings import Settings, from_environment
from logdesk.web import create_app, serve
from logdesk.web.security import HEADERS
from tests.logdesk.web.running import program

PASSWORD = "correct horse – battery"


STYLE = f"{create_app(Settings(archive=Path(), index=Path())).static_url_path}/style.css"


def client(tmp_path: Path, **settings: object) -> FlaskClient:
    return create_app(Settings(archive=tmp_path, index=tmp_path, **settings)).test_client()  # type: ignore[arg-type]


def basic(password: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"anybody:{password}".encode()).decode()}


@pytest.mark.parametrize(
    "host",
    ["localhost", "localhost:5080", "127.0.0.1:5080", "[::1]:5080", "10.1.2.3", "LOCALHOST", "logdesk.localhost:1"],
)
def test_addresses_and_localhost_are_served(tmp_path: Path, host: str) -> None:
    assert client(tmp_path).get("/help", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:5080", "127.0.0.1.evil.example", "localhost.evil.example", "", "[", "a@127.0.0.1x"],
)
@pytest.mark.parametrize("path", ["/help", "/", "/api/search", STYLE])
def test_foreign_name_that_points_here_is_refused(tmp_path: Path, host: str, path: str) -> None:
    answer = client(tmp_path).get(path, headers={"Host": host})
    assert answer.status_code == 421
    assert "LOGDESK_HOSTS" in answer.text


def test_name_in_logdesk_hosts_is_served(tmp_path: Path) -> None:
    hosts = from_environment({"LOGDESK_HOSTS": "logs.example, Desk.example "}).hosts
    for host in ("logs.example:5080", "desk.example"):
        assert client(tmp_path, hosts=hosts).get("/help", headers={"Host": host}).status_code == 200


def test_password_is_wanted_on_every_page_but_the_health_check(tmp_path: Path) -> None:
    desk = client(tmp_path, password=PASSWORD)
    for path in ("/help", "/", "/api/stats", "/export.csv", STYLE, "/nothing"):
        answer = desk.get(path)
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"] == 'Basic realm="logdesk", charset="UTF-8"'
    assert desk.get("/healthz").json == {"status": "ok"}


def test_right_password_opens_and_a_wrong_one_does_not(tmp_path: Path) -> None:
    desk = client(tmp_path, password=PASSWORD)
    assert desk.get("/help", headers=basic(PASSWORD)).status_code == 200
    for wrong in ("", PASSWORD[:-1], PASSWORD + "x"):
        assert desk.get("/help", headers=basic(wrong)).status_code == 401
    for header in ("Basic", "Basic !", "Bearer " + PASSWORD):
        assert desk.get("/help", headers={"Authorization": header}).status_code == 401


@pytest.mark.parametrize("address", ["0.0.0.0", "::", "192.0.2.1", "logs.example"])
def test_open_address_without_a_password_is_refused(tmp_path: Path, address: str) -> None:
    with pytest.raises(SystemExit, match="LOGDESK_PASSWORD"):
        serve(Settings(archive=tmp_path, index=tmp_path, address=address))


def test_refusal_is_what_the_command_says(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    env = {"LOGDESK_ARCHIVE": str(tmp_path), "LOGDESK_INDEX": str(tmp_path), "LOGDESK_ADDRESS": "0.0.0.0"}
    with program("serve", **env) as started:
        assert started.wait(20) != 0
    assert "Set LOGDESK_PASSWORD" in capfd.readouterr().err


@pytest.mark.parametrize("path", ["/help", "/nothing", "/healthz", "/api/nothing", STYLE])
def test_every_answer_carries_the_policy(tmp_path: Path, path: str) -> None:
    answer = client(tmp_path).get(path)
    assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS


def test_pages_are_not_kept_by_the_browser(tmp_path: Path) -> None:
    assert client(tmp_path).get("/help").headers["Cache-Control"] == "no-store"


def test_static_files_are_kept_for_good_under_a_name_of_their_content(tmp_path: Path) -> None:
    answer = client(tmp_path).get(STYLE)
    assert answer.status_code == 200
    assert "max-age=31536000" in answer.headers["Cache-Control"]
    assert f'href="{STYLE}"' in client(tmp_path).get("/help").text


def test_page_without_an_index_says_what_to_do(tmp_path: Path) -> None:
    answer = client(tmp_path).get("/")
    assert answer.status_code == 503
    assert "index" in answer.text
    assert client(tmp_path).get("/api/stats").content_type == "application/problem+json"
    assert client(tmp_path).get("/export.csv").status_code == 503


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_nothing_can_be_changed(tmp_path: Path, method: str) -> None:
    for path in ("/", "/api/search", "/audit", "/export.csv"):
        assert client(tmp_path).open(path, method=method).status_code == 405
