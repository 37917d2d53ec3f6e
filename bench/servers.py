"""gunicorn with bs-whatweb and one worker, its output read as Docker reads it, and what a request costs the worker."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from bench.records import SERVICE
from tests.ports import free_port

_CONNECTIONS = 8
_AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0"


class Server:
    """Set up by `config` and the variables that gunicorn_config.py reads."""

    def __init__(self, environment: Mapping[str, str], config: Path) -> None:
        port = free_port()
        own = {"GUNICORN_PORT": str(port), "GUNICORN_WORKERS": "1", "GUNICORN_LOGLEVEL": "warning"}
        self.url = f"http://127.0.0.1:{port}/ping"
        self.answered = self.lines = 0
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - closed by stop
        self._process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "-c", str(config), "project:create_app()"],
            cwd=SERVICE, env={**os.environ, **own, **environment}, stdout=subprocess.PIPE, stderr=self._errors,
        )  # fmt: skip
        self._reader = threading.Thread(target=self._count_lines, args=(self._process.stdout,))
        self._reader.start()

    def wait(self) -> None:
        """Until it answers."""
        deadline = time.monotonic() + 30
        while self._process.poll() is None and time.monotonic() < deadline:
            try:
                with urllib.request.urlopen(self.url, timeout=5):
                    return
            except OSError:
                time.sleep(0.05)
        self._errors.seek(0)
        sys.exit(f"bench requests: gunicorn doesn't answer on {self.url}:\n{self._errors.read().decode()}")

    def load(self, seconds: int) -> tuple[float, float]:
        """(requests a second, µs of the worker's CPU a request) when asked as fast as it answers."""
        wrk = shutil.which("wrk")
        if wrk is None:
            sys.exit("bench requests: wrk is missing. On Debian and Ubuntu: apt-get install wrk")
        command = [wrk, "-t1", f"-c{_CONNECTIONS}", f"-d{seconds}s", "-H", f"User-Agent: {_AGENT}", self.url]
        before = self._worker_cpu()
        report = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout
        cpu = self._worker_cpu() - before
        figures = re.search(r"(\d+) requests in .*Requests/sec:\s*([\d.]+)", report, re.DOTALL)
        if figures is None or "Non-2xx" in report or "Socket errors" in report:
            sys.exit(f"bench requests: {self.url} did not answer every request:\n{report}")
        requests = int(figures[1])
        self.answered += requests
        return float(figures[2]), cpu / 1000 / requests

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(30)
        self._reader.join()
        self._errors.close()

    def _count_lines(self, stdout: IO[bytes]) -> None:
        """Reads what comes when it comes, as Docker's log driver does."""
        while data := os.read(stdout.fileno(), 65_536):
            self.lines += data.count(b"\n")

    def _worker_cpu(self) -> int:
        """Nanoseconds, user and system, by the worker's CPU clock, numbered as clock_getcpuclockid(3) does."""
        master = self._process.pid
        [worker] = map(int, Path(f"/proc/{master}/task/{master}/children").read_text(encoding="ascii").split())
        return time.clock_gettime_ns((~worker << 3) | 2)


@contextmanager
def serving(environment: Mapping[str, str], config: Path = SERVICE / "gunicorn_config.py") -> Iterator[Server]:
    server = Server(environment, config)
    try:
        yield server
    finally:
        server.stop()
