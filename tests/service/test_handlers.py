"""Whole lines, however many processes write to one pipe or one file.

test_lines_of_several_processes_into_one_slow_pipe_stay_whole fails with logging.StreamHandler in place of ours.
"""

import array
import errno
import fcntl
import logging
import os
import signal
import subprocess
import sys
import termios
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from project.api.utils.handlers import RotatingLineHandler, StreamLineHandler
from tests.service.lines import check_line, formatter, record, render
from tests.service.programs import environment, run

LONG, SHORT = 15_000, 10  # characters of a message: more than PIPE_BUF (4 096), and less


def forked(work: Callable[[int], None], processes: int = 4) -> list[int]:
    """The children's pids, each having done `work` with its number."""
    children = []
    for number in range(processes):
        if (child := os.fork()) == 0:
            try:
                work(number)
                os._exit(0)
            finally:
                os._exit(1)
        children.append(child)
    return children


def joined(children: list[int]) -> None:
    assert [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children] == [0] * len(children)


def until(condition: Callable[[], bool], problem: str) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline, problem
        time.sleep(0.01)


def with_json(handler: Any) -> Any:
    handler.setFormatter(formatter())
    return handler


def write(handler: logging.Handler, number: int, count: int) -> None:
    for line in range(count):
        handler.handle(record(f"{number}-{line} " + "x" * (LONG if line % 2 else SHORT)))


def written(lines: list[bytes]) -> list[str]:
    """The start of each message, `<process>-<line>`; every line must be whole."""
    return [check_line(line)["message"].split(" ")[0] for line in lines]


def expected(processes: int, count: int) -> list[str]:
    return [f"{number}-{line}" for number in range(processes) for line in range(count)]


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


def test_a_file_that_cannot_be_written_is_reported_once_each_time_and_comes_back(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    folder, away = tmp_path / "logs", tmp_path / "away"
    folder.mkdir()
    handler = with_json(RotatingLineHandler(folder / "app.jsonl"))
    for _ in range(2):
        folder.rename(away)
        handler.handle(record("0-0 lost"))
        handler.handle(record("0-0 lost"))
        away.rename(folder)
        handler.handle(record("0-1 written"))
        [report] = [check_line(line) for line in capfd.readouterr().err.splitlines()]
        assert "No such file or directory" in report["message"]
    assert written((folder / "app.jsonl").read_bytes().splitlines()) == ["0-1", "0-1"]
    handler.close()


FULL_DISK = """
import logging, resource
from project.api.utils.handlers import RotatingLineHandler
handler = RotatingLineHandler("app.log")
log = logging.getLogger("shop")
log.addHandler(handler)
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, resource.RLIM_INFINITY))
for number in range(4):
    log.error("%s", str(number) * 400)
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
log.error("%s", "4" * 400)
"""


def test_a_disk_that_fills_up_in_the_middle_of_a_line_leaves_no_half_of_it(tmp_path: Path) -> None:
    stderr = run(FULL_DISK, tmp_path).stderr
    assert (tmp_path / "app.log").read_text().split() == ["0" * 400, "1" * 400, "4" * 400]
    assert stderr.count("Log lines are lost until") == 1
    assert "File too large" in stderr


# Files.


def files(path: Path) -> list[Path]:
    """The newest first."""
    old = [
        child for child in path.parent.iterdir() if child.name.startswith(f"{path.name}.") and child.suffix != ".lock"
    ]
    return [path, *sorted(old, key=lambda child: int(child.suffix[1:]))]


def in_files(path: Path) -> list[bytes]:
    return [line for child in reversed(files(path)) for line in child.read_bytes().splitlines()]


def test_several_processes_rotate_a_file_and_lose_no_line(tmp_path: Path) -> None:
    path = tmp_path / "app.jsonl"
    inherited = with_json(RotatingLineHandler(path, max_bytes=50_000, backups=1000))

    def work(number: int) -> None:
        own = with_json(RotatingLineHandler(path, max_bytes=50_000, backups=1000))
        write(inherited if number % 2 else own, number, 50)

    joined(forked(work))
    assert sorted(written(in_files(path))) == sorted(expected(4, 50))
    sizes = [child.stat().st_size for child in files(path)]
    assert len(sizes) > 20
    assert all(20_000 < size <= 50_000 for size in sizes[1:])
    for number in range(4):  # and each process's lines are in order
        assert [name for name in written(in_files(path)) if name.startswith(f"{number}-")] == [
            f"{number}-{line}" for line in range(50)
        ]
    inherited.close()


def test_no_more_old_files_are_kept_than_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "app.jsonl"
    handler = RotatingLineHandler(path, max_bytes=30, backups=2)
    for number in range(10):
        handler.handle(record(f"line {number} of some length"))
    assert [child.name for child in files(path)] == ["app.jsonl", "app.jsonl.1", "app.jsonl.2"]
    assert [line[5:6] for line in in_files(path)] == [b"7", b"8", b"9"]
    handler.close()


def test_a_line_longer_than_the_limit_has_a_file_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "app.log"
    handler = RotatingLineHandler(path, max_bytes=10)
    for line in ("a" * 50, "b" * 50):
        handler.handle(record(line))
    assert [child.read_text() for child in files(path)] == ["b" * 50 + "\n", "a" * 50 + "\n"]
    handler.close()


def test_a_limit_is_reached_exactly(tmp_path: Path) -> None:
    handler = RotatingLineHandler(tmp_path / "app.log", max_bytes=10)
    for line in ("1234", "6789", "x"):
        handler.handle(record(line))
    assert [child.read_text() for child in files(tmp_path / "app.log")] == ["x\n", "1234\n6789\n"]
    handler.close()


def test_a_file_that_logrotate_moved_is_made_anew(tmp_path: Path) -> None:
    path = tmp_path / "app.log"
    handler = RotatingLineHandler(path)
    handler.handle(record("first"))
    path.rename(tmp_path / "moved.log")
    handler.handle(record("second"))
    path.unlink()
    handler.handle(record("third"))
    assert (tmp_path / "moved.log").read_text() == "first\n"
    assert path.read_text() == "third\n"
    handler.close()


def test_a_file_is_not_readable_by_everybody_and_goes_on_after_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "app.log"
    for line in ("first", "second"):
        handler = RotatingLineHandler(path)
        handler.handle(record(line))
        handler.close()
        handler.close()  # logging.shutdown closes once more
    assert path.read_text() == "first\nsecond\n"
    assert path.stat().st_mode & 0o007 == 0


def test_limits_that_make_no_sense_are_refused(tmp_path: Path) -> None:
    for max_bytes, backups in ((0, 1), (1, 0)):
        with pytest.raises(ValueError, match=r"must be at least 1 for .*app\.log"):
            RotatingLineHandler(tmp_path / "app.log", max_bytes, backups)


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
