"""What strangers get into a log is shown as text, on every page. The fixture `page` fails on any request that a line
caused, any script error and any breach of the policy."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.logdesk.web.samples import HOSTILE

FIND = "/?from=now-24h&q=service:bs-hostile"
UNSEEN = r"[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]"


def assert_harmless(page: Page) -> None:
    """Nothing ran, nothing was inserted, and no invisible character is in the text of the page or in its labels."""
    assert page.title() != "owned"
    assert page.locator("main script, main img, main [onload], main [onfocus], main [onerror]").count() == 0
    shown = page.evaluate("document.body.innerText + [...document.querySelectorAll('[title],[aria-label]')]"
                          ".map(e => e.title + e.ariaLabel).join('')")  # fmt: skip
    assert page.evaluate("text => text.match(new RegExp(String.raw`" + UNSEEN + "`, 'g'))", shown) is None


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_line_is_shown_as_text(page: Page, name: str) -> None:
    page.goto(FIND)
    row = page.locator("tr.row").nth(list(HOSTILE)[::-1].index(name))
    row.click()
    expect(page.locator("tr.opened")).to_contain_text(f"hostile.{name}")
    assert_harmless(page)
    page.goto(page.url)  # the same by the server alone
    expect(page.locator("tr.opened")).to_contain_text(f"hostile.{name}")
    assert_harmless(page)
    page.click("text=Link to this line")
    assert_harmless(page)


def test_invisible_characters_are_named(page: Page) -> None:
    page.goto(FIND)
    text = page.locator("#rows").inner_text()
    for mark in (
        "U+202E001$",
        "U+2066mallory",
        "ESC[31mred",
        "beforeNULafter",
        "passU+200Bword",
        "firstLFsecondCRLF2026",
    ):
        assert mark in text


def test_markup_in_a_line_reads_as_it_was_sent(page: Page) -> None:
    page.goto(FIND)
    expect(page.locator("tr.row .message", has_text=HOSTILE["script"])).to_have_count(1)
    expect(page.locator("tr.row .message", has_text=HOSTILE["template"])).to_have_count(1)


def test_very_long_line_is_cut_in_its_row_and_whole_when_opened(page: Page) -> None:
    page.goto(FIND)
    row = page.locator("tr.row", has_text="xxxx")
    assert len(row.locator(".message").inner_text()) == 501
    row.click()
    expect(page.locator("pre.whole")).to_have_text(HOSTILE["wide"])
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_hostile_values_in_filters_and_dashboards_are_text(page: Page) -> None:
    page.goto(FIND)
    page.locator(".facet[aria-label=path] a.only").first.click()
    assert_harmless(page)
    assert page.locator("tr.row").count() >= 1
    page.goto("/dashboard?from=now-24h&service=bs-hostile")
    assert_harmless(page)
    page.goto("/audit?from=now-24h&service=bs-hostile")
    assert_harmless(page)


def test_hostile_query_and_range_are_text(page: Page) -> None:
    page.goto("/")
    for text in (*HOSTILE.values(), "(" * 3000, '"' * 999):
        page.fill("#q", text[:1000])
        page.fill("[name=from]", text[:200])
        with page.expect_navigation():
            page.keyboard.press("Enter")
        expect(page.locator("#problem")).to_be_visible()
        assert page.locator("main script, main img, #problem script, #problem img").count() == 0
