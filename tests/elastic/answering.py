"""An HTTP server for elastic_setup's own logic: what it asks, in which order, and what it makes of the answers.

It is no Elasticsearch and no Kibana: it answers with the bodies that their documentation shows.
"""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple

PROGRAM = Path(__file__).parents[2] / "services/elastic-setup"


class Asked(NamedTuple):
    method: str
    path: str
    user: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


Answer = Callable[[Asked], tuple[int, Any]]


class Answering:
    """`url`, and all that was `asked`. `answer` may be replaced while it runs."""

    def __init__(self, answer: Answer, port: int = 0, **headers: str) -> None:
        self.answer = answer
        self.asked: list[Asked] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def handle_any(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                credentials = self.headers.get("Authorization", "").removeprefix("Basic ")
                user = base64.b64decode(credentials).decode()
                asked = Asked(self.command, self.path, user, {k.lower(): v for k, v in self.headers.items()}, body)
                outer.asked.append(asked)
                status, answer = outer.answer(asked)
                data = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(data)))
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(data)

            do_GET = do_PUT = do_POST = handle_any  # noqa: N815 - http.server's names

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    @contextmanager
    def running(self) -> Iterator[Answering]:
        thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield self
        finally:
            self._server.shutdown()
            thread.join()
            self._server.server_close()

    def paths(self, method: str) -> list[str]:
        return [asked.path for asked in self.asked if asked.method == method]

    def body(self, path: str) -> Any:
        """The last that was put there."""
        return [asked.json for asked in self.asked if asked.path == path][-1]


def run(command: str, **env: str) -> subprocess.CompletedProcess[str]:
    """`python -m elastic_setup COMMAND` with these variables and none else of its own."""
    return subprocess.run(
        [sys.executable, "-m", "elastic_setup", command],
        cwd=PROGRAM, env={"PATH": os.environ["PATH"], **env}, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
