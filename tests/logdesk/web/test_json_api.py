"""The JSON API, as a script uses it."""

from __future__ import annotations

import urllib.error
import urllib.request
from typing import Any
from urllib.parse import urlencode

import orjson
import pytest

from tests.logdesk.web.running import PATIENCE_S, Desk
from tests.logdesk.web.samples import TRACE


def ask(logs: Desk, path: str, **args: str) -> tuple[int, str, Any]:
    """Status, content type and body."""
    url = f"{logs.url}{path}?{urlencode({name.rstrip('_'): value for name, value in args.items()})}"
    try:
        with urllib.request.urlopen(url, timeout=PATIENCE_S) as answer:
            return answer.status, answer.headers["Content-Type"], orjson.loads(answer.read())
    except urllib.error.HTTPError as error:
        return error.code, error.headers["Content-Type"], orjson.loads(error.read())


def test_search_answers_whole_lines_newest_first(logs: Desk) -> None:
    status, content_type, body = ask(logs, "/api/search", q=f"trace:{TRACE}", from_="now-24h")
    assert (status, content_type) == (200, "application/json")
    assert [hit["fields"]["message"] for hit in body["hits"]] == [
        "GET /story 500",
        "the story broke",
        "it grows dark",
        "the story begins",
    ]
    assert body["hits"][2]["fields"]["labels.mood"] == "gloomy & cold"
    assert (body["more"], body["next"]) == (False, None)


def test_pages_of_a_search_join_without_gap_or_overlap(logs: Desk) -> None:
    found: list[str] = []
    cursor = ""
    while cursor is not None:
        _, _, body = ask(logs, "/api/search", q="service:bs-billing", from_="now-24h", limit="70", before=cursor)
        found += [hit["id"] for hit in body["hits"]]
        cursor = body["next"]
    _, _, all_at_once = ask(logs, "/api/search", q="service:bs-billing", from_="now-24h", limit="1000")
    assert found == [hit["id"] for hit in all_at_once["hits"]]
    assert len(set(found)) == len(found) > 140


def test_event_by_the_id_that_a_search_gave(logs: Desk) -> None:
    _, _, body = ask(logs, "/api/search", q="service:bs-hostile", from_="now-24h")
    for hit in body["hits"]:
        assert ask(logs, f"/api/event/{hit['id']}")[2] == hit


@pytest.mark.parametrize(
    ("path", "args", "status", "says"),
    [
        ("/api/search", {"q": '"open'}, 400, ""),
        ("/api/search", {"from_": "yesterday"}, 400, "“yesterday” is not a time"),
        ("/api/search", {"from_": "now", "to": "now-1h"}, 400, "ends before it starts"),
        ("/api/search", {"limit": "0"}, 400, "limit is “0”: write a whole number from 1 to 1000."),
        ("/api/search", {"limit": "ten"}, 400, "limit is “ten”"),
        ("/api/search", {"limit": "1001"}, 400, "limit is “1001”"),
        ("/api/event/nothing-1", {}, 404, "This line is not in the index"),
        ("/api/dashboard", {"to": "tomorrow"}, 400, "“tomorrow” is not a time"),
        ("/api/nothing", {}, 404, "not found"),
    ],
)
def test_errors_are_problem_details(logs: Desk, path: str, args: dict[str, str], status: int, says: str) -> None:
    code, content_type, body = ask(logs, path, **args)
    assert (code, content_type) == (status, "application/problem+json")
    assert body["status"] == status
    assert says in body["detail"] != ""


def test_cursor_that_is_not_ours_starts_at_the_top(logs: Desk) -> None:
    top = ask(logs, "/api/search", q="service:bs-story", from_="now-24h")[2]
    assert ask(logs, "/api/search", q="service:bs-story", from_="now-24h", before="%00'--")[2] == top


def test_stats_audit_and_dashboard_agree(logs: Desk) -> None:
    _, _, stats = ask(logs, "/api/stats")
    _, _, audit = ask(logs, "/api/audit", from_="now-24h", service="bs-loser")
    _, _, board = ask(logs, "/api/dashboard", from_="now-24h", service="bs-loser")
    assert "bs-loser" in stats["services"]
    [process] = audit["processes"]
    assert (process["received"], process["missing"], process["missing_count"]) == (4, [[3, 4]], 2)
    assert (board["lines"], board["lost"], board["doubled"]) == (4, 2, 0)
