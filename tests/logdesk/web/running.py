"""A real logdesk: an archive on disk, its indexer and its pages, each a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from tests.logdesk.web import lines
from tests.ports import free_port

ROOT = Path(__file__).parents[3] / "services" / "logdesk"
PATIENCE_S = 30


@dataclass(frozen=True)
class Desk:
    url: str
    archive: Path
    index: Path
    server: int  # pid of gunicorn's master; the pages are made in its child

    def get(self, path: str) -> Any:
        with urllib.request.urlopen(self.url + path, timeout=PATIENCE_S) as answer:
            return orjson.loads(answer.read())

    def write(self, *new: dict[str, Any]) -> None:
        """Append lines to the archive; the indexer finds them by itself."""
        lines.write(self.archive, list(new))

    def holds(self, count: int) -> None:
        """Wait until the index has `count` lines."""
        until(lambda: self.get("/api/stats")["events"] >= count, f"{count} lines in the index")


def until(true: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not true():
        assert time.monotonic() < deadline, f"waited {PATIENCE_S} s for {what}"
        time.sleep(0.02)


@contextmanager
def program(command: str, **env: str) -> Iterator[subprocess.Popen[bytes]]:
    """`python -m logdesk <command>` for the length of the block; ended by its own pid. What it says is what pytest
    shows of a test that fails."""
    process = subprocess.Popen(
        [sys.executable, "-m", "logdesk", command],
        cwd=ROOT,
        env={**os.environ, **env},
    )
    try:
        yield process
    finally:
        process.terminate()
        process.wait(PATIENCE_S)


@contextmanager
def desk(folder: Path) -> Iterator[Desk]:
    """The pages of an archive in `folder`, and an indexer that follows it."""
    archive, index, port = folder / "archive", folder / "index", free_port()
    archive.mkdir(exist_ok=True)
    env = {"LOGDESK_ARCHIVE": str(archive), "LOGDESK_INDEX": str(index), "LOGDESK_PORT": str(port)}
    with program("index", **env) as indexer, program("serve", **env) as server:
        running = Desk(f"http://127.0.0.1:{port}", archive, index, server.pid)
        until(lambda: _answers(running.url + "/api/stats", indexer, server), "the pages")
        yield running


def _answers(url: str, *processes: subprocess.Popen[bytes]) -> bool:
    assert all(one.poll() is None for one in processes), "logdesk ended by itself"
    try:
        with urllib.request.urlopen(url, timeout=1) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False
