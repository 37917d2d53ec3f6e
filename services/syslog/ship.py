"""Runs a program and sends each line of its stdout and stderr to syslog, as Docker's syslog driver does.

    python ship.py --tag bs-whatweb --address tcp://127.0.0.1:5514 [--echo] -- PROGRAM ARGUMENT…

The same messages as `docker run --log-driver syslog --log-opt syslog-format=rfc5424micro --log-opt tag=…`: RFC 5424
with microseconds over TCP, one message a line, facility daemon, stdout with severity info and stderr with err, lines of
more than 16 384 bytes in several messages. One thing it does better: while syslog is away it holds the lines (and
with them, when the pipes are full, the program) and goes on when syslog is back, where Docker drops them.

util-linux's logger(1) sends one severity for both streams, does not reconnect, and takes one stream.
"""

import argparse
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from urllib.parse import urlsplit

from readable import readable

LONGEST = 16_384  # bytes of a message: where Docker cuts a line
DAEMON = 3 << 3  # facility, https://www.rfc-editor.org/rfc/rfc5424#section-6.2.1
INFO, ERR = 6, 3
READ = 65_536  # bytes read from the program at once: one write to syslog
LAST_TRY = 10.0  # seconds that syslog gets to come back once the program has ended
FORWARDED = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2)


class Connection:
    """The TCP connection that both streams share; `send` returns when the bytes are with the kernel."""

    def __init__(self, host: str, port: int) -> None:
        self.address = (host, port)
        self.ending = threading.Event()  # the program has ended: don't wait for syslog for ever
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None

    def send(self, messages: bytes) -> bool:
        """Whether they were sent; blocks while syslog is away, unless the program has ended."""
        with self._lock:
            deadline = 0.0
            said = False
            while True:
                try:
                    self._connected().sendall(messages)
                except OSError as error:
                    self._socket = None
                    if not said:
                        said = True
                        say(f"syslog at {self.address[0]}:{self.address[1]} is away ({error}): holding the lines")
                    deadline = deadline or (time.monotonic() + LAST_TRY if self.ending.is_set() else 0.0)
                    if deadline and time.monotonic() > deadline:
                        return False
                    time.sleep(0.1)
                else:
                    if said:
                        say("syslog is back: nothing was dropped here")
                    return True

    def _connected(self) -> socket.socket:
        if self._socket is not None and _closed_by_peer(self._socket):
            self._socket = None  # a write would succeed, and be lost
        if self._socket is None:
            self._socket = socket.create_connection(self.address, timeout=5)
            self._socket.settimeout(None)
        return self._socket

    def close(self) -> None:
        """Waits until syslog has read everything: it closes when it has."""
        if self._socket is None:
            return
        try:
            self._socket.shutdown(socket.SHUT_WR)
            self._socket.settimeout(LAST_TRY)
            while self._socket.recv(4096):
                pass
        except OSError as error:
            say(f"syslog didn't take the end of the connection: {error}")
        self._socket.close()


def _closed_by_peer(sock: socket.socket) -> bool:
    try:
        return sock.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True


class Stream(threading.Thread):
    """Reads one of the program's streams to its end and sends its lines."""

    def __init__(self, descriptor: int, severity: int, tag: str, connection: Connection, echo: int | None) -> None:
        super().__init__(name=f"severity-{severity}")
        self.descriptor = descriptor
        self.header = f"<{DAEMON | severity}>1 %s {socket.gethostname()} {tag} {os.getpid()} {tag} - ".encode()
        self.connection = connection
        self.echo = echo
        self.unsent = 0

    def run(self) -> None:
        rest = b""
        while chunk := os.read(self.descriptor, READ):
            *lines, rest = (rest + chunk).split(b"\n")
            while len(rest) > LONGEST:  # no line's end is waited for in memory
                lines.append(rest[:LONGEST])
                rest = rest[LONGEST:]
            self.ship(lines)
        if rest:
            self.ship([rest])

    def ship(self, lines: Sequence[bytes]) -> None:
        header = self.header % datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ").encode()
        pieces = [line[start : start + LONGEST] for line in lines for start in range(0, len(line) or 1, LONGEST)]
        messages = b"".join(b"%b%b\n" % (header, piece) for piece in pieces if piece)
        if messages and not self.connection.send(messages):
            self.unsent += len(pieces)
        if self.echo is not None:
            text = "".join(readable(line.decode(errors="backslashreplace")) + "\n" for line in lines)
            os.write(self.echo, text.encode(errors="backslashreplace"))


def say(text: str) -> None:
    print(f"ship: {text}", file=sys.stderr, flush=True)


def address(value: str) -> tuple[str, int]:
    parts = urlsplit(value)
    if parts.scheme != "tcp" or not parts.hostname or not parts.port:
        raise argparse.ArgumentTypeError(f"{value!r} is not an address; write tcp://127.0.0.1:5514")
    return parts.hostname, parts.port


def main() -> int:
    parser = argparse.ArgumentParser(description="Runs a program and sends its lines to syslog.")
    parser.add_argument("--tag", required=True, help="the syslog app name: what the archive's folder is called")
    parser.add_argument("--address", required=True, type=address, help="tcp://host:port")
    parser.add_argument("--echo", action="store_true", help="also print each line, readable")
    parser.add_argument("program", nargs="+")
    options = parser.parse_args()

    process = subprocess.Popen(options.program, stdout=subprocess.PIPE, stderr=subprocess.PIPE)  # noqa: S603
    for signum in FORWARDED:
        signal.signal(signum, lambda number, _: process.send_signal(number))
    connection = Connection(*options.address)
    streams = [
        Stream(pipe.fileno(), severity, options.tag, connection, echo if options.echo else None)
        for pipe, severity, echo in ((process.stdout, INFO, 1), (process.stderr, ERR, 2))
        if pipe
    ]
    for stream in streams:
        stream.start()
    code = process.wait()
    connection.ending.set()
    for stream in streams:
        stream.join()
    connection.close()
    if unsent := sum(stream.unsent for stream in streams):
        say(f"syslog didn't come back: {unsent} lines were not sent")
    return code if code >= 0 else 128 - code


if __name__ == "__main__":
    sys.exit(main())
