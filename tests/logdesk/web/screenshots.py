"""Makes docs/img/search.png and docs/img/dashboard.png from real pages in real Chromium.

python -m tests.logdesk.web.screenshots
"""

from __future__ import annotations

import tempfile
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlencode

from playwright.sync_api import expect

from tests.logdesk.web import lines
from tests.logdesk.web.browsing import chromium, watched_page
from tests.logdesk.web.running import Desk, desk

IMAGES = Path(__file__).parents[3] / "docs" / "img"
SIZE = {"width": 1280, "height": 740}


def main() -> None:
    IMAGES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, desk(Path(folder)) as logs, chromium() as browser:
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


def just_after_an_error(logs: Desk) -> str:
    """A moment in the bad stretch, so that the newest rows have something to read."""
    errors = logs.get("/api/search?from=now-6h&limit=60&q=logger:project.whatweb.fetch+level:error")["hits"]
    at = datetime.fromisoformat(errors[-1]["fields"]["@timestamp"])
    return (at + timedelta(seconds=1)).isoformat().replace("+00:00", "Z")


if __name__ == "__main__":
    main()
