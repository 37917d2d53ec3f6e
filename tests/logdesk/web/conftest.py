"""One browser and one logdesk for all tests of the pages; each test has its own page."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.logdesk.web import lines
from tests.logdesk.web.browsing import chromium, watched_page
from tests.logdesk.web.running import Desk, desk
from tests.logdesk.web.samples import hostile_lines, story


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


@pytest.fixture(scope="session")
def logs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """Six hours of ordinary traffic, one request with a story, and what attackers send."""
    folder: Path = tmp_path_factory.mktemp("logdesk")
    with desk(folder) as running:
        count = lines.write(running.archive, lines.traffic(lines.ago(6 * 3600), lines.ago(60), 1200))
        count += lines.write(running.archive, story())
        count += lines.write(running.archive, hostile_lines())
        running.holds(count)
        yield running


@pytest.fixture
def page(browser: Browser, logs: Desk) -> Iterator[Page]:
    with watched_page(browser, logs.url) as opened:
        yield opened
