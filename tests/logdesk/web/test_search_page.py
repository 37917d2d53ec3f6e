"""Searching, as a person does it with a mouse."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.logdesk.web.browsing import watched_page
from tests.logdesk.web.running import Desk
from tests.logdesk.web.samples import EVENT_URL, REQUEST, TRACE

DAY = "/?from=now-24h"


def count(page: Page) -> int:
    return int(re.sub(r"\D", "", page.locator("#count").inner_text()))


def messages(page: Page) -> list[str]:
    """Without the error that a row shows behind them."""
    cells = page.locator("tr.row .message")
    said: list[str] = cells.evaluate_all("cells => cells.map(cell => cell.firstChild.data.trim())")
    return said


def open_row(page: Page, text: str) -> None:
    page.locator("tr.row", has_text=text).click()
    expect(page.locator("tr.opened")).to_be_visible()


def test_page_opens_with_the_newest_lines_of_the_last_15_minutes(page: Page, logs: Desk) -> None:
    page.goto("/")
    times = page.locator("tr.row").evaluate_all("rows => rows.map(row => Number(row.dataset.ts))")
    assert times == sorted(times, reverse=True)
    assert len(times) == min(100, count(page)) > 10
    expect(page.locator(".quick [aria-current]")).to_have_text("15 min")


def test_typed_query_finds_its_lines_and_is_kept_in_the_address(page: Page) -> None:
    page.goto(DAY)
    page.fill("#q", "story service:bs-story level:error")
    page.keyboard.press("Enter")
    expect(page.locator("#count")).to_have_text("1")
    assert messages(page) == ["the story broke"]
    assert "from=now-24h" in page.url
    page.goto(page.url)
    assert messages(page) == ["the story broke"]
    expect(page.locator("#q")).to_have_value("story service:bs-story level:error")


def test_query_that_cannot_be_read_is_explained_and_the_page_goes_on(page: Page) -> None:
    page.goto(DAY)
    page.fill("#q", 'level:error "never closed')
    page.keyboard.press("Enter")
    expect(page.locator("#problem")).not_to_be_empty()
    expect(page.locator("#q")).to_have_attribute("aria-invalid", "true")
    page.fill("#q", "level:error")
    page.keyboard.press("Enter")
    expect(page.locator("#problem")).to_have_count(0)
    expect(page.locator("tr.row").first).to_be_visible()


def test_range_that_cannot_be_read_is_explained(page: Page) -> None:
    page.goto("/?from=yesterday")
    expect(page.locator("#problem")).to_contain_text("“yesterday” is not a time")
    expect(page.locator("tr.row").first).to_be_visible()


def test_other_time_range_by_a_click_and_by_hand(page: Page) -> None:
    page.goto("/")
    few = count(page)
    page.click("text=24 h")
    many = count(page)
    assert many > few
    page.fill("[name=from]", "now-1h")
    page.click("button:text('Search')")
    assert "from=now-1h" in page.url
    assert few <= count(page) < many


def test_facet_narrows_excludes_and_lets_go(page: Page) -> None:
    page.goto(DAY)
    total = count(page)
    level = page.locator('.facet[aria-label="level"]')
    errors = int(re.sub(r"\D", "", level.locator("li", has_text="error").locator(".n").inner_text()))
    level.locator("a.only", has_text="error").click()
    assert count(page) == errors
    expect(page.locator("#q")).to_have_value("level:error")
    page.locator('.facet[aria-label="level"] a.only', has_text="error").click()
    expect(page.locator("#q")).to_have_value("")
    page.locator('.facet[aria-label="level"] li', has_text="error").locator("a.not").click()
    expect(page.locator("#q")).to_have_value("-level:error")
    assert count(page) == total - errors


def test_dragging_over_the_histogram_zooms(page: Page) -> None:
    page.goto(DAY)
    before = count(page)
    box = page.locator("#histogram svg.chart").bounding_box()
    assert box
    y = box["y"] + 40
    page.mouse.move(box["x"] + box["width"] * 0.8, y)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.85, y, steps=4)
    expect(page.locator("#told")).to_contain_text(" – ")
    page.mouse.move(box["x"] + box["width"] * 0.9, y, steps=4)
    with page.expect_navigation():
        page.mouse.up()
    assert 0 < count(page) < before
    start, end = page.input_value("[name=from]"), page.input_value("[name=to]")
    assert start < end != "now"
    page.click("#wider")
    assert count(page) > 0
    assert page.input_value("[name=from]") < start


def test_click_on_a_bar_zooms_to_it(page: Page) -> None:
    page.goto(DAY)
    bar = page.locator("#histogram a").last
    told = bar.locator("title").text_content() or ""
    with page.expect_navigation():
        bar.locator(".reach").click()
    number = re.search(r": ([\d\u202f]+) ", told)
    assert number
    assert count(page) == int(number[1].replace("\u202f", ""))


def test_older_lines_page_by_page_none_twice_none_left_out(page: Page) -> None:
    page.goto("/?from=now-24h&q=service:bs-billing")
    total = count(page)
    seen: list[str] = []
    while True:
        seen += page.locator("tr.row").evaluate_all("rows => rows.map(row => row.id)")
        if not page.locator("a[rel=next]").count():
            break
        page.click("a[rel=next]")
    assert len(seen) == len(set(seen)) == total > 200
    page.click("text=« Newest")
    assert page.locator("tr.row").first.get_attribute("id") == seen[0]


def test_row_opens_to_all_its_fields_and_its_address_can_be_shared(page: Page, logs: Desk) -> None:
    page.goto("/?from=now-24h&q=service:bs-story")
    open_row(page, "it grows dark")
    fields = page.locator(".fields tr")
    line = logs.get("/api/search?from=now-24h&q=service:bs-story+dark")["hits"][0]["fields"]
    assert fields.locator("th").all_inner_texts() == list(line)
    expect(fields.filter(has_text="labels.mood").locator(".value")).to_contain_text("gloomy & cold")
    page.goto(page.url)
    expect(page.locator("tr.opened")).to_contain_text("gloomy & cold")
    page.locator("tr.row a.open[aria-expanded=true]").click()
    expect(page.locator("tr.opened")).to_have_count(0)
    assert "open=" not in page.url


def test_field_of_a_row_filters_for_and_without_its_value(page: Page) -> None:
    page.goto("/?from=now-24h&q=service:bs-story")
    open_row(page, "it grows dark")
    mood = page.locator(".fields tr", has_text="labels.mood")
    mood.locator("a.only").click()
    assert messages(page) == ["it grows dark"]
    page.go_back()
    page.locator(".fields tr", has_text="log.level").locator("a.not").click()
    assert "it grows dark" not in messages(page)
    assert count(page) == 3


def test_value_is_copied(page: Page) -> None:
    page.goto("/?from=now-24h&q=service:bs-story")
    open_row(page, "it grows dark")
    row = page.locator(".fields tr", has_text="trace.id")
    row.hover()
    row.locator("button").click()
    expect(page.locator("#told")).to_have_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()") == TRACE


@pytest.mark.parametrize(("link", "query"), [("trace", TRACE), ("request", REQUEST)])
def test_row_leads_to_all_lines_of_its_trace_and_of_its_request(page: Page, link: str, query: str) -> None:
    page.goto("/?q=service:bs-story+level:error")
    open_row(page, "the story broke")
    page.click(f"text=All lines of this {link}")
    assert query in page.input_value("#q")
    assert messages(page) == ["GET /story 500", "the story broke", "it grows dark", "the story begins"]


def test_row_leads_to_its_error_event(page: Page) -> None:
    page.goto("/?q=service:bs-story+level:error")
    open_row(page, "the story broke")
    expect(page.locator(".leads a", has_text="Error event")).to_have_attribute("href", EVENT_URL)


def test_row_names_its_error_behind_a_message_that_does_not(page: Page) -> None:
    page.goto("/?q=service:bs-story+level:error")
    row = page.locator("tr.row")
    expect(row.locator(".message")).to_have_text(re.compile(r"^the story broke\s+StoryError: no ending$"))
    page.goto("/?q=service:bs-story+-level:error")
    expect(row).to_have_count(3)
    expect(page.locator(".failure")).to_have_count(0)


def test_stack_trace_is_readable_and_own_frames_stand_out(page: Page) -> None:
    page.goto("/?q=service:bs-story+level:error")
    open_row(page, "the story broke")
    stack = page.locator("pre.stack")
    expect(stack.locator(".own").first).to_contain_text('File "/app/project/api/whatweb.py", line 48')
    expect(stack.locator(".foreign").first).to_contain_text("flask/app.py")
    expect(stack.locator(".error")).to_have_text(
        "zlib.error: Error -3 while decompressing data: incorrect header check"
    )
    assert page.locator(".fields th", has_text="error.stack_trace").count() == 0


def test_line_has_an_address_of_its_own(page: Page) -> None:
    page.goto("/?q=service:bs-story+level:error")
    open_row(page, "the story broke")
    page.click("text=Link to this line")
    assert "/event/" in page.url
    expect(page.locator("h1")).to_have_text("the story broke")
    expect(page.locator("pre.stack")).to_be_visible()


def test_address_of_a_line_that_is_gone_says_so(browser: Browser, logs: Desk) -> None:
    with watched_page(browser, logs.url, expected="404") as page:
        page.goto("/event/0000000000000000-1")
        expect(page.locator("main")).to_contain_text("This line is not in the index")


def test_word_that_is_only_the_beginning_of_one_is_found_by_a_click(page: Page) -> None:
    page.goto("/?q=stor+level:error+service:bs-story")
    page.click("text=Find words that begin so: stor* level:error")
    assert messages(page) == ["the story broke"]
    expect(page.locator("#q")).to_have_value("stor* level:error service:bs-story")


def test_nothing_found_offers_a_way_on(page: Page) -> None:
    page.goto("/?q=wordthatneveroccurs")
    expect(page.locator("#nothing")).to_contain_text("No line matches in this time range.")
    page.click("text=Clear the query")
    expect(page.locator("tr.row").first).to_be_visible()


def test_every_example_of_the_help_page_can_be_read(page: Page) -> None:
    page.goto("/help")
    examples = page.locator("article table").first.locator("a")
    assert examples.count() > 8
    for address in examples.evaluate_all("links => links.map(link => link.href)"):
        page.goto(address)
        expect(page.locator("#problem")).to_have_count(0)
