"""What it costs to index: each run in a process of its own, so that its memory is its own."""

from __future__ import annotations

import multiprocessing
import os
import resource
import sqlite3
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import NamedTuple, TypeVar

from logdesk import generations
from logdesk.archive import list_files
from logdesk.index import Indexer
from logdesk.settings import Settings

Result = TypeVar("Result")


class Cost(NamedTuple):
    seconds: float
    cpu_seconds: float
    bytes: int
    memory: int  # the most at any time, bytes


def alone(run: Callable[[Path, Path], Result], archive: Path, index: Path) -> Result:
    """What `run` returns, from a process of its own."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return pool.submit(run, archive, index).result()


def full_index(archive: Path, index: Path) -> Cost:
    """logdesk: text, fields, rollups and numbers; the lines stay in the archive."""
    return _measured(lambda: ten_parts_of_full_index(archive, index), index)


def ten_parts_of_full_index(archive: Path, index: Path) -> list[float]:
    """CPU seconds for each tenth of the archive, in the order they are indexed."""
    generation = generations.create(index)
    generations.make_current(generation)
    indexer = Indexer(Settings(archive=archive, index=index, keep_days=0), generation)
    spent: list[float] = []
    begun = time.process_time()
    while indexer.step():
        read, total = indexer.follower.progress()
        if read >= total * (len(spent) + 1) / 10:
            spent.append(time.process_time() - begun)
            begun = time.process_time()
    indexer.close()
    return spent


def rows_only(archive: Path, index: Path) -> Cost:
    """The ceiling: every line as one text into one SQLite table that nothing can be found in."""

    def run() -> None:
        db = sqlite3.connect(index / "rows.db", isolation_level=None)
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = NORMAL")
        db.execute("CREATE TABLE line (text TEXT)")
        for found in list_files(archive):
            with open(archive / found.name, "rb") as file:
                while batch := file.readlines(2 << 20):
                    db.execute("BEGIN")
                    db.executemany("INSERT INTO line VALUES (?)", [(line.decode(),) for line in batch])
                    db.execute("COMMIT")
        db.close()

    index.mkdir(parents=True)
    return _measured(run, index)


def _measured(run: Callable[[], object], index: Path) -> Cost:
    wall, cpu = time.perf_counter(), time.process_time()
    run()
    seconds, cpu_seconds = time.perf_counter() - wall, time.process_time() - cpu
    size = sum(os.path.getsize(path) for path in index.rglob("*.db*"))
    return Cost(seconds, cpu_seconds, size, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)
