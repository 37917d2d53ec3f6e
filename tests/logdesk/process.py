"""The indexer as a process of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

from logdesk.settings import Settings
from tests.logdesk.place import Place, encode, line, numbered

PACKAGE = Path(__file__).parents[2] / "services" / "logdesk"


def environment(settings: Settings) -> dict[str, str]:
    return {
        **os.environ,
        "PYTHONPATH": str(PACKAGE),
        "LOGDESK_ARCHIVE": str(settings.archive),
        "LOGDESK_INDEX": str(settings.index),
        "LOGDESK_KEEP_DAYS": str(settings.keep_days),
        "LOGDESK_KEEP_BYTES": str(settings.keep_bytes),
    }


def start(settings: Settings, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "logdesk", *(arguments or ("index",))],
        env=environment(settings),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def end(process: subprocess.Popen[str], number: int = signal.SIGTERM) -> tuple[str, str]:
    process.send_signal(number)
    return process.communicate(timeout=20)


def wait_for(condition: Callable[[], bool], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


class Writer(threading.Thread):
    """Appends lines to two services until it is told to stop: numbered ones, and others without a number."""

    def __init__(self, place: Place, per_second: int = 1500) -> None:
        super().__init__()
        self._place = place
        self._pause = 20 / per_second
        self._stop_it = threading.Event()
        self.written = 0

    def run(self) -> None:
        with self._place.file("shop").open("ab") as shop, self._place.file("bill").open("ab") as bill:
            while not self._stop_it.wait(self._pause):
                for _ in range(10):
                    self.written += 1
                    shop.write(encode([numbered(self.written)]))
                    bill.write(encode([line(self.written / 100, f"plain {self.written}", service__name="bill")]))
                    shop.flush()
                    bill.flush()

    def stop(self) -> None:
        self._stop_it.set()
        self.join()
