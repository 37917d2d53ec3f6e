"""logdesk: indexing, the way of a line from the logger to the search, and searching while lines arrive."""

from __future__ import annotations

import logging
import os
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from multiprocessing import get_context
from multiprocessing.context import SpawnProcess
from pathlib import Path

from bench.archives import fill, writer
from bench.indexing import alone, full_index, rows_only, ten_parts_of_full_index
from bench.processes import cpu_seconds, peak_memory
from bench.table import figure, ratio, table, verdict
from logdesk import dashboard, search, summary
from logdesk.query import parse
from logdesk.reader import Index, IndexMissing, Span, open_index, stats
from logdesk.settings import Settings
from project.api.utils.logger import JSONFormatter
from tests.syslog.rsyslog import Rsyslog, message

COMPARED = ("orjson",)
PACKAGE = Path(__file__).parent.parent / "services" / "logdesk"
DAY_US = 86_400 * 10**6


def main(quick: bool) -> None:
    events = 100_000 if quick else 1_000_000
    with tempfile.TemporaryDirectory() as folder:
        _index_table(Path(folder), events)
        _growth_table(Path(folder), 500_000 if quick else 5_000_000)
        _searchable_table(Path(folder), seconds=5 if quick else 20)
        _search_table(Path(folder), events, runs=5 if quick else 20)


def _index_table(folder: Path, events: int) -> None:
    archive = folder / "archive"
    size = fill(archive, events, end=datetime.now(UTC))
    ceiling = alone(rows_only, archive, folder / "rows")
    ours = alone(full_index, archive, folder / "index")
    print(f"\n## Indexing {events:,} lines of {size / events:.0f} bytes, one process")
    rows = [
        (
            name,
            f"{events / cost.seconds:,.0f}",
            f"{events / cost.cpu_seconds:,.0f}",
            f"{cost.bytes / events:.0f}",
            f"{cost.memory / 1e6:.0f}",
        )
        for name, cost in (("SQLite, rows only", ceiling), ("logdesk", ours))
    ]
    print(table(("", "events/s", "a second of CPU", "bytes of index an event", "memory, MB"), rows))
    targets = [
        ("≥ 20 000 events/s", verdict(20_000 / (events / ours.seconds), 1)),
        ("≤ 450 bytes an event", verdict(ours.bytes / events / 450, 1)),
    ]
    print(table(("target", "part of it used"), targets))
    shutil.rmtree(folder / "rows")


def _growth_table(folder: Path, events: int) -> None:
    """All in one day, as the index of each day is a database of its own."""
    archive, index = folder / "growth", folder / "growth-index"
    midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    fill(archive, events, end=midnight, hours=23.9)
    parts = alone(ten_parts_of_full_index, archive, index)
    tenth = events // 10
    first, last, whole = parts[0] / tenth, parts[-1] / tenth, sum(parts) / events
    print(f"\n## CPU an event as a day grows to {events:,} lines")
    rows = [
        (f"the first {tenth:,}", figure(first * 1e6), "1"),
        (f"all {events:,}", figure(whole * 1e6), ratio(whole, first)),
        (f"the last {tenth:,}", figure(last * 1e6), ratio(last, first)),
    ]
    print(table(("", "µs an event", "of the first"), rows))
    print(table(("target", ""), [("all ≤ 1.3 × the first tenth", verdict(whole / first, 1.3))]))
    shutil.rmtree(archive)
    shutil.rmtree(index)


def _searchable_table(folder: Path, seconds: int) -> None:
    """A logger, its line over TCP to a real rsyslogd, the archive, the indexer, and a search for what is new."""
    live = folder / "live"
    live.mkdir()
    with Rsyslog(live) as syslog:
        settings = Settings(archive=syslog.archive, index=live / "index", keep_days=0)
        with _indexer(settings) as process:
            _log("warm up", syslog.port, 1)
            _wait(lambda: _events(settings) > 0)
            idle = _cpu_share(process.pid, 3)
            sender = get_context("spawn").Process(target=_log, args=("probe", syslog.port, seconds * 1000))
            before = cpu_seconds(process.pid)
            sender.start()
            taken = _watch(settings, sender)
            busy = (cpu_seconds(process.pid) - before) / seconds
            memory = [peak_memory(pid) for pid in (process.pid, syslog.pid)]
    print(f"\n## Logger call → searchable, 1 000 lines/s for {seconds} s")
    p50, p95, p99 = (statistics.quantiles(taken, n=100)[n] * 1000 for n in (49, 94, 98))
    print(table(("", "p50", "p95", "p99"), [("ms", figure(p50), figure(p95), figure(p99))]))
    print(table(("target", ""), [("p95 ≤ 100 ms", verdict(p95, 100))]))
    print(
        f"{len(taken):,} lines seen. The indexer took {busy:.0%} of a core meanwhile and {idle:.1%} when nothing came;"
        f" {memory[0]:.0f} MB, rsyslogd {memory[1]:.0f} MB."
    )


def _log(text: str, port: int, count: int) -> None:
    """`count` records, a thousand a second, formatted and sent as Docker's driver would."""
    formatter = JSONFormatter()
    with socket.create_connection(("127.0.0.1", port)) as sock:
        begun = time.monotonic()
        for n in range(count):
            time.sleep(max(0, begun + n / 1000 - time.monotonic()))
            record = logging.LogRecord("bench", logging.INFO, __file__, 1, "%s %d", (text, n), None)
            sock.sendall(message(formatter.format(record).encode(), tag=b"bench"))


def _watch(settings: Settings, sender: SpawnProcess) -> list[float]:
    """Seconds from each record's time to the moment a search shows it."""
    taken: dict[str, float] = {}
    ever, latest, query = Span(0, 2**62), "0", parse("probe")
    last = time.monotonic() + 5
    while time.monotonic() < last:
        if sender.is_alive():
            last = time.monotonic() + 1
        with open_index(settings) as db:
            page = search.newer(db, query, ever, after=latest, limit=2000)
        seen, latest = time.time(), page.latest
        for hit in page.hits:
            taken.setdefault(hit.id, seen - hit.ts_us / 1e6)
        time.sleep(0.005)
    return list(taken.values())


def _search_table(folder: Path, events: int, runs: int) -> None:
    """The index of the first table, caught up to now, with a writer and the indexer at work."""
    settings = Settings(archive=folder / "archive", index=folder / "index", keep_days=0)
    print(f"\n## Searching {events:,} lines while 1 000 a second arrive, ms")
    rows = []
    with _indexer(settings) as process, writer(settings.archive):
        time.sleep(3)
        for name, limit, ask in _QUESTIONS:
            _timed(settings, ask)  # reads what the last one didn't
            taken = sorted(_timed(settings, ask) for _ in range(runs))
            p50, p95 = taken[len(taken) // 2] * 1000, taken[round(len(taken) * 0.95) - 1] * 1000
            wanted = verdict(p95, limit) + f" (≤ {limit})" if limit else ""
            rows.append((name, figure(p50), figure(p95), wanted))
        memory = peak_memory(process.pid)
    print(table(("logdesk", "p50", "p95", "target"), rows))
    print(f"The indexer uses {memory:.0f} MB meanwhile. What there is without an index, on the same files:\n")
    print(table(("without an index", "ms"), [(" ".join(words), figure(_shell(words, settings))) for words in _SHELL]))


def _page(db: Index, text: str, span: Span) -> None:
    """All that the search page asks for."""
    query = parse(text)
    search.find(db, query, span)
    summary.histogram(db, query, span)
    summary.facets(db, query, span)


def _last(us: int) -> Span:
    now = time.time_ns() // 1000
    return Span(now - us, now)


def _find(text: str) -> Callable[[Index], object]:
    return lambda db: search.find(db, parse(text), _last(DAY_US))


def _trace(db: Index) -> None:
    (hit,) = search.find(db, parse("has:trace"), _last(DAY_US), limit=1).hits
    assert search.find(db, parse(f"trace:{hit.trace_id}"), _last(DAY_US)).hits


_QUESTIONS: tuple[tuple[str, int, Callable[[Index], object]], ...] = (
    ("search page, 15 minutes", 200, lambda db: _page(db, "", _last(900 * 10**6))),
    ("search page, 15 minutes, a word", 200, lambda db: _page(db, "timeout", _last(900 * 10**6))),
    ("search page, 24 hours", 0, lambda db: _page(db, "", _last(DAY_US))),
    ("search page, 24 hours, a word", 0, lambda db: _page(db, "timeout", _last(DAY_US))),
    ("newest 100 with a frequent word, 24 hours", 100, _find("timeout")),
    ("newest 100 with a rare word, 24 hours", 100, _find("blog17")),
    ("newest 100 with a word that no line has, 24 hours", 100, _find("nowhere")),
    ("newest 100 with two words and an exclusion, 24 hours", 100, _find("timeout retrying -level:info")),
    ("newest 100 errors slower than a second, 24 hours", 100, _find("status:>=500 duration:>1s")),
    ("newest 100 of a label, 24 hours", 100, _find("labels.customer:c12")),
    ("all lines of a trace, 24 hours", 100, _trace),
    ("dashboard, 24 hours", 500, lambda db: dashboard.dashboard(db, _last(DAY_US))),
)
_SHELL = (
    ("grep", "-h", "timeout"),
    ("jq", "-c", 'select(.["http.response.status_code"] >= 500)'),
)


def _timed(settings: Settings, ask: Callable[[Index], object]) -> float:
    begun = time.perf_counter()
    with open_index(settings) as db:
        ask(db)
    return time.perf_counter() - begun


def _shell(words: tuple[str, ...], settings: Settings) -> float:
    """Milliseconds of the command over all of the archive; not a number when it isn't installed."""
    if shutil.which(words[0]) is None:
        return float("nan")
    files = sorted(map(str, settings.archive.rglob("*.jsonl")))
    with tempfile.TemporaryFile() as found:  # to /dev/null grep would end at the first
        begun = time.perf_counter()
        subprocess.run([*words, *files], stdout=found, check=False)
        return (time.perf_counter() - begun) * 1000


@contextmanager
def _indexer(settings: Settings) -> Iterator[subprocess.Popen[bytes]]:
    env = {
        **os.environ,
        "PYTHONPATH": str(PACKAGE),
        "LOGDESK_ARCHIVE": str(settings.archive),
        "LOGDESK_INDEX": str(settings.index),
        "LOGDESK_KEEP_DAYS": "0",
    }
    process = subprocess.Popen([sys.executable, "-m", "logdesk", "index"], env=env)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(20)


def _events(settings: Settings) -> int:
    try:
        with open_index(settings) as db:
            return stats(db).events
    except IndexMissing:
        return 0


def _wait(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError("the indexer shows no line after 30 seconds")
        time.sleep(0.05)


def _cpu_share(pid: int, seconds: float) -> float:
    before = cpu_seconds(pid)
    time.sleep(seconds)
    return (cpu_seconds(pid) - before) / seconds
