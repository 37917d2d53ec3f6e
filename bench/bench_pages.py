"""How long the pages take in Chromium with a full index and a writer: from the click to the painted page.

    python -m bench.bench_pages [--events 1000000] [--loads 20]

The index is real: lines into an archive, `logdesk index` behind it. One line a millisecond arrives meanwhile.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

from playwright.sync_api import Page

from bench.lines import lines
from tests.logdesk.web.browsing import chromium, watched_page
from tests.logdesk.web.running import Desk, desk

WRITES_A_SECOND = 1000
PAGES = (
    ("search, 15 min", "/", 200),
    ("search, 24 h", "/?from=now-24h", None),
    ("one word, 24 h", "/?from=now-24h&q=timeout", None),
    ("level:error, 24 h", "/?from=now-24h&q=level:error", None),
    ("an opened row", "/event/{id}", None),
    ("dashboard, 24 h", "/dashboard?from=now-24h", 500),
    ("audit, 24 h", "/audit?from=now-24h", None),
)
TIMES = """() => {
  const [page] = performance.getEntriesByType("navigation");
  return [page.responseEnd - page.requestStart, page.loadEventEnd - page.startTime];
}"""


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--events", type=int, default=1_000_000)
    options.add_argument("--loads", type=int, default=20)
    asked = options.parse_args()
    with tempfile.TemporaryDirectory() as folder, filled(Path(folder), asked.events) as logs, writer(logs.archive):
        print(f"{asked.events:,} events, {WRITES_A_SECOND} lines/s arriving, {asked.loads} loads each, ms\n")
        print(f"{'page':<20}{'server p50':>12}{'p95':>8}{'painted p50':>14}{'p95':>8}   wanted")
        with chromium() as browser, watched_page(browser, logs.url) as page:
            for name, path, wanted in PAGES:
                print(row(page, logs, name, path, wanted, asked.loads), flush=True)


def row(page: Page, logs: Desk, name: str, path: str, wanted: int | None, loads: int) -> str:
    newest = logs.get("/api/search?limit=1")["hits"][0]["id"]
    taken = []
    for _ in range(loads + 1):
        page.goto(path.format(id=newest), wait_until="load")
        page.wait_for_function("performance.getEntriesByType('navigation')[0].loadEventEnd > 0")
        taken.append(page.evaluate(TIMES))
    server, painted = zip(*taken[1:], strict=True)  # the first load fills Chromium's cache of static files
    text = f"{name:<20}{statistics.median(server):>12.0f}{p95(server):>8.0f}"
    text += f"{statistics.median(painted):>14.0f}{p95(painted):>8.0f}"
    return text + (f"   ≤ {wanted}" if wanted else "")


def p95(values: tuple[float, ...]) -> float:
    return sorted(values)[max(0, round(0.95 * len(values)) - 1)]


@contextmanager
def filled(folder: Path, events: int) -> Iterator[Desk]:
    """A logdesk with `events` lines of the last 24 hours in its index."""
    start = datetime.now(UTC) - timedelta(hours=24)
    append(folder / "archive", lines(events, start=start, per_second=events / 86_400))
    with desk(folder) as running:
        begun, known = time.monotonic(), 0
        while known < events:
            assert time.monotonic() - begun < 600, f"only {known} of {events} events in the index after 10 minutes"
            time.sleep(0.5)
            known = running.get("/api/stats")["events"]
        yield running


@contextmanager
def writer(archive: Path) -> Iterator[None]:
    """A thread that appends as rsyslog does, in small batches."""
    stop = threading.Event()

    def write() -> None:
        new = lines(1_000_000_000, start=datetime.now(UTC), per_second=WRITES_A_SECOND, seed=2)
        while not stop.wait(0.05):
            append(archive, islice(new, WRITES_A_SECOND // 20))

    thread = threading.Thread(target=write)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def append(archive: Path, new: Iterator[tuple[str, bytes]]) -> None:
    """To one file a service and day, each batch in one write."""
    day = f"{datetime.now(UTC):%Y-%m-%d}.jsonl"
    batches: dict[str, list[bytes]] = {}
    for service, line in new:
        batches.setdefault(service, []).append(line)
    for service, batch in batches.items():
        (archive / service).mkdir(parents=True, exist_ok=True)
        with (archive / service / day).open("ab") as file:
            file.write(b"".join(batch))


if __name__ == "__main__":
    main()
