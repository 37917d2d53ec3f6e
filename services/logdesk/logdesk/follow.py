"""Following the archive into an index: which file continues where, and what is new in it."""

from __future__ import annotations

import os
import time
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from .archive import CHUNK, ArchiveFile, Reader, list_files
from .day import File, Piece
from .days import Days

RESCAN_SECONDS = 5.0
_LOOK_SECONDS = 0.1
_QUIET_NS = 60 * 10**9  # a file unchanged for so long is looked at by rescans only
_MARK = 128  # first bytes compared before each read: a file emptied and filled again has others


@dataclass(slots=True)
class _Tail:
    """A file being followed. `file` is None while it has no whole first line."""

    found: ArchiveFile
    file: File | None = None
    reader: Reader | None = None
    mark: bytes = b""
    is_copy: bool = False  # of a file that is followed under another name


class Follower:
    """Reads what is new and writes it, day by day. All it must remember is in the index. `is_behind` says that there
    was more than one step takes."""

    def __init__(self, archive: Path, days: Days) -> None:
        self._archive = archive
        self._root = str(archive)
        self._days = days
        self._tails: dict[str, _Tail] = {}
        self._files: dict[tuple[str, str, bytes], File] = {}
        for day in days.names:
            for file in days.get(day).files():
                self._files[day, file.service, file.head] = file
        self.is_behind = False
        self._live: list[_Tail] = []  # those that may have something to read
        self._folders: dict[str, int] = {}
        self._looked = self._scanned = -RESCAN_SECONDS

    def close(self) -> None:
        for tail in self._tails.values():
            _close(tail)

    def step(self) -> bool:
        """Index what is new, one transaction a day at most. False when there was nothing."""
        self._look_around()
        behind = [(tail, unread) for tail in self._live if (unread := self._unread(tail)) > 0]
        self.is_behind = sum(unread for _, unread in behind) > CHUNK
        if self.is_behind:
            # Always the file whose lines are oldest, so that those of all services go into the index about in order of
            # time, which it is fastest at.
            behind.sort(key=lambda one: (one[0].found.day, _time(one[0]), one[0].found.name))
        pieces: dict[str, list[Piece]] = defaultdict(list)
        for tail, _ in behind:
            piece = self._read(tail)
            if piece:
                pieces[tail.found.day].append(piece)
                if self.is_behind:
                    break
        for day in sorted(pieces):
            self._days.get(day).write(pieces[day], self._days.before(day))
        return bool(pieces)

    def progress(self) -> tuple[int, int]:
        """Bytes read, and bytes there are. A compressed file counts with its packed size, when it is read."""
        read = total = 0
        for tail in self._tails.values():
            size = tail.found.size
            total += size
            if tail.file is not None:
                read += (size if tail.file.packed else 0) if tail.found.packed else min(tail.file.offset, size)
            elif tail.is_copy:
                read += size
        return read, total

    def forget(self, day: str) -> None:
        """Drop a day that is about to be removed, without reading on in its files."""
        for name, tail in list(self._tails.items()):
            if tail.found.day == day:
                _close(self._tails.pop(name))
        self._live = [tail for tail in self._live if tail.found.day != day]
        self._files = {key: file for key, file in self._files.items() if key[0] != day}
        self._days.close_day(day)

    def _look_around(self) -> None:
        """Rescan now and then, and soon after a file was made, renamed or removed."""
        now = time.monotonic()
        if now - self._looked < _LOOK_SECONDS:
            return
        self._looked = now
        if now - self._scanned >= RESCAN_SECONDS or self._folders != self._folder_times():
            self.rescan()

    def rescan(self) -> None:
        """Find files that are new, gone, renamed, compressed, replaced or cut."""
        self._scanned = time.monotonic()
        self._folders = self._folder_times()
        listed = {found.name: found for found in list_files(self._archive)}
        for name, tail in list(self._tails.items()):
            found = listed.get(name)
            if found is not None and found.inode == tail.found.inode:
                tail.found = found
                continue
            del self._tails[name]
            if not any(other.inode == tail.found.inode for other in listed.values()):
                self._drain(tail)  # deleted, but still open here
            _close(tail)
        for name, found in listed.items():
            tail = self._tails.setdefault(name, _Tail(found))
            if tail.file is None:
                self._identify(tail)
                if tail.file is not None or tail.is_copy:
                    _close(tail)  # opened again if there is something to read: an archive has thousands of files
        self._live = [tail for tail in self._tails.values() if not _is_settled(tail)]

    def _identify(self, tail: _Tail) -> None:
        """Find out whether a file is one that the index knows, under whatever name, or a new one."""
        reader = self._open(tail)
        if reader is None or (head := reader.head()) is None:
            return
        found = tail.found
        key = (found.day, found.service, head)
        file = self._files.get(key)
        if file is None:
            file = self._days.get(found.day).add_file(found.service, found.name, head, _midnight_us(found.day))
            self._files[key] = file
        elif file.path != found.name:
            tail.is_copy = self._holds(file.path, file)
            if tail.is_copy:
                return
            file.path = found.name
            self._days.get(found.day).update_file(file)
        tail.is_copy = False
        tail.file = file
        tail.mark = reader.read(0, _MARK)

    def _unread(self, tail: _Tail) -> int:
        """Bytes to read. Notices when the file was cut or replaced."""
        if tail.file is None:
            if not tail.is_copy and tail.reader is not None and tail.reader.size():
                self._identify(tail)
            if tail.file is None:
                return 0
        if tail.found.packed:
            return 0 if tail.file.packed == tail.found.size else tail.found.size
        is_new = tail.reader is None
        reader = self._open(tail)
        if reader is None:
            return 0
        size = reader.size() or 0
        if (is_new or size != tail.file.offset) and reader.read(0, len(tail.mark)) != tail.mark:
            tail.file = None  # emptied and written anew in its place: another file, of the same name
            self._identify(tail)
            return self._unread(tail)
        if size < tail.file.offset:
            # The same file, but shorter: its lines up to here are in the index, so what is new begins at its end.
            tail.file.offset = size
            self._days.get(tail.found.day).update_file(tail.file)
        elif size == tail.file.offset and _is_settled(tail):
            _close(tail)
        return size - tail.file.offset

    def _holds(self, name: str, file: File) -> bool:
        """Whether what the index knows as `file` is still (also) to be read under this name."""
        tail = self._tails.get(name)
        if tail is None or tail.file is not file:
            return False
        self._unread(tail)  # notices when it was replaced
        return tail.file is file

    def _read(self, tail: _Tail) -> Piece | None:
        """The next lines of a file, None when there is no whole one."""
        reader, file = self._open(tail), tail.file
        if reader is None or file is None:
            return None
        lines, end = reader.lines(file.offset)
        if end > file.offset:
            return Piece(file, lines, end)
        if tail.found.packed:
            # At its end. If the end is missing because it is still being written, its size will change.
            file.packed = tail.found.size
            self._days.get(tail.found.day).update_file(file)
            _close(tail)
        return None

    def _drain(self, tail: _Tail) -> None:
        while tail.reader is not None and tail.file is not None and (piece := self._read(tail)):
            self._days.get(tail.found.day).write([piece], self._days.before(tail.found.day))

    def _open(self, tail: _Tail) -> Reader | None:
        if tail.reader is None:
            try:
                tail.reader = Reader(self._archive / tail.found.name)
            except OSError:  # gone or not ours to read; the next rescan looks again
                return None
        return tail.reader

    def _folder_times(self) -> dict[str, int]:
        """Each folder's time of change: it moves when a file is made, renamed or removed in it."""
        times = {}
        try:
            folders = [self._root, *(f"{self._root}/{name}" for name in os.listdir(self._root))]
        except OSError:
            return {}
        for folder in folders:
            try:
                times[folder] = os.stat(folder).st_mtime_ns
            except OSError:
                continue
        return times


def _close(tail: _Tail) -> None:
    if tail.reader is not None:
        tail.reader.close()
        tail.reader = None


def _is_settled(tail: _Tail) -> bool:
    """Read to its end and not changed for long, as far as the last rescan knows: the next one is soon enough."""
    if tail.file is None:
        return tail.is_copy
    if tail.found.packed:
        return tail.file.packed == tail.found.size
    return tail.file.offset == tail.found.size and time.time_ns() - tail.found.modified_ns > _QUIET_NS


def _time(tail: _Tail) -> int:
    return tail.file.time_us if tail.file else 0


def _midnight_us(day: str) -> int:
    """The time of lines that have none, until one of the file has."""
    try:
        return int(datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp()) * 1_000_000
    except ValueError:  # 2026-13-45.jsonl
        return 0
