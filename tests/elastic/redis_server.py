"""A real Redis, started by `services/redis/run`, and a client that says what Filebeat and Logstash say to it."""

import json
import os
import socket
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

from tests.elastic.checking import ROOT
from tests.ports import free_port

PASSWORD = "p0123456789abcdef"
KEY = "logs"
# What logstash-input-redis does for a batch: the first N of the list, out of it, in one step.
POP = """
local batch = redis.call('lrange', KEYS[1], 0, ARGV[1])
redis.call('ltrim', KEYS[1], ARGV[1] + 1, -1)
return batch
"""


class RedisError(Exception):
    """The server's own words."""


class Redis:
    """`with Redis(folder) as redis:`; ends by kill -9 and `start()` again with `redis.kill()`, `redis.start()`."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        self.arguments = arguments
        self.port = free_port()
        self.log = folder / "redis.log"
        self.env = {
            **os.environ,
            "REDIS_PASSWORD": PASSWORD,
            "REDIS_PORT": str(self.port),
            "REDIS_DATA": str(folder / "data"),
        }

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def start(self) -> None:
        with self.log.open("ab") as log:
            command = [str(ROOT / "services" / "redis" / "run"), *self.arguments]
            self.process = subprocess.Popen(command, env=self.env, stdout=log, stderr=log)
        deadline = time.monotonic() + 20
        while True:
            try:
                with Client(self.port) as client:
                    client.ask("PING")
                return
            except (OSError, RedisError):  # not listening, or still loading its file
                assert self.process.poll() is None, self.log.read_text()
                assert time.monotonic() < deadline, self.log.read_text()
                time.sleep(0.02)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


class Client:
    """One connection; `ask` returns the answer or raises RedisError. OSError when the server is gone."""

    def __init__(self, port: int, password: str = PASSWORD) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=20)
        self.file = self.socket.makefile("rb")
        if password:
            self.ask("AUTH", password)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.file.close()
        self.socket.close()

    def ask(self, *words: str | bytes | int) -> Any:
        encoded = [word if isinstance(word, bytes) else str(word).encode() for word in words]
        parts = [b"*%d\r\n" % len(encoded)] + [b"$%d\r\n%s\r\n" % (len(word), word) for word in encoded]
        self.socket.sendall(b"".join(parts))
        return self.answer()

    def answer(self) -> Any:
        line = self.file.readline()
        if not line.endswith(b"\r\n"):
            raise ConnectionResetError("the server is gone")
        kind, rest = line[:1], line[1:-2]
        if kind == b"-":
            raise RedisError(rest.decode())
        if kind == b"+":
            return rest.decode()
        if kind == b":":
            return int(rest)
        if kind == b"$":
            return None if rest == b"-1" else self.file.read(int(rest) + 2)[:-2]
        assert kind == b"*", line
        return [self.answer() for _ in range(int(rest))]

    def push(self, events: Sequence[bytes]) -> int:
        """As Filebeat: a batch in one RPUSH, done when it is answered. Returns the list's length."""
        length: int = self.ask("RPUSH", KEY, *events)
        return length

    def pop(self, count: int) -> list[bytes]:
        """As Logstash: a batch in one script."""
        events: list[bytes] = self.ask("EVAL", POP, 1, KEY, count - 1)
        return events


def event(number: int, message: str = "GET /ping 200") -> bytes:
    """A line of ours as Filebeat's JSON: expanded, with its metadata."""
    return json.dumps(
        {
            "@timestamp": "2026-11-23T02:21:30.849254Z",
            "@metadata": {"beat": "filebeat", "type": "_doc", "version": "9.5.1"},
            "log": {"offset": number * 650, "file": {"path": "/archive/bs-whatweb/2026-11-23.jsonl"}, "level": "info"},
            "event": {"id": f"865af68f874c36cb-{number}", "sequence": number, "dataset": "bs-whatweb.access"},
            "service": {"name": "bs-whatweb", "environment": "development"},
            "message": message,
        }
    ).encode()


def number_of(event: bytes) -> int:
    number: int = json.loads(event)["event"]["sequence"]
    return number
