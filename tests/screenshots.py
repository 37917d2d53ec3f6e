"""Makes the pictures in docs/img from real pages in real Chromium: python -m tests.screenshots"""

from __future__ import annotations

import tempfile
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlencode
from uuid import UUID

from playwright.sync_api import Browser, ViewportSize, expect

from tests.errors.bugsink import EMAIL, Bugsink
from tests.errors.serving import failing
from tests.errors.trackers import until
from tests.logdesk.web import lines
from tests.logdesk.web.browsing import chromium, watched_page
from tests.logdesk.web.running import Desk, desk

IMAGES = Path(__file__).parents[1] / "docs" / "img"
SIZE: ViewportSize = {"width": 1280, "height": 740}


def main() -> None:
    IMAGES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        log_search(browser, Path(folder, "logs"))
        error_event(browser, Path(folder, "errors"))


def log_search(browser: Browser, folder: Path) -> None:
    folder.mkdir()
    with desk(folder) as logs:
        logs.holds(lines.write(logs.archive, lines.traffic(lines.ago(6 * 3600), lines.ago(5), 14_000)))
        with watched_page(browser, logs.url, viewport=SIZE) as page:
            page.goto("/?" + urlencode({"from": "now-6h", "to": just_after_an_error(logs)}))
            page.locator("tr.row.error").first.click()
            expect(page.locator("pre.stack")).to_be_visible()
            page.mouse.move(0, 0)
            page.evaluate("scrollTo(0, 0)")
            page.screenshot(path=IMAGES / "search.png")
        with watched_page(browser, logs.url, viewport=SIZE, color_scheme="dark") as page:
            page.goto("/dashboard?from=now-6h")
            page.screenshot(path=IMAGES / "dashboard.png")


def error_event(browser: Browser, folder: Path) -> None:
    """The demo's crash in the error tracker, with the stack where it happened."""
    folder.mkdir()
    as_it_runs = {"LOGDESK_URL": "http://127.0.0.1:5080", "SERVICE_ENVIRONMENT": "development"}
    crashing = {"app": "native.demo_app:create_app()", **as_it_runs}
    with Bugsink(folder) as tracker, failing(folder, tracker.dsn, **crashing) as server:
        server.get("/demo/crash?pieces=0", {"X-Request-ID": "demo-1"})
        until(tracker.events, lambda: "no event")
        page = browser.new_page(viewport=SIZE)
        page.goto(f"{tracker.address}/accounts/login/")
        page.fill("input[name=username]", EMAIL)
        page.fill("input[name=password]", tracker.file("password"))
        page.press("input[name=password]", "Enter")
        page.goto(tracker.event_url.format(uuid=UUID(tracker.events()[0]["event_id"])))
        page.screenshot(path=IMAGES / "error.png")


def just_after_an_error(logs: Desk) -> str:
    """A moment in the bad stretch, so that the newest rows have something to read."""
    errors = logs.get("/api/search?from=now-6h&limit=60&q=logger:project.whatweb.fetch+level:error")["hits"]
    at = datetime.fromisoformat(errors[-1]["fields"]["@timestamp"])
    return (at + timedelta(seconds=1)).isoformat().replace("+00:00", "Z")


if __name__ == "__main__":
    main()
