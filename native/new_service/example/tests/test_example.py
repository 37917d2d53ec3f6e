"""The example endpoint: what it answers, and the lines that it writes."""

from pathlib import Path

import pytest
from flask.testing import FlaskClient

from project import create_app
from project.config import Settings
from tests.service.server import Gunicorn


@pytest.fixture
def client() -> FlaskClient:
    return create_app(Settings.from_environment({"EXAMPLE_GREETING": "Good morning"})).test_client()


def test_a_visitor_is_greeted_with_the_words_of_the_settings(client: FlaskClient) -> None:
    answer = client.get("/api/v1/example?name=Ann")
    assert (answer.status_code, answer.get_json()) == (200, {"message": "Good morning, Ann"})


@pytest.mark.parametrize("query", ["", "?name=", f"?name={'x' * 81}"])
def test_a_name_that_cannot_be_greeted_is_a_problem_that_says_so(client: FlaskClient, query: str) -> None:
    answer = client.get(f"/api/v1/example{query}")
    assert (answer.status_code, answer.content_type) == (422, "application/problem+json")
    assert set(answer.get_json()["errors"]["query"]) == {"name"}


def test_a_requests_lines_carry_its_id_and_the_services_name(tmp_path: Path) -> None:
    with Gunicorn(tmp_path) as server:
        status, headers, _ = server.get("/api/v1/example?name=Ann", {"X-Request-ID": "example-1"})
        server.stop()
    assert (status, headers["X-Request-ID"]) == (200, "example-1")
    lines = [line for line in server.lines() if line.get("http.request.id") == "example-1"]
    assert {line["message"] for line in lines} == {"Greeted Ann", "GET /api/v1/example 200"}
    assert {line["service.name"] for line in lines} == {Settings.service_name}
