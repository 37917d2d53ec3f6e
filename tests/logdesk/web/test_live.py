"""Live: lines that are written while the page is open appear in it without a reload."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.logdesk.web.browsing import watched_page
from tests.logdesk.web.lines import Process
from tests.logdesk.web.running import Desk

CHATTY = Process("bs-live", 5, random.Random(3))


def line(message: str, *, late: float = 0, **fields: Any) -> dict[str, Any]:
    return CHATTY.line(datetime.now(UTC) - timedelta(seconds=late), "info", message, log__logger="live", **fields)


@pytest.fixture
def live(page: Page, logs: Desk, request: pytest.FixtureRequest) -> Page:
    """A live page that shows two lines of this test, written 20 and 10 seconds ago."""
    word = f"{request.node.name.replace('_', '')}"
    logs.write(line(f"{word} one", late=20), line(f"{word} two", late=10))
    page.goto(f"/?q={word}")
    while page.locator("tr.row").count() < 2:  # the indexer needs a moment
        page.reload()
    page.click("#live")
    expect(page.locator("#live")).to_have_text("Live is on")
    page.evaluate("window.neverReloaded = true")
    return page


def word(page: Page) -> str:
    return page.input_value("#q")


def last_words(page: Page) -> list[str]:
    return [text.split()[1] for text in page.locator("tr.row .message").all_inner_texts()]


def test_new_line_appears_on_top_without_a_reload(live: Page, logs: Desk) -> None:
    logs.write(line(f"{word(live)} three"))
    expect(live.locator("tr.row")).to_have_count(3)
    assert last_words(live) == ["three", "two", "one"]
    expect(live.locator("#count")).to_have_text("3")
    assert live.evaluate("window.neverReloaded")


def test_line_that_arrives_late_stands_at_its_own_time(live: Page, logs: Desk) -> None:
    logs.write(line(f"{word(live)} late", late=15))
    expect(live.locator("tr.row")).to_have_count(3)
    assert last_words(live) == ["two", "late", "one"]


def test_line_that_does_not_match_does_not_appear(live: Page, logs: Desk) -> None:
    logs.write(line("somethingelse entirely"), line(f"{word(live)} three"))
    expect(live.locator("tr.row")).to_have_count(3)
    assert last_words(live) == ["three", "two", "one"]


def test_opened_row_stays_open_while_others_arrive(live: Page, logs: Desk) -> None:
    live.locator("tr.row", has_text="one").click()
    expect(live.locator("tr.opened")).to_be_visible()
    logs.write(line(f"{word(live)} three"))
    expect(live.locator("tr.row")).to_have_count(3)
    assert live.locator("tr.opened").evaluate("row => row.previousElementSibling.innerText.includes('one')")


def test_burst_larger_than_one_answer_leaves_no_hole(live: Page, logs: Desk) -> None:
    logs.write(*[line(f"{word(live)} n{n:03}") for n in range(250)])
    expect(live.locator("tr.row", has_text="n249")).to_be_visible()
    shown = last_words(live)
    assert shown == [f"n{n:03}" for n in range(249, 249 - len(shown), -1)]
    assert len(shown) >= 100


def test_opened_row_outlives_a_burst_that_drives_the_others_out(live: Page, logs: Desk) -> None:
    live.locator("tr.row", has_text="one").click()
    expect(live.locator("tr.opened")).to_be_visible()
    logs.write(*[line(f"{word(live)} n{n:03}") for n in range(250)])
    expect(live.locator("tr.row", has_text="n249")).to_be_visible()
    expect(live.locator("tr.opened")).to_be_visible()
    assert last_words(live)[-1] == "one"


def test_switched_off_it_asks_no_more(live: Page) -> None:
    live.clock.install()
    live.click("#live")
    expect(live.locator("#live")).to_have_text("Live is off")
    asked: list[str] = []
    live.on("request", lambda request: asked.append(request.url))
    live.clock.run_for(60_000)
    assert [url for url in asked if "/static/" not in url] == []


def test_page_says_when_logdesk_is_gone_and_when_it_is_back(browser: Browser, logs: Desk) -> None:
    with watched_page(browser, logs.url, expected="502") as page:
        page.goto("/?live=1&q=service:bs-story")
        page.route("**/live?*", lambda route: route.fulfill(status=502))
        expect(page.locator("#told")).to_have_text("No answer from logdesk; trying again.")
        page.unroute("**/live?*")
        expect(page.locator("#told")).to_have_text("Connected again")
