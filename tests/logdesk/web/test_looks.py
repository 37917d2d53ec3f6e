"""Readable in light and dark, on a telephone, and calm for those who ask for it."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from tests.logdesk.web.browsing import watched_page
from tests.logdesk.web.running import Desk

PAGES = (
    "/?from=now-24h",
    "/?from=now-24h&q=level:error+service:bs-story",
    "/dashboard?from=now-24h",
    "/audit?from=now-24h",
    "/help",
)
# Each piece of text with its colour and what it stands on; the contrast by WCAG 2.2, 1.4.3.
TOO_FAINT = """() => {
  const rgb = (text) => text.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map((c) => c / 255)
    .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const ground = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = rgb(getComputedStyle(at).backgroundColor);
      if (colour.length === 3 || colour[3] === 1) return colour;
    }
    return [255, 255, 255];
  };
  const faint = [];
  for (const element of document.querySelectorAll("body *")) {
    const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
    if (!own || element.closest("noscript, dialog:not([open])") || !element.checkVisibility()) continue;
    const style = getComputedStyle(element);
    const ink = rgb(element instanceof SVGElement ? style.fill : style.color);
    const [a, b] = [light(ink), light(ground(element))].sort((x, y) => y - x);
    const contrast = (a + 0.05) / (b + 0.05);
    if (contrast < 4.5) faint.push(`${element.outerHTML.slice(0, 80)} ${contrast.toFixed(2)}`);
  }
  return faint;
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", PAGES)
def test_text_has_enough_contrast(browser: Browser, logs: Desk, scheme: str, path: str) -> None:
    with watched_page(browser, logs.url, color_scheme=scheme) as page:
        page.goto(path)
        if page.locator("tr.row.error").count():
            page.locator("tr.row.error").first.click()
            expect(page.locator("pre.stack")).to_be_visible()
        assert page.evaluate(TOO_FAINT) == []


def test_dark_is_dark_and_light_is_light(browser: Browser, logs: Desk) -> None:
    for scheme, expected in (("light", "rgb(255, 255, 255)"), ("dark", "rgb(17, 21, 26)")):
        with watched_page(browser, logs.url, color_scheme=scheme) as page:
            page.goto("/")
            assert page.evaluate("getComputedStyle(document.body).backgroundColor") == expected


@pytest.mark.parametrize("path", PAGES)
def test_telephone_needs_no_sideways_scrolling(browser: Browser, logs: Desk, path: str) -> None:
    with watched_page(browser, logs.url, viewport={"width": 360, "height": 740}, has_touch=True) as page:
        page.goto(path)
        if page.locator("tr.row").count():
            page.locator("tr.row").first.tap()
            expect(page.locator("tr.opened .value").first).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_telephone_shows_lines_before_filters(browser: Browser, logs: Desk) -> None:
    with watched_page(browser, logs.url, viewport={"width": 360, "height": 740}) as page:
        page.goto("/?from=now-24h")
        expect(page.locator("tr.row").first).to_be_in_viewport()
        page.click("text=Filter")
        expect(page.locator(".facet").first).to_be_visible()


def test_nothing_moves_for_those_who_ask_for_it(browser: Browser, logs: Desk) -> None:
    with watched_page(browser, logs.url, reduced_motion="reduce") as page:
        page.goto("/?live=1")
        assert page.locator("#live").evaluate("e => getComputedStyle(e, '::before').animationName") == "none"
