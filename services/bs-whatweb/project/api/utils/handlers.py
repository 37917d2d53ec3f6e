"""Handlers that write a record as one whole line, however many processes share the pipe or the file.

A write of more than 4 096 bytes (PIPE_BUF) to a pipe isn't atomic: when the pipe is full, two workers' lines are
woven into each other. Every write is therefore made under a lock that all processes writing to it share.
"""

import fcntl
import logging
import os
import select
import signal
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any, TextIO

# POSIX locks belong to the process, so threads and handlers of one process need a lock of their own: one for all,
# because stdout and stderr are often the same pipe.
_in_process = threading.RLock()
os.register_at_fork(before=_in_process.acquire, after_in_parent=_in_process.release, after_in_child=_in_process.release)


class _LineHandler(logging.Handler):
    """What the handlers below share: a record becomes bytes, `write` writes them.

    `filters`: dotted names of filter classes, for INI files, which have no other way to name a filter:
    `kwargs = {"filters": ["project.api.utils.filters.HealthCheckFilter"]}`.
    """

    def __init__(self, filters: Sequence[str] = ()) -> None:
        super().__init__()
        self._failing = False
        for name in filters:
            self.addFilter(_resolve(name)())

    def createLock(self) -> None:  # noqa: N802 - logging's name
        self.lock = _in_process

    def emit(self, record: logging.LogRecord) -> None:
        try:
            self.write((self.format(record) + "\n").encode("utf-8", "backslashreplace"))
            self._failing = False
        except Exception:
            self.handleError(record)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's name
        """Says once on stderr, as a line like any other, that lines can't be written; logging's own way would print
        a traceback for each."""
        if self._failing:
            return
        self._failing = True
        message = "Log lines are lost until they can be written again (event.sequence shows which): %s"
        report = logging.LogRecord(__name__, logging.ERROR, __file__, 0, message, (sys.exc_info()[1],), None)
        with suppress(Exception):
            _write_all(2, (self.format(report) + "\n").encode("utf-8", "backslashreplace"))

    def write(self, line: bytes) -> None:
        raise NotImplementedError


class StreamLineHandler(_LineHandler):
    """logging.StreamHandler for a stream that several processes share, as gunicorn's workers share stdout."""

    def __init__(self, stream: TextIO | None = None, filters: Sequence[str] = ()) -> None:
        super().__init__(filters)
        self.stream = stream or sys.stderr

    def write(self, line: bytes) -> None:
        self.stream.flush()  # what somebody printed before comes before
        descriptor = self.stream.fileno()
        with _Locked(descriptor):
            _write_all(descriptor, line)


class RotatingLineHandler(_LineHandler):
    """A file that several processes write to and rotate together: path, path.1 (the newest old one), path.2 …

    `max_bytes` is the size before which it rotates, `backups` how many old files stay. Also follows a file that
    another program (logrotate) moved away.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        max_bytes: int = 50_000_000,
        backups: int = 5,
        filters: Sequence[str] = (),
    ) -> None:
        super().__init__(filters)
        if max_bytes < 1 or backups < 1:
            raise ValueError(f"RotatingLineHandler: max_bytes and backups must be at least 1 for {path}")
        self.path = Path(path).absolute()
        self.max_bytes = max_bytes
        self.backups = backups
        self._lock_file = _open(self.path.with_name(self.path.name + ".lock"))
        self._file = _open(self.path)

    def write(self, line: bytes) -> None:
        with _Locked(self._lock_file):
            self._follow()
            if 0 < os.fstat(self._file).st_size > self.max_bytes - len(line):
                self._rotate()
            size = os.fstat(self._file).st_size
            try:
                _write_all(self._file, line)
            except OSError:  # a full disk takes the beginning of a line; the next one must not follow it
                os.ftruncate(self._file, size)
                raise

    def close(self) -> None:
        with _in_process:
            for descriptor in (self._file, self._lock_file):
                if descriptor >= 0:
                    os.close(descriptor)
            self._file = self._lock_file = -1
        super().close()

    def _follow(self) -> None:
        """Opens the file anew when another process rotated it."""
        try:
            same = os.path.samestat(os.stat(self.path), os.fstat(self._file))
        except FileNotFoundError:
            same = False
        if not same:
            self._reopen()

    def _rotate(self) -> None:
        for number in range(self.backups - 1, 0, -1):
            older = self._old(number)
            if older.exists():
                older.replace(self._old(number + 1))
        self.path.replace(self._old(1))
        self._reopen()

    def _reopen(self) -> None:
        fresh = _open(self.path)
        os.close(self._file)
        self._file = fresh

    def _old(self, number: int) -> Path:
        return self.path.with_name(f"{self.path.name}.{number}")


def _open(path: Path) -> int:
    return os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o640)


class _Locked:
    """Holds the lock of the file or pipe behind `descriptor` against all other processes.

    A POSIX lock (fcntl), not flock: forked workers share one open file description, which flock would take for
    one owner. The kernel releases it when a process dies. A class, because it is in the way of each line and a
    generator takes twice as long.
    """

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor

    def __enter__(self) -> None:
        try:
            fcntl.lockf(self.descriptor, fcntl.LOCK_EX)
        except OSError:  # a terminal or socket on some systems: write without
            self.descriptor = -1

    def __exit__(self, *_: object) -> None:
        if self.descriptor >= 0:
            fcntl.lockf(self.descriptor, fcntl.LOCK_UN)


def _write_all(descriptor: int, line: bytes) -> None:
    if len(line) <= select.PIPE_BUF:
        return _write(descriptor, line)
    # Written in parts when the pipe is full: no signal's handler that logs, or raises, may come between them.
    before = signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
    try:
        return _write(descriptor, line)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _write(descriptor: int, line: bytes) -> None:
    while line:
        try:
            line = line[os.write(descriptor, line) :]
        except BlockingIOError:  # whoever gave us this pipe made it non-blocking
            select.select([], [descriptor], [])


def _resolve(name: str) -> Any:
    module, _, attribute = name.rpartition(".")
    return getattr(import_module(module), attribute)
