"""The archive's files: `<service>/<YYYY-MM-DD>.jsonl`, also when rotated (`.jsonl.1`) or compressed (`.jsonl.gz`)."""

from __future__ import annotations

import gzip
import hashlib
import os
import re
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

# Bytes read at once, and indexed in one transaction: more would cost memory and is hardly faster. A longer line (ours
# end at 16 000) counts as several.
CHUNK = 1 << 20
_NAME = re.compile(r"(\d{4}-\d\d-\d\d)\.jsonl(?:\.\d+)?(\.gz)?", re.ASCII)
_MAX_HEAD = 65_536


class ArchiveFile(NamedTuple):
    """A file as a listing shows it. `name` is its path below the archive's folder; `inode` tells it from another one
    that takes its name."""

    name: str
    service: str
    day: str
    packed: bool
    inode: tuple[int, int]
    size: int
    modified_ns: int


def list_files(root: Path) -> list[ArchiveFile]:
    """Every file of the archive; none when the folder isn't there (yet). Other files are not ours to read."""
    found = []
    for service in _entries(root):
        for entry in _entries(service.path) if service.is_dir() else ():
            match = _NAME.fullmatch(entry.name)
            try:
                if not match or not entry.is_file():
                    continue
                stat = entry.stat()
            except OSError:  # gone since it was listed
                continue
            found.append(
                ArchiveFile(
                    f"{service.name}/{entry.name}",
                    service.name,
                    match[1],
                    match[2] is not None,
                    (stat.st_dev, stat.st_ino),
                    stat.st_size,
                    stat.st_mtime_ns,
                )
            )
    return sorted(found, key=lambda file: (file.day, file.name))


def _entries(folder: str | Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return [entry for entry in entries if _is_text(entry.name)]
    except OSError:
        return []


def _is_text(name: str) -> bool:
    """Not undecodable bytes, which SQLite wouldn't take."""
    return name.isprintable()


class Reader:
    """An open file of the archive, read by offset. It goes on to the end of a file that was deleted meanwhile."""

    def __init__(self, path: Path) -> None:
        self._packed = path.suffix == ".gz"
        self._file = gzip.open(path) if self._packed else open(path, "rb", buffering=0)  # noqa: SIM115

    def close(self) -> None:
        self._file.close()

    def size(self) -> int | None:
        """None for a compressed file: nobody knows."""
        return None if self._packed else os.fstat(self._file.fileno()).st_size

    def read(self, offset: int, size: int) -> bytes:
        """Fewer bytes than `size` only at the end. A compressed file that is cut or damaged ends there."""
        if not self._packed:
            return os.pread(self._file.fileno(), size, offset)
        try:
            self._file.seek(offset)
            return self._file.read(size) or b""
        except (EOFError, zlib.error, gzip.BadGzipFile):
            return self._read_what_is_there(offset, size)

    def _read_what_is_there(self, offset: int, size: int) -> bytes:
        """gzip gives nothing of a block that ends in an error: read it again in small steps."""
        data = bytearray()
        try:
            self._file.seek(offset)
            while len(data) < size and (part := self._file.read(512)):
                data += part
        except (EOFError, zlib.error, gzip.BadGzipFile):
            pass
        return bytes(data)

    def head(self) -> bytes | None:
        """What tells this file from others, whatever its name: a digest of its first line, which has the time of
        receipt in microseconds. None while there is no whole line."""
        start = self.read(0, _MAX_HEAD)
        end = start.find(b"\n") + 1
        if not end and len(start) < _MAX_HEAD:
            return None
        return hashlib.blake2b(start[: end or _MAX_HEAD], digest_size=16).digest()

    def lines(self, offset: int) -> tuple[list[tuple[int, bytes]], int]:
        """The next whole lines from `offset` on, each with its offset, and the offset behind them. A line that is
        being written waits for its end."""
        data = self.read(offset, CHUNK)
        end = data.rfind(b"\n") + 1
        if not end and len(data) == CHUNK:
            end = CHUNK
        lines = []
        at = offset
        for line in data[:end].split(b"\n"):
            if line:
                lines.append((at, line))
            at += len(line) + 1
        return lines, offset + end


def lines_at(path: Path, offsets: Iterable[int]) -> Iterator[tuple[int, bytes]]:
    """The lines that begin at these offsets; nothing when the file can't be read (any more). In rising order, because
    in a compressed file the way back is to its beginning."""
    try:
        with gzip.open(path) if path.suffix == ".gz" else open(path, "rb") as file:
            for offset in sorted(offsets):
                file.seek(offset)
                yield offset, file.readline(CHUNK)
    except (OSError, EOFError, zlib.error):
        return
