"""Where a line leads to."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask

from logdesk.search import Hit
from logdesk.settings import Settings
from logdesk.web import create_app
from logdesk.web.links import Link, links
from logdesk.web.state import from_request


def hit(**fields: object) -> Hit:
    return Hit(id="a-1", ts_us=7_200_000_000, service="s", level="info", logger="l", message="m", fields=fields)


def links_of(one: Hit) -> list[Link]:
    app: Flask = create_app(Settings(archive=Path(), index=Path()))
    with app.test_request_context("/?q=x&live=1&before=abc"):
        return links(one, from_request())


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        " javascript:alert(1)",
        "javascript://x.example/%0aalert(1)",
        "data:text/html,x",
        "//evil.example",
        "/x",
        "http:",
        "http://[",
        7,
        None,
    ],
)
def test_only_web_addresses_become_links_to_an_error_event(url: object) -> None:
    assert links_of(hit(**{"labels.error_event_url": url})) == []


def test_web_address_is_kept_as_it_is() -> None:
    [link] = links_of(hit(**{"labels.error_event_url": "https://errors.example/e/1?a=b"}))
    assert link == Link("Error event", "https://errors.example/e/1?a=b")


def test_trace_and_request_are_searched_an_hour_to_both_sides_from_their_newest_line() -> None:
    one = Hit("a-1", 7_200_000_000, "s", "info", "l", "m", trace_id="t1", request_id="r 1")
    around = "from=1970-01-01T01%3A00%3A00.000000Z&to=1970-01-01T03%3A00%3A00.000000Z"
    assert links_of(one) == [
        Link("All lines of this trace", f"/?q=trace%3At1&{around}"),
        Link("All lines of this request", f"/?q=request%3A%22r+1%22&{around}"),
    ]
