"""logdesk's pages: what they take in Chromium from the click to the painted page, while lines arrive.

The server's CPU time is the figure to compare on a machine that does other things as well.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page

from bench.archives import fill, writer
from bench.processes import cpu_seconds
from bench.table import figure, table
from tests.logdesk.web.browsing import chromium, watched_page
from tests.logdesk.web.running import Desk, desk

COMPARED = ("flask", "gunicorn", "playwright")
PAGES = (
    ("search, 15 minutes", "/", 200),
    ("search, 24 hours", "/?from=now-24h", None),
    ("one word, 24 hours", "/?from=now-24h&q=timeout", None),
    ("level:error, 24 hours", "/?from=now-24h&q=level:error", None),
    ("one line with all its fields", "/event/{id}", None),
    ("dashboard, 24 hours", "/dashboard?from=now-24h", 500),
    ("audit, 24 hours", "/audit?from=now-24h", None),
)
TIMES = """() => {
  const [page] = performance.getEntriesByType("navigation");
  return [page.responseEnd - page.requestStart, page.loadEventEnd - page.startTime];
}"""
INDEXING_S = 900


def main(quick: bool) -> None:
    events, loads = (100_000, 5) if quick else (1_000_000, 20)
    with (
        tempfile.TemporaryDirectory() as folder,
        filled(Path(folder), events) as logs,
        writer(logs.archive),
        chromium() as browser,
        watched_page(browser, logs.url) as page,
    ):
        newest = logs.get("/api/search?limit=1")["hits"][0]["id"]
        rows = [measured(page, logs, name, path.format(id=newest), loads, wanted) for name, path, wanted in PAGES]
    print(f"\n## Pages in Chromium with {events:,} events and 1 000 lines/s arriving (ms)")
    print(table(("page", "CPU", "answer p50", "p95", "painted p50", "p95", "answer wanted"), rows), flush=True)


def measured(page: Page, logs: Desk, name: str, path: str, loads: int, wanted: int | None) -> list[str]:
    """The first load fills Chromium's cache of static files and isn't counted."""
    taken = []
    begun = 0.0
    for n in range(loads + 1):
        if n == 1:
            begun = cpu_ms(logs.server)
        page.goto(path, wait_until="load")
        page.wait_for_function("performance.getEntriesByType('navigation')[0].loadEventEnd > 0")
        taken.append(page.evaluate(TIMES))
    answer, painted = zip(*taken[1:], strict=True)
    cells = [(cpu_ms(logs.server) - begun) / loads]
    for values in (answer, painted):
        cells += [statistics.median(values), p95(values)]
    return [name, *map(figure, cells), f"≤ {wanted}" if wanted else ""]


def cpu_ms(master: int) -> float:
    """What gunicorn's workers have used."""
    workers = Path(f"/proc/{master}/task/{master}/children").read_text().split()
    return 1000 * sum(cpu_seconds(int(worker)) for worker in workers)


def p95(values: tuple[float, ...]) -> float:
    return sorted(values)[max(0, round(0.95 * len(values)) - 1)]


@contextmanager
def filled(folder: Path, events: int) -> Iterator[Desk]:
    """A logdesk with `events` lines of the last 24 hours in its index."""
    fill(folder / "archive", events)
    with desk(folder) as running:
        deadline = time.monotonic() + INDEXING_S
        while (known := running.get("/api/stats")["events"]) < events:
            assert time.monotonic() < deadline, f"only {known} of {events} events in the index after {INDEXING_S} s"
            time.sleep(0.5)
        yield running
