"""The pages without JavaScript: search, pages, rows, zoom, live."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.logdesk.web.browsing import watched_page
from tests.logdesk.web.running import Desk


@pytest.fixture
def plain(browser: Browser, logs: Desk) -> Iterator[Page]:
    with watched_page(browser, logs.url, java_script_enabled=False) as page:
        yield page


def test_search_open_a_row_follow_its_trace_and_page_on(plain: Page) -> None:
    plain.goto("/?from=now-24h")
    plain.fill("#q", "service:bs-story level:error")
    plain.keyboard.press("Enter")
    plain.locator("tr.row a.open").click()
    expect(plain.locator("tr.opened .stack")).to_contain_text("zlib.error")
    plain.click("text=All lines of this trace")
    expect(plain.locator("tr.row")).to_have_count(4)
    plain.goto("/?from=now-24h")
    first = plain.locator("tr.row").first.get_attribute("id")
    plain.click("text=Older »")
    assert plain.locator("tr.row").first.get_attribute("id") != first


def test_opened_row_closes_again(plain: Page) -> None:
    plain.goto("/?from=now-24h&q=service:bs-story")
    plain.locator("tr.row a.open").nth(1).click()
    plain.locator("tr.row a.open").nth(1).click()
    expect(plain.locator("tr.opened")).to_have_count(0)


def test_bar_of_the_histogram_is_a_link(plain: Page) -> None:
    plain.goto("/?from=now-24h")
    plain.locator("#histogram a .reach").last.click()
    assert plain.input_value("[name=to]") != "now"
    expect(plain.locator("tr.row").first).to_be_visible()


def test_live_page_loads_itself_anew(plain: Page) -> None:
    plain.goto("/?q=service:bs-story")
    plain.click("#live")
    assert '<noscript><meta http-equiv="refresh" content="5"></noscript>' in plain.content()


def test_no_button_is_shown_that_does_nothing(plain: Page) -> None:
    plain.goto("/?from=now-24h&q=service:bs-story")
    plain.locator("tr.row a.open").first.click()
    expect(plain.locator("button:visible")).to_have_text(["Search"])
