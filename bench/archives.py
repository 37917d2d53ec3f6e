"""Archives to index: filled at once, or written to as services do it."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

from bench.lines import lines

BATCH = 20  # lines a write: with 1 000 lines a second every 20 ms


def fill(archive: Path, events: int, *, hours: float = 24, end: datetime | None = None, seed: int = 1) -> int:
    """Write `events` lines of the `hours` before `end` (now), to one file a service and day. Returns their bytes."""
    start = (end or datetime.now(UTC)) - timedelta(hours=hours)
    size = 0
    files = {}
    for service, line in lines(events, start=start, per_second=events / hours / 3600, seed=seed):
        name = archive / service / f"{line[19:29].decode()}.jsonl"  # the day of event.ingested, the first key
        if name not in files:
            name.parent.mkdir(parents=True, exist_ok=True)
            files[name] = name.open("ab", buffering=1 << 20)
        size += files[name].write(line)
    for file in files.values():
        file.close()
    return size


@contextmanager
def writer(archive: Path, per_second: int = 1000) -> Iterator[None]:
    """Lines of now, until the block ends."""
    stop = threading.Event()

    def write() -> None:
        new = lines(10**9, start=datetime.now(UTC), per_second=per_second, seed=2)
        begun, written = time.monotonic(), 0
        while not stop.wait(max(0, begun + written / per_second - time.monotonic())):
            for service, line in islice(new, BATCH):
                path = archive / service / f"{datetime.now(UTC):%Y-%m-%d}.jsonl"
                path.parent.mkdir(parents=True, exist_ok=True)
                with path.open("ab") as file:
                    file.write(line)
            written += BATCH

    thread = threading.Thread(target=write)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
