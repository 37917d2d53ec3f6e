"""`/api/v1/whatweb`: what a scan answers, which problems it has, and its settings."""

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_network
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from flask.testing import FlaskClient

from project import create_app
from project.config import Settings
from project.environment import SettingsError
from tests.service.problems import problem

# A page of Debian's WordPress; where it comes from is in fixtures/pages/ORIGIN.md.
CAPTURE = (Path(__file__).parent / "fixtures" / "pages" / "wordpress.http").read_bytes()
PAGE = CAPTURE.replace(b"\r\n", b"\n").split(b"\n\n", 1)[1]


class Site(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(PAGE)

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


@pytest.fixture
def client() -> FlaskClient:
    return create_app(Settings(allow_networks=(ip_network("127.0.0.0/8"),), fetch_deadline=2)).test_client()


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_scan_tells_the_technologies_of_a_page_with_evidence(client: FlaskClient, site: str, method: str) -> None:
    where = {"query_string": {"url": site}} if method == "get" else {"json": {"url": site}}
    answer = getattr(client, method)("/api/v1/whatweb", **where)
    assert answer.status_code == 200
    report = answer.get_json()
    assert (report["url"], report["status"], report["redirects"]) == (site, 200, [])
    found = {technology["name"]: technology for technology in report["technologies"]}
    assert found["WordPress"]["version"] == "6.1.9"
    assert "meta:generator" in {evidence["where"] for evidence in found["WordPress"]["evidence"]}
    assert found["PHP"]["implied_by"] == "WordPress"


@pytest.mark.parametrize(
    ("query", "status", "kind"),
    [
        ({}, 422, "unprocessable-entity"),
        ({"url": ""}, 422, "invalid-url"),
        ({"url": "not a url"}, 422, "invalid-url"),
        ({"url": "ftp://example.org/"}, 422, "invalid-url"),
        ({"url": "http://10.0.0.1/"}, 403, "blocked-address"),
        ({"url": "http://[::ffff:10.0.0.1]/"}, 403, "blocked-address"),
        ({"url": "http://no-such-host.invalid/"}, 502, "unresolvable-host"),
        ({"url": "http://127.0.0.1:1/"}, 502, "connection-failed"),
    ],
)
def test_bad_input_gets_its_own_problem(client: FlaskClient, query: dict[str, str], status: int, kind: str) -> None:
    problem(client.get("/api/v1/whatweb", query_string=query), status, kind)


@pytest.mark.parametrize(
    ("arguments", "status", "kind"),
    [
        ({"data": "{", "content_type": "application/json"}, 400, "bad-request"),
        ({"data": "[" * 60_000, "content_type": "application/json"}, 400, "bad-request"),
        ({"data": "9" * 6000, "content_type": "application/json"}, 400, "bad-request"),
        ({"json": {"url": "x" * 100_000}}, 413, "request-entity-too-large"),
    ],
)
def test_a_body_that_cannot_be_read_is_a_problem(
    client: FlaskClient, arguments: dict[str, Any], status: int, kind: str
) -> None:
    problem(client.post("/api/v1/whatweb", **arguments), status, kind)


def test_a_missing_field_is_named(client: FlaskClient) -> None:
    body = problem(client.post("/api/v1/whatweb", json={}), 422, "unprocessable-entity")
    assert body["errors"] == {"json": {"url": ["Missing data for required field."]}}


@pytest.mark.parametrize(
    ("variable", "value"),
    [("WHATWEB_ALLOW_NETWORKS", "10.0.0.0/99"), ("WHATWEB_DEADLINE", "soon"), ("WHATWEB_MAX_BODY", "-1")],
)
def test_a_setting_that_cannot_be_used_is_named_with_what_it_takes(variable: str, value: str) -> None:
    with pytest.raises(SettingsError, match=f"{variable}='{value}': .* It takes "):
        Settings.from_environment({variable: value})


def test_settings_come_from_the_environment() -> None:
    environ = {"WHATWEB_ALLOW_NETWORKS": "10.0.0.0/8, ::1/128", "WHATWEB_DEADLINE": "1.5", "WHATWEB_MAX_BODY": "1000"}
    settings = Settings.from_environment(environ)
    assert settings.allow_networks == (ip_network("10.0.0.0/8"), ip_network("::1/128"))
    assert (settings.fetch_deadline, settings.max_body) == (1.5, 1000)
