"""services/syslog/ship.py as a process, and a bare TCP server that shows what is on the wire."""

import re
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any, Self

from tests.syslog.rsyslog import until

SHIP = Path(__file__).parents[2] / "services" / "syslog" / "ship.py"
HEADER = re.compile(
    rb"<(?P<pri>\d+)>1 (?P<time>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z) (?P<host>\S+) (?P<tag>\S+) \d+ (?P=tag) - "
)


def ship(address: str, *program: str, echo: bool = False) -> list[str]:
    return [sys.executable, str(SHIP), "--tag", "svc", "--address", address, *["--echo"] * echo, "--", *program]


class Shipping:
    """`with Shipping(port) as shipping:` is a running ship.py; its program, `cat` if none is given, reads what is
    written to it."""

    def __init__(self, port: int, *program: str, echo: bool = False) -> None:
        command = ship(f"tcp://127.0.0.1:{port}", *(program or ("cat",)), echo=echo)
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: Any) -> None:
        self.process.kill()
        self.process.__exit__(*error)  # closes the pipes

    def write(self, data: bytes) -> None:
        assert self.process.stdin
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def says(self, text: str) -> str:
        """The next line on stderr, which must have `text` in it."""
        assert self.process.stderr
        line = self.process.stderr.readline().decode()
        assert text in line
        return line

    def end(self, data: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        """Writes a last time, closes the program's stdin, and waits for the end of ship.py."""
        out, err = self.process.communicate(data, timeout=60)
        return subprocess.CompletedProcess(self.process.args, self.process.returncode, out, err)


def shipped(port: int, *program: str, data: bytes = b"", echo: bool = False) -> subprocess.CompletedProcess[bytes]:
    """ship.py from its start to its end; the program, `cat` if none is given, reads `data`."""
    with Shipping(port, *program, echo=echo) as shipping:
        return shipping.end(data)


class Sink:
    """`with Sink() as sink:` keeps what it receives, each connection's for itself, while `reading` is set.

    After `breaks_after` bytes of the first connection it stops reading, and when the sender is stuck in the middle of
    a message, it resets the connection.
    """

    def __init__(self, *, breaks_after: int | None = None) -> None:
        self.breaks_after = breaks_after
        self.received: list[bytearray] = []
        self.reading = threading.Event()
        self.reading.set()

    def __enter__(self) -> Self:
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._server.getsockname()[1]
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.reading.set()
        self._server.shutdown(socket.SHUT_RDWR)  # ends accept()
        self._thread.join(20)
        self._server.close()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._server.accept()
            except OSError:
                return
            with connection:
                self.received.append(bytearray())
                self._receive(connection, self.received[-1])

    def _receive(self, connection: socket.socket, data: bytearray) -> None:
        while self.reading.wait() and (chunk := connection.recv(65_536)):
            data += chunk
            if self.breaks_after and len(self.received) == 1 and len(data) > self.breaks_after:
                self._wait_until_stuck(connection)
                return  # closing with bytes unread resets the connection

    def _wait_until_stuck(self, connection: socket.socket) -> None:
        waiting, since = b"", time.monotonic()
        while time.monotonic() - since < 0.2:
            more = connection.recv(1 << 24, socket.MSG_PEEK)
            if len(more) > len(waiting):
                waiting, since = more, time.monotonic()
            time.sleep(0.01)

    def awaits(self, text: bytes) -> None:
        until(lambda: text in b"".join(self.received), f"{text!r} doesn't come")

    def messages(self) -> list[dict[str, Any]]:
        """Whole messages; what a broken connection left of its last one doesn't count."""
        found = []
        for data in self.received:
            *lines, rest = bytes(data).split(b"\n")
            assert rest == b"" or self.breaks_after
            for line in lines:
                header = HEADER.match(line)
                assert header, line[:200]
                found.append({**header.groupdict(), "text": line[header.end() :]})
        return found

    def texts(self) -> list[bytes]:
        return [message["text"] for message in self.messages()]
