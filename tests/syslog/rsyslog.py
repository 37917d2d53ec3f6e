"""A real rsyslogd, started by services/syslog/run as everybody starts it, and messages to send to it."""

import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Self

from tests.ports import free_port

RUN = Path(__file__).parents[2] / "services" / "syslog" / "run"
TIME = b"2026-11-22T23:52:01.123456Z"


def until(condition: Callable[[], Any], problem: str, seconds: float = 20) -> Any:
    """What `condition` returns, once it is true."""
    deadline = time.monotonic() + seconds
    while not (result := condition()):
        assert time.monotonic() < deadline, problem
        time.sleep(0.02)
    return result


def message(payload: bytes, tag: bytes = b"svc", priority: int = 30, hostname: bytes = b"host") -> bytes:
    """One message as Docker's driver sends it with rfc5424micro: the line's bytes behind a header, and a line feed."""
    return b"<%d>1 %b %b %b 77 %b - %b\n" % (priority, TIME, hostname, tag, tag, payload)


def contract_line(sequence: int, entity: str = "9f2c41d07a3be658", size: int = 0) -> bytes:
    """A line as our formatter writes it (docs/fields.md), of at least `size` bytes."""
    fields = {
        "@timestamp": "2026-11-22T10:00:00.123456Z",
        "log.level": "info",
        "message": f"GET /api/v1/whatweb {sequence}",
        "ecs.version": "8.17.0",
        "service.name": "bs-whatweb",
        "service.version": "1.0.0",
        "service.environment": "development",
        "host.hostname": "h",
        "event.dataset": "bs-whatweb.access",
        "process.pid": 123,
        "process.entity_id": entity,
        "event.sequence": sequence,
        "event.id": f"{entity}-{sequence}",
        "trace.id": "0af7651916cd43dd8448eb211c80319c",
        "http.request.id": "0af7651916cd43dd8448eb211c80319c",
        "client.address": "127.0.0.1",
        "http.request.method": "GET",
        "url.path": "/api/v1/whatweb",
        "http.response.status_code": 200,
        "event.duration": 1_234_000,
        "user_agent.original": "Mozilla/5.0 (X11; Linux x86_64; rv:143.0)",
    }
    line = json.dumps(fields, separators=(",", ":"), ensure_ascii=False).encode()
    return line[:-2] + b" " * max(0, size - len(line)) + line[-2:]


def send(port: int, data: bytes) -> None:
    """Returns when rsyslogd has read all of `data`, which for the central is: when it is in the archive."""
    with socket.create_connection(("127.0.0.1", port), timeout=60) as sock:
        sock.sendall(data)
        sock.shutdown(socket.SHUT_WR)
        assert sock.recv(1) == b""


class Rsyslog:
    """`with Rsyslog(folder) as central:` is a central; with `central=` given, a relay to it.

    Archive or queue are in `folder`. `stop`, `kill` and `start` work on the same ports and folder, so a test can
    have it away for a while.
    """

    def __init__(self, folder: Path, central: "Rsyslog | None" = None, *, relp: bool = False, **env: str) -> None:
        self.folder = folder
        self.role = "relay" if central else "central"
        self.port = free_port()
        self.archive = folder / "archive"
        self.queue = folder / "queue"
        self.relp_port = free_port()
        self.env = {name: value for name, value in os.environ.items() if not name.startswith("SYSLOG_")}
        self.env |= {
            "SYSLOG_PORT": str(self.port),
            "SYSLOG_ARCHIVE_DIR": str(self.archive),
            "SYSLOG_QUEUE_DIR": str(self.queue),
            **({"SYSLOG_RELP_PORT": str(self.relp_port)} if relp else {}),
        }
        if central:
            self.env |= {"SYSLOG_CENTRAL_ADDRESS": "127.0.0.1", "SYSLOG_CENTRAL_PORT": str(central.relp_port)}
        self.env |= env

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.kill()

    def start(self) -> None:
        """Returns when it listens."""
        with open(self.folder / f"{self.role}.output", "ab") as output:
            said = output.tell()
            # A shell can't trap a signal that was ignored before it, as `nohup` does with this one.
            command = ["env", "--default-signal=HUP", str(RUN), self.role]
            self.process = subprocess.Popen(command, env=self.env, stdout=output, stderr=output)
        until(
            lambda: "listens on" in self.output(said) or self.process.poll() is not None,
            f"rsyslogd doesn't listen: {self.output(said)}",
        )
        assert self.process.poll() is None, self.output(said)
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        self.pid = next(
            int(pid)
            for pid in children.read_text().split()
            if Path(f"/proc/{pid}/comm").read_text().strip() == "rsyslogd"
        )

    def stop(self) -> int:
        """SIGTERM, and the exit code."""
        self.process.terminate()
        return self.process.wait(30)

    def kill(self) -> None:
        """kill -9 of rsyslogd itself."""
        os.kill(self.pid, signal.SIGKILL)
        self.process.wait(30)

    def output(self, offset: int = 0) -> str:
        """What it said on stdout and stderr."""
        return (self.folder / f"{self.role}.output").read_bytes()[offset:].decode(errors="replace")

    def send(self, *messages: bytes) -> None:
        send(self.port, b"".join(messages))

    def archived(self, service: str = "svc") -> list[bytes]:
        """The archive's lines of a service, oldest first, without their newlines."""
        files = sorted((self.archive / service).glob("*.jsonl"))
        return [line for file in files for line in file.read_bytes().split(b"\n")[:-1]]

    def records(self, service: str = "svc") -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.archived(service)]

    def services(self) -> set[str]:
        """The archive's folders, without the one for rsyslogd's own messages."""
        return {path.name for path in self.archive.iterdir()} - {"rsyslogd"}


def identifiers(lines: Iterable[bytes]) -> list[str]:
    return [json.loads(line)["event.id"] for line in lines]
