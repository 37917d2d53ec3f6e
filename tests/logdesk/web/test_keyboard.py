"""The whole way with the keyboard alone."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

STORY = "/?from=now-24h&q=service:bs-story"


def focused(page: Page, what: str) -> str:
    return str(page.evaluate(f"document.activeElement.{what}"))


def test_slash_goes_to_the_query_and_enter_searches(page: Page) -> None:
    page.goto("/?from=now-24h")
    page.keyboard.press("/")
    assert focused(page, "id") == "q"
    page.keyboard.type("level:error service:bs-story")
    page.keyboard.press("Enter")
    expect(page.locator("#count")).to_have_text("1")


def test_keys_are_letters_while_typing(page: Page) -> None:
    page.goto("/")
    page.keyboard.press("/")
    page.keyboard.type("jkl?/")
    expect(page.locator("#q")).to_have_value("jkl?/")
    expect(page.locator("#keys")).not_to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()


def test_j_and_k_move_over_rows_and_enter_opens_and_closes(page: Page) -> None:
    page.goto(STORY)
    row = page.locator("tr.row")
    page.keyboard.press("j")
    expect(row.nth(0).locator("a.open")).to_be_focused()
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    expect(row.nth(1).locator("a.open")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("tr.opened")).to_contain_text("StoryError")
    expect(row.nth(1).locator("a.open")).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("Enter")
    expect(page.locator("tr.opened")).to_have_count(0)


def test_t_follows_the_trace_of_the_row(page: Page) -> None:
    page.goto(STORY + "+level:error")
    page.keyboard.press("j")
    with page.expect_navigation():
        page.keyboard.press("t")
    expect(page.locator("tr.row")).to_have_count(4)


def test_arrows_choose_a_stretch_of_the_histogram_and_enter_zooms(page: Page) -> None:
    page.goto("/?from=now-24h")
    page.keyboard.press("h")
    assert focused(page, "id") == "histogram"
    page.keyboard.press("End")
    page.keyboard.press("Shift+ArrowLeft")
    page.keyboard.press("Shift+ArrowLeft")
    expect(page.locator("#told")).to_contain_text(" – ")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert page.input_value("[name=to]") != "now"
    expect(page.locator("tr.row").first).to_be_visible()
    narrow = page.input_value("[name=from]")
    with page.expect_navigation():
        page.keyboard.press("o")
    assert page.input_value("[name=from]") < narrow


def test_whole_histogram_chosen_holds_every_line(page: Page) -> None:
    page.goto(STORY)
    page.keyboard.press("h")
    page.keyboard.press("Home")
    page.keyboard.press("Shift+End")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.locator("#count")).to_have_text("4")


def test_escape_lets_the_chosen_stretch_go(page: Page) -> None:
    page.goto("/?from=now-24h")
    page.keyboard.press("h")
    page.keyboard.press("ArrowLeft")
    expect(page.locator(".chosen")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(page.locator(".chosen")).to_have_count(0)


def test_l_switches_live_on_and_off(page: Page) -> None:
    page.goto("/")
    for state in ("on", "off"):
        with page.expect_navigation():
            page.keyboard.press("l")
        expect(page.locator("#live")).to_have_text(f"Live is {state}")


def test_first_tab_stop_skips_to_the_content(page: Page) -> None:
    page.goto("/")
    page.keyboard.press("Tab")
    assert focused(page, "textContent") == "Skip to the content"
    expect(page.locator(".skip")).to_be_in_viewport()
    page.keyboard.press("Enter")
    assert focused(page, "id") == "main"


@pytest.mark.parametrize("path", ["/?from=now-24h", "/dashboard?from=now-24h", "/audit?from=now-24h", "/help"])
def test_every_stop_of_the_tab_key_has_a_name_and_a_visible_focus(page: Page, path: str) -> None:
    page.goto(path)
    seen = []
    for _ in range(60):
        page.keyboard.press("Tab")
        here = page.evaluate(
            """() => {
              const at = document.activeElement, style = getComputedStyle(at);
              return [at.tagName, at.innerText || at.getAttribute("aria-label") || at.labels?.[0]?.innerText || "",
                      style.outlineStyle !== "none" || at.tagName === "BODY", at.outerHTML.slice(0, 120)];
            }"""
        )
        if here[0] == "BODY":
            break
        seen.append(here)
    assert len(seen) >= 5
    assert [html for _, name, _, html in seen if not name.strip()] == []
    assert [html for _, _, outlined, html in seen if not outlined] == []
