"""Debian's Chromium, watched: a page that asks another host for anything or that breaks its policy fails the test."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

CHROMIUM = "/usr/bin/chromium"
ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-quic",
]
TELL_VIOLATIONS = """
document.addEventListener("securitypolicyviolation", (event) =>
  console.error(`policy broken: ${event.violatedDirective} ${event.blockedURI}`));
"""


@contextmanager
def chromium() -> Iterator[Browser]:
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=ARGS)
        yield browser
        browser.close()


@contextmanager
def watched_page(browser: Browser, base_url: str, *, expected: str = "", **options: Any) -> Iterator[Page]:
    """A fresh browser profile with one page. At the end: no foreign request, and no error on the console but those
    with the text `expected`."""
    options.setdefault("viewport", {"width": 1280, "height": 900})
    context = browser.new_context(base_url=base_url, **options)
    context.grant_permissions(["clipboard-read", "clipboard-write"], origin=base_url)
    context.add_init_script(TELL_VIOLATIONS)
    requested: list[str] = []
    errors: list[str] = []
    context.on("request", lambda request: requested.append(request.url))
    context.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    context.on("weberror", lambda error: errors.append(str(error.error)))
    page = context.new_page()
    page.set_default_timeout(5_000)
    yield page
    context.close()
    assert requested, "the page was never opened"
    foreign = [url for url in requested if not url.startswith(base_url)]
    assert not foreign, f"asked another host: {foreign}"
    unexpected = [error for error in errors if not expected or expected not in error]
    assert not unexpected, f"on the console: {unexpected}"
