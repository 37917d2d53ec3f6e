"""`make run` ends, with all its parts, whatever becomes of the terminal or the pipe it runs in."""

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.stack.running import ROOT, Stack, get_json


class Watched(Stack):
    """Its output is seen by the test, through a pipe or a terminal of its own."""

    def start(self) -> None:
        """In a pipe."""
        reader, writer = os.pipe()
        self.launch([sys.executable, "-m", "native"], reader, writer)

    def launch(self, command: list[str], reader: int, writer: int) -> None:
        self.seen, self.reader = "", reader
        os.set_blocking(reader, False)
        self.process = subprocess.Popen(
            command, cwd=ROOT, env=self.env, stdout=writer, stderr=writer, start_new_session=True
        )
        os.close(writer)

    def output(self) -> str:
        with suppress(BlockingIOError, OSError):  # nothing new, or nobody looks any more
            while chunk := os.read(self.reader, 65536):
                self.seen += chunk.decode(errors="replace")
        return self.seen

    def looks_away(self) -> None:
        self.output()
        os.close(self.reader)
        self.reader = -1

    def pids(self) -> dict[str, int]:
        """Of the parts; each leads a group of processes."""
        return {name: int(pid) for name, pid in re.findall(r"([\w-]+) started \(pid=(\d+)\)", self.seen)}

    def everything_ends(self) -> None:
        self.until(lambda: not any(map(runs, self.pids().values())), "a part goes on", 60)
        for port in self.ports.values():
            with socket.socket() as sock:
                assert sock.connect_ex(("127.0.0.1", port)), f"port {port} is held"

    def stop(self) -> int:
        """Whatever a failed test leaves."""
        for group in (*self.pids().values(), self.process.pid):
            with suppress(ProcessLookupError):
                os.killpg(group, signal.SIGKILL)
        if self.reader >= 0:
            self.looks_away()
        return self.process.wait(20)


class InTerminal(Watched):
    def start(self) -> None:
        """`make run` as the first program of a terminal, which is told of its end and tells nobody."""
        master, terminal = os.openpty()
        make_run = "import fcntl, os, termios; fcntl.ioctl(1, termios.TIOCSCTTY); os.execlp('make', 'make', 'run')"
        self.launch([sys.executable, "-c", make_run], master, terminal)


def runs(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Watched]:
    with Watched(tmp_path, ERRORS="off") as running:
        yield running


def in_supervisors_group(stack: Watched) -> None:
    """As a shell that ends tells its jobs: the processes beside the parts hear it, too."""
    os.killpg(stack.process.pid, signal.SIGHUP)


@pytest.mark.parametrize(
    ("tell", "code"),
    [
        (lambda stack: stack.process.send_signal(signal.SIGINT), 0),
        (lambda stack: stack.process.send_signal(signal.SIGTERM), 128 + signal.SIGTERM),
        (in_supervisors_group, 128 + signal.SIGHUP),
    ],
    ids=["SIGINT", "SIGTERM", "SIGHUP"],
)
def test_without_a_reader_of_its_output_it_goes_on_and_ends_when_told_to(
    stack: Watched, tell: Callable[[Watched], None], code: int
) -> None:
    stack.looks_away()
    get_json(f"{stack.api}/ping")  # writes a line, which can't be printed
    stack.until(lambda: stack.search("path:/ping"), "it doesn't go on")
    tell(stack)
    assert stack.process.wait(60) == code
    stack.everything_ends()


def test_it_ends_when_its_terminal_is_closed(tmp_path: Path) -> None:
    with InTerminal(tmp_path, ERRORS="off") as stack:
        stack.looks_away()
        stack.everything_ends()
        stack.process.wait(20)


def test_the_parts_end_in_order_when_the_supervisor_is_killed(stack: Watched) -> None:
    stack.process.kill()
    stack.everything_ends()
    archive = Path(stack.env["RUN_DIR"]) / "archive" / "bs-whatweb"
    text = "".join(path.read_text() for path in archive.glob("*.jsonl"))
    assert text.count('"event.action":"log-end"') == 3, "syslog has the master's and two workers' last lines"
