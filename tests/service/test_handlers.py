"""Whole lines, however many processes write to one pipe.

test_lines_of_several_processes_into_one_slow_pipe_stay_whole fails with logging.StreamHandler in place of ours.
"""

import array
import errno
import fcntl
import os
import signal
import subprocess
import sys
import termios
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from project.api.utils.handlers import StreamLineHandler
from tests.service.lines import check_line, record, render
from tests.service.programs import environment, run
from tests.service.writing import expected, forked, joined, until, with_json, write, written


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    reading, writing = os.pipe()
    yield reading, writing
    for descriptor in (reading, writing):
        with suppress(OSError):  # the test closed it
            os.close(descriptor)


def waiting_in(descriptor: int) -> int:
    size = array.array("i", [0])
    fcntl.ioctl(descriptor, termios.FIONREAD, size)
    return size[0]


def drained(reading: int) -> list[bytes]:
    """All lines, read from the moment that the pipe is full, in pieces that never leave it much room."""
    until(lambda: waiting_in(reading) > 60_000, "the pipe was never full")
    data = bytearray()
    while piece := os.read(reading, 5000):
        data += piece
    assert data.endswith(b"\n")
    return bytes(data).split(b"\n")[:-1]


def opened(descriptor: int) -> Any:
    return os.fdopen(descriptor, "w", closefd=False)


def test_lines_of_several_processes_into_one_slow_pipe_stay_whole(pipe: tuple[int, int]) -> None:
    reading, writing = pipe
    children = forked(lambda number: write(with_json(StreamLineHandler(opened(writing))), number, 60))
    os.close(writing)
    assert sorted(written(drained(reading))) == sorted(expected(4, 60))
    joined(children)


def test_two_handlers_of_several_threads_on_one_pipe_stay_whole(pipe: tuple[int, int]) -> None:
    reading, writing = pipe
    again = os.dup(writing)  # as stdout and stderr often are

    def work(number: int) -> None:
        handlers = [with_json(StreamLineHandler(opened(descriptor))) for descriptor in (writing, again)]
        threads = [threading.Thread(target=write, args=(handlers[i % 2], 4 * number + i, 20)) for i in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    children = forked(work, 2)
    os.close(again)
    os.close(writing)
    assert sorted(written(drained(reading))) == sorted(expected(8, 20))
    joined(children)


def test_a_pipe_that_somebody_made_non_blocking_gets_whole_lines_too(pipe: tuple[int, int]) -> None:
    reading, writing = pipe
    os.set_blocking(writing, False)
    children = forked(lambda number: write(with_json(StreamLineHandler(opened(writing))), number, 40), 2)
    os.close(writing)
    assert sorted(written(drained(reading))) == sorted(expected(2, 40))
    joined(children)


def test_a_process_forked_while_others_write_can_write(pipe: tuple[int, int]) -> None:
    reading, writing = pipe
    handler = with_json(StreamLineHandler(opened(writing)))
    stop = threading.Event()

    def busy() -> None:
        while not stop.is_set():
            handler.handle(record("0-0 busy"))

    lines: list[bytes] = []
    reader = threading.Thread(target=lambda: lines.extend(os.fdopen(os.dup(reading), "rb")))
    threads = [threading.Thread(target=busy) for _ in range(3)]
    for thread in (reader, *threads):
        thread.start()
    for number in range(1, 6):
        joined(forked(lambda _, number=number: write(handler, number, 1), 1))  # type: ignore[misc]
    stop.set()
    for thread in threads:
        thread.join()
    os.close(writing)
    reader.join()
    assert set(written([line.rstrip(b"\n") for line in lines])) == {f"{number}-0" for number in range(6)}


def test_what_was_printed_before_comes_before(pipe: tuple[int, int]) -> None:
    reading, writing = pipe
    with opened(writing) as stream:
        print("printed", file=stream)
        StreamLineHandler(stream).handle(record("logged"))
    os.close(writing)
    assert os.read(reading, 1000) == b"printed\nlogged\n"


def test_a_record_that_utf8_cannot_hold_is_escaped_whatever_the_formatter(pipe: tuple[int, int]) -> None:
    StreamLineHandler(opened(pipe[1])).handle(record("a\udcff€"))
    assert os.read(pipe[0], 1000) == "a\\udcff€\n".encode()


def test_lines_are_written_where_the_system_has_no_locks(
    pipe: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.ENOLCK, "No locks available")  # as some network file systems do

    monkeypatch.setattr(fcntl, "lockf", refuse)
    StreamLineHandler(opened(pipe[1])).handle(record("hello"))
    assert os.read(pipe[0], 1000) == b"hello\n"


def test_the_default_stream_is_stderr(capfd: pytest.CaptureFixture[str]) -> None:
    StreamLineHandler().handle(record("hello"))
    assert capfd.readouterr().err == "hello\n"


INTERRUPTED = """
import logging, signal, sys
from project.api.utils.handlers import StreamLineHandler
from project.api.utils.logger import JSONFormatter

handler = StreamLineHandler(sys.stdout)
handler.setFormatter(JSONFormatter())
log = logging.getLogger()
log.addHandler(handler)
signal.signal(signal.SIGUSR1, lambda *_: log.warning("from a signal's handler"))
signal.signal(signal.SIGTERM, lambda *_: sys.exit())
log.warning("x" * 15_000)
"""


@pytest.mark.parametrize("numbers", [[signal.SIGUSR1], [signal.SIGTERM], [signal.SIGUSR1, signal.SIGTERM]])
def test_a_signal_tears_no_line_that_waits_for_a_slow_reader(numbers: list[int]) -> None:
    program = [sys.executable, "-c", INTERRUPTED]
    with subprocess.Popen(program, env=environment(), stdout=subprocess.PIPE, pipesize=4096) as process:
        assert process.stdout
        pipe = process.stdout.fileno()
        until(lambda: waiting_in(pipe) == 4096, "nothing is written")
        for number in numbers:
            process.send_signal(number)
        lines = process.stdout.read().splitlines()
    assert len(lines) == 1 + (signal.SIGUSR1 in numbers)
    assert len(check_line(lines[0])["message"]) == 15_000
    assert all(check_line(line) for line in lines)


# What can't be written.


def test_a_closed_stream_is_reported_once_and_the_program_goes_on(
    pipe: tuple[int, int], capfd: pytest.CaptureFixture[str]
) -> None:
    stream = opened(pipe[1])
    handler = with_json(StreamLineHandler(stream))
    handler.handle(record("fine"))
    stream.close()
    for _ in range(3):
        handler.handle(record("lost"))
    [report] = [check_line(line) for line in capfd.readouterr().err.splitlines()]
    assert report["log.level"] == "error"
    assert report["message"].startswith("Log lines are lost until they can be written again")
    assert report["message"].endswith(": I/O operation on closed file.")
    lost = render(record())["event.sequence"] - check_line(os.read(pipe[0], 1000)[:-1])["event.sequence"]
    assert lost == 5  # three lines lost, the report, and this one


def test_a_reader_that_went_away_is_reported(pipe: tuple[int, int], capfd: pytest.CaptureFixture[str]) -> None:
    handler = with_json(StreamLineHandler(opened(pipe[1])))
    os.close(pipe[0])
    handler.handle(record("lost"))
    assert "Broken pipe" in check_line(capfd.readouterr().err.rstrip("\n"))["message"]


# From a configuration.

INI = """
[loggers]
keys = root, gunicorn.access
[handlers]
keys = out, file
[formatters]
keys =
[logger_root]
handlers = out, file
[logger_gunicorn.access]
qualname = gunicorn.access
handlers =
[handler_out]
class = project.api.utils.handlers.StreamLineHandler
args = (sys.stdout,)
kwargs = {"filters": ["project.api.utils.filters.HealthCheckFilter"]}
[handler_file]
class = project.api.utils.handlers.RotatingLineHandler
args = ("app.log", 1000, 2)
level = ERROR
"""
LOGGED = """
import logging, logging.config
logging.config.fileConfig("log.ini")
for path in "/ping", "/healthz":
    logging.getLogger("gunicorn.access").error("%(U)s", {"U": path, "s": "200"})
logging.getLogger("shop").warning("warned")
"""


def test_an_ini_file_names_handlers_filters_and_levels(tmp_path: Path) -> None:
    (tmp_path / "log.ini").write_text(INI)
    assert run(LOGGED, tmp_path).stdout == "/ping\nwarned\n"
    assert (tmp_path / "app.log").read_text() == "/ping\n/healthz\n"


def test_an_unknown_filter_stops_the_start() -> None:
    with pytest.raises(AttributeError, match="NoSuchFilter"):
        StreamLineHandler(filters=["project.api.utils.filters.NoSuchFilter"])
