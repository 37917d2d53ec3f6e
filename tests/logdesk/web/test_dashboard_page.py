"""The dashboard and the audit: what they say is what the search lists."""

from __future__ import annotations

import re
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.logdesk.web.running import Desk

DAY = "/dashboard?from=now-24h"


def number(text: str) -> int:
    return int(re.sub(r"\D", "", text))


def listed(page: Page, link: Locator) -> int:
    """How many lines the search behind a link finds."""
    link.click()
    return number(page.locator("#count").inner_text())


@pytest.mark.parametrize("tile", ["Requests", "Failed (5xx)", "Error lines", "Lines"])
def test_number_on_a_tile_is_what_its_search_lists(page: Page, tile: str) -> None:
    page.goto(DAY)
    link = page.locator(".tiles a", has=page.locator(f".name:text-is('{tile}')"))
    says = number(link.locator("strong").inner_text())
    assert listed(page, link) == says > 0


@pytest.mark.parametrize("status", ["2xx", "4xx", "5xx"])
def test_number_of_a_status_class_is_what_its_search_lists(page: Page, status: str) -> None:
    page.goto(DAY + "&service=bs-whatweb")
    link = page.locator(".legend li", has_text=status).locator("a")
    says = number(link.inner_text())
    assert listed(page, link) == says > 0
    assert "service:bs-whatweb" in page.input_value("#q")


def test_slowest_route_leads_to_its_requests(page: Page) -> None:
    page.goto(DAY + "&service=bs-whatweb")
    row = page.locator('section[aria-label="Slowest routes"] tbody tr').first
    expect(row).to_contain_text("/api/v1/whatweb")
    expect(row.locator("td").last).to_contain_text("≈")
    says = number(row.locator("td").first.inner_text())
    assert listed(page, row.locator("a")) == says


def test_route_with_variable_parts_leads_to_all_its_requests(page: Page) -> None:
    page.goto(DAY + "&service=bs-whatweb")
    row = page.locator('section[aria-label="Slowest routes"] tbody tr', has_text="/api/v1/users/")
    says = number(row.locator("td").first.inner_text())
    assert listed(page, row.locator("a")) == says > 10


def test_logger_leads_to_its_errors(page: Page) -> None:
    page.goto(DAY)
    row = page.locator('section[aria-label="Errors by logger"] tbody tr', has_text="story.teller")
    says = number(row.locator("td").inner_text())
    assert listed(page, row.locator("a")) == says == 1


def test_charts_show_requests_by_class_and_three_percentiles(page: Page) -> None:
    page.goto(DAY)
    requests = page.locator('section[aria-label="Requests by status"] svg.chart')
    for css in ("s2xx", "s4xx", "s5xx"):
        assert requests.locator(f"rect.{css}").count() > 0
    latency = page.locator('section[aria-label="Latency"]')
    for name in ("p50", "p95", "p99"):
        assert latency.locator(f"path.{name}").get_attribute("d")
        expect(latency.locator(".legend li", has_text=name)).to_contain_text(re.compile(r"≈\s[\d.]+\s(µs|ms|s)$"))


def test_service_selector_keeps_the_time_range(page: Page) -> None:
    page.goto(DAY)
    page.select_option("[name=service]", "bs-story")
    page.click("button:text('Show')")
    assert number(page.locator(".tiles strong").first.inner_text()) == 1
    expect(page.locator(".quick [aria-current]")).to_have_text("24 h")


def test_missing_lines_lead_to_the_audit_which_names_their_numbers(page: Page) -> None:
    page.goto(DAY + "&service=bs-loser")
    missing = page.locator(".tiles a", has_text="Lines missing")
    expect(missing.locator("strong")).to_have_text("2")
    missing.click()
    expect(page.locator("h1")).to_contain_text("2 lines missing, 0 doubled")
    row = page.locator("tr.bad")
    expect(row).to_contain_text("1 – 6")
    expect(row.locator("td").last).to_have_text("running")
    row.locator("summary").click()
    expect(row.locator("details li")).to_have_text("3 – 4")
    assert listed(page, row.locator("a")) == 4


def test_audit_of_everything_shows_each_process_once(page: Page, logs: Desk) -> None:
    page.goto("/audit?from=now-24h")
    processes = logs.get("/api/audit?" + urlencode({"from": "now-24h"}))["processes"]
    expect(page.locator(".processes tbody tr")).to_have_count(len(processes))


def test_empty_range_says_so(page: Page) -> None:
    page.goto("/dashboard?from=2020-01-01&to=2020-01-02")
    expect(page.locator('section[aria-label="Latency"]')).to_have_text(re.compile("No requests in this time range."))
    page.goto("/audit?from=2020-01-01&to=2020-01-02")
    expect(page.locator(".nothing")).to_contain_text("No process wrote in this time range.")
