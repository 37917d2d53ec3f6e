"""Runs a program and sends each line of its stdout and stderr to syslog, as Docker's syslog driver does.

    python ship.py --tag bs-whatweb --address tcp://127.0.0.1:5514 [--echo] -- PROGRAM ARGUMENT…

The same messages as `docker run --log-driver syslog --log-opt syslog-format=rfc5424micro --log-opt tag=…`: RFC 5424
with microseconds over TCP, one message a line, facility daemon, stdout with severity info and stderr with err, a line
of more than 16 384 bytes in several messages, none for an empty line. And as Docker's blocking mode, it never drops to
keep up: a slow syslog slows the program down.

One thing it does better: while syslog is away it holds the lines (and the program, when its pipes are full) and goes
on when syslog is back; Docker tries twice and drops. Plain TCP has no acknowledgement, so what the kernel had taken
when syslog died is lost all the same, and the audit shows it.

Not util-linux's logger(1): it takes one stream with one severity, and doesn't reconnect; what it reads after the
connection broke is lost.
"""

import argparse
import os
import selectors
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from urllib.parse import urlsplit

from readable import readable

LONGEST = 16_384  # bytes of a message: where Docker cuts a line
DAEMON = 3 << 3  # facility, RFC 5424 section 6.2.1
INFO, ERR = 6, 3
READ = 65_536  # bytes read at once, and so at most in memory for each stream
PATIENCE = 1.0  # seconds that syslog may be away before a word is said: at the start both start together
LAST_TRY = 5.0  # seconds that syslog gets to come back once the program shall end
ENDING = (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT)
# gunicorn takes these too: reload, reopen, upgrade, more and fewer workers.
FORWARDED = (signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2, signal.SIGTTIN, signal.SIGTTOU, signal.SIGWINCH)


class Syslog:
    """The TCP connection to syslog."""

    def __init__(self, host: str, port: int, ending: Callable[[], bool]) -> None:
        self.address = (host, port)
        self.ending = ending  # whether the program has ended, or was told to: then don't wait for ever
        self.dropped = 0  # messages
        self._socket: socket.socket | None = None
        self._gone = False

    def send(self, messages: bytes) -> None:
        """Returns when the kernel has taken `messages`, each with its newline; waits while syslog is away."""
        sent = 0
        while sent < len(messages) and not self._gone:
            if self._socket is None:
                # The message that was cut is sent again as a whole, and none before it.
                sent = messages.rfind(b"\n", 0, sent) + 1
                self._socket = self._reconnected()
            elif _closed_by_peer(self._socket):
                self._disconnect()  # a write would succeed, and be lost
            else:
                try:
                    sent += self._socket.send(memoryview(messages)[sent:])
                except OSError:
                    self._disconnect()
        self.dropped += messages.count(b"\n", sent)

    def close(self) -> None:
        """Waits until syslog has read everything: then it closes its side."""
        if self._socket is None:
            return
        try:
            self._socket.shutdown(socket.SHUT_WR)
            self._socket.settimeout(LAST_TRY)
            while self._socket.recv(4096):
                pass
        except OSError as error:
            say(f"syslog may not have read the last lines: {error}")
        self._disconnect()

    def _reconnected(self) -> socket.socket | None:
        away_since = time.monotonic()
        ending_since = None
        said = False
        pause = 0.05
        while True:
            try:
                sock = socket.create_connection(self.address, timeout=5)
            except OSError as error:
                now = time.monotonic()
                if not said and now - away_since > PATIENCE:
                    said = True
                    say(f"syslog at {self.address[0]}:{self.address[1]} is away ({error}): holding the lines")
                if ending_since is None and self.ending():
                    ending_since = now
                if ending_since is not None and now - ending_since > LAST_TRY:
                    self._gone = True
                    return None
                time.sleep(pause)
                pause = min(2 * pause, 1.0)
            else:
                if said:
                    say(f"syslog is back after {time.monotonic() - away_since:.0f} s: going on")
                sock.settimeout(None)
                # Syslog never answers, so its kernel acknowledges late, and Nagle's algorithm would hold each
                # next line for up to 40 ms.
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                return sock

    def _disconnect(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None


def _closed_by_peer(sock: socket.socket) -> bool:
    try:
        return sock.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True


class Stream:
    """One of the program's two outputs: cuts what was read into lines, and lines into messages."""

    def __init__(self, severity: int, tag: str, echo: int | None) -> None:
        host = socket.gethostname()
        self._header = f"<{DAEMON | severity}>1 %s {host} {tag} {os.getpid()} {tag} - ".encode()
        self._echo = echo  # descriptor
        self._rest = b""

    def messages(self, chunk: bytes) -> bytes:
        """The messages that `chunk` completes; an empty one, at the end, completes the last."""
        *lines, self._rest = (self._rest + (chunk or b"\n")).split(b"\n")
        if len(self._rest) > LONGEST:  # no end of a line is waited for in memory
            whole = len(self._rest) // LONGEST * LONGEST
            lines.append(self._rest[:whole])
            self._rest = self._rest[whole:]
        if self._echo is not None:
            self._print(lines)
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ").encode()
        header = self._header % now
        pieces = (line[at : at + LONGEST] for line in lines for at in range(0, len(line), LONGEST))
        return b"".join(b"%b%b\n" % (header, piece) for piece in pieces)

    def _print(self, lines: list[bytes]) -> None:
        text = "".join(readable(line.decode(errors="backslashreplace")) + "\n" for line in lines if line)
        data = text.encode()
        try:
            while data:
                data = data[os.write(self._echo or 1, data) :]
        except OSError:
            self._echo = None  # nobody reads it any more; syslog still does


def say(text: str) -> None:
    with suppress(OSError):  # nobody reads it any more; the lines go on
        os.write(2, f"ship: {text}\n".encode())


def address(value: str) -> tuple[str, int]:
    try:
        parts = urlsplit(value)
        if parts.scheme == "tcp" and parts.hostname and parts.port:
            return parts.hostname, parts.port
    except ValueError:  # a port that is none
        pass
    raise argparse.ArgumentTypeError(f"{value!r} is not an address; write tcp://127.0.0.1:5514")


def ship(process: subprocess.Popen[bytes], outputs: dict[int, Stream], syslog: Syslog) -> None:
    """Until both pipes are closed, which is after the last process that has them has ended."""
    with selectors.DefaultSelector() as selector:
        for descriptor, stream in outputs.items():
            selector.register(descriptor, selectors.EVENT_READ, stream)
        while selector.get_map():
            for key, _ in selector.select():
                chunk = os.read(key.fd, READ)
                syslog.send(key.data.messages(chunk))
                if not chunk:
                    selector.unregister(key.fd)
    process.wait()


def main() -> int:
    parser = argparse.ArgumentParser(description="Runs a program and sends its lines to syslog.")
    parser.add_argument("--tag", required=True, help="the syslog app name: what the archive's folder is called")
    parser.add_argument("--address", required=True, type=address, help="tcp://host:port")
    parser.add_argument("--echo", action="store_true", help="also print each line, readable")
    parser.add_argument("program", nargs="+")
    options = parser.parse_args()

    try:
        process = subprocess.Popen(options.program, stdout=subprocess.PIPE, stderr=subprocess.PIPE)  # noqa: S603
    except OSError as error:
        say(f"can't start {options.program[0]}: {error.strerror}")
        return 127
    told_to_end = False

    def forward(signum: int, _: object) -> None:
        nonlocal told_to_end
        told_to_end = told_to_end or signum in ENDING
        process.send_signal(signum)

    for signum in (*ENDING, *FORWARDED):
        signal.signal(signum, forward)
    host, port = options.address
    syslog = Syslog(host, port, ending=lambda: told_to_end or process.poll() is not None)
    outputs = {
        pipe.fileno(): Stream(severity, options.tag, echo if options.echo else None)
        for pipe, severity, echo in ((process.stdout, INFO, 1), (process.stderr, ERR, 2))
        if pipe
    }
    ship(process, outputs, syslog)
    syslog.close()
    if syslog.dropped:
        say(f"syslog did not come back: {syslog.dropped} lines were not sent")
    code = process.returncode
    return code if code >= 0 else 128 - code


if __name__ == "__main__":
    sys.exit(main())
