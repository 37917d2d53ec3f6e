"""Trackers that a test talks to: kent, which takes everything, and ones that are in trouble."""

import json
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

WITHIN = 15.0  # seconds

Event = dict[str, Any]


class Kent:
    """`with Kent() as tracker:`; https://github.com/mozilla-services/kent"""

    def __enter__(self) -> "Kent":
        script = Path(__file__).parent / "apps" / "kent_server.py"
        self.process = subprocess.Popen([sys.executable, script], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        assert self.process.stdout
        self.port = int(self.process.stdout.readline())
        self.dsn = f"http://key@127.0.0.1:{self.port}/1"
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.communicate()

    def events(self) -> list[Event]:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/all", timeout=10) as answer:
            events: list[Event] = json.load(answer)
            return events

    def of(self, request_id: str) -> list[Event]:
        return [event for event in self.events() if event.get("tags", {}).get("request_id") == request_id]

    def wait(self, count: int) -> list[Event]:
        """The events, when there are so many."""
        until(lambda: len(self.events()) >= count, lambda: f"{len(self.events())} of {count} events")
        return self.events()


class Refusing:
    """Answers every event with a status that isn't 200, until told otherwise."""

    def __init__(self, status: int, headers: dict[str, str] | None = None) -> None:
        tracker = self
        self.status = status
        self.requests = 0

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["Content-Length"]))
                tracker.requests += 1
                self.send_response(tracker.status)
                for name, value in (headers or {}).items():
                    self.send_header(name, value)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.dsn = f"http://key@127.0.0.1:{self.server.server_port}/1"

    def __enter__(self) -> "Refusing":
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()


class BlackHole:
    """Accepts connections and says nothing."""

    def __init__(self) -> None:
        self.socket = socket.create_server(("127.0.0.1", 0), backlog=2000)
        self.dsn = f"http://key@127.0.0.1:{self.socket.getsockname()[1]}/1"

    def __enter__(self) -> "BlackHole":
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()


class Down:
    """Nobody listens."""

    def __init__(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as sock:
            self.dsn = f"http://key@127.0.0.1:{sock.getsockname()[1]}/1"

    def __enter__(self) -> "Down":
        return self

    def __exit__(self, *_: object) -> None:
        pass


def until(condition: Callable[[], Any], problem: Callable[[], str], seconds: float = WITHIN) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, problem()
        time.sleep(0.02)
