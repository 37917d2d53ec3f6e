"""A real gunicorn of the service, started and ended by a test."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import project
from tests.ports import free_port
from tests.service.lines import check_line

SERVICE = Path(project.__file__).parents[1]  # the folder of the service under test
APPS = Path(__file__).parent / "apps"


class Gunicorn:
    """`with Gunicorn(tmp_path) as server:`; stdout and stderr go to files in `folder`."""

    def __init__(self, folder: Path, app: str = "project:create_app()", **env: str) -> None:
        self.folder = folder
        self.app = app
        self.port = free_port()
        self.env = {
            **{k: v for k, v in os.environ.items() if not k.startswith(("GUNICORN_", "LOG_", "SERVICE_", "WHATWEB_"))},
            "GUNICORN_PORT": str(self.port),
            "GUNICORN_GRACEFUL_TIMEOUT": "5",
            "PYTHONPATH": f"{APPS}:{Path(__file__).parents[2]}",
            **env,
        }

    def __enter__(self) -> "Gunicorn":
        with open(self.folder / "stdout", "wb") as out, open(self.folder / "stderr", "wb") as err:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "gunicorn", "-c", "gunicorn_config.py", self.app],
                cwd=SERVICE, env=self.env, stdout=out, stderr=err,
            )  # fmt: skip
        self.until(self.answers, f"gunicorn doesn't answer: {self.text('stderr')[-2000:]}")
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self, signum: int = signal.SIGTERM) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signum)
        try:
            self.process.wait(20)
        finally:
            self.process.kill()

    def answers(self) -> bool:
        if self.process.poll() is not None:
            raise AssertionError(f"gunicorn ended: {self.text('stderr')[-2000:]}")
        try:
            return self.get("/healthz")[0] == 200
        except OSError:
            return False

    def get(
        self,
        path: str,
        headers: Mapping[str, str] | None = None,
        method: str = "GET",
        body: str | None = None,
    ) -> tuple[int, http.client.HTTPMessage, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request(method, path, body, dict(headers or {}))
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()
        finally:
            connection.close()

    def send(self, raw: bytes) -> bytes:
        """Raw bytes in, raw answer out; the request should say `Connection: close`."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=20) as sock:
            sock.sendall(raw)
            answer = b""
            with suppress(ConnectionResetError):  # a refused request may be cut off before it was read
                while chunk := sock.recv(65536):
                    answer += chunk
            return answer

    def text(self, stream: str) -> str:
        return (self.folder / stream).read_bytes().decode()

    def lines(self, *streams: str) -> list[dict[str, Any]]:
        """Every line of the streams (both by default), each checked against the contract."""
        return [
            check_line(line)
            for stream in streams or ("stdout", "stderr")
            for line in self.text(stream).split("\n")[:-1]
        ]

    def until(self, condition: Any, problem: str, seconds: float = 20) -> None:
        deadline = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < deadline, problem
            time.sleep(0.02)
