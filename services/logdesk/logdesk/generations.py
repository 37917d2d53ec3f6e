"""Where the index is on disk: one folder for each time it was built from the archive, and a file that names the
current one. So a rebuild works beside the index in use, and one rename puts it in its place."""

from __future__ import annotations

import fcntl
import os
import shutil
import time
from pathlib import Path
from types import TracebackType

from .day import VERSION

_CURRENT = "current"
_PREFIX = f"v{VERSION}-"  # another version of the schema is as good as no index


class InUse(RuntimeError):  # noqa: N818 - a state to be told, not a bug
    """Another process has the lock; the message says which."""


class Lock:
    """A lock that the kernel releases when its process ends, however it ends."""

    def __init__(self, path: Path, what: str) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o640)
        try:
            fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            pid = os.read(self._fd, 20).decode("ascii", "replace").strip()
            os.close(self._fd)
            raise InUse(
                f"{what} is running already (process {pid or 'unknown'}, lock {path}). Stop it first."
            ) from None
        os.ftruncate(self._fd, 0)
        os.pwrite(self._fd, f"{os.getpid()}\n".encode(), 0)

    def release(self) -> None:
        os.close(self._fd)

    def __enter__(self) -> Lock:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()


def writer_lock(index: Path) -> Lock:
    """Who writes to the current generation, and removes others. Raises InUse."""
    return Lock(index / "writer.lock", "An indexer for this index")


def rebuild_lock(index: Path) -> Lock:
    """Who builds the next generation. Raises InUse."""
    return Lock(index / "rebuild.lock", "A rebuild of this index")


def current(index: Path) -> Path | None:
    """The generation to search; None when there is none yet, or only one of another version."""
    try:
        name = (index / _CURRENT).read_text().strip()
    except FileNotFoundError:
        return None
    folder = index / name
    return folder if name.startswith(_PREFIX) and folder.is_dir() else None


def create(index: Path) -> Path:
    """A new generation, not yet the current one."""
    folder = index / f"{_PREFIX}{time.time_ns():x}"
    folder.mkdir(parents=True)
    return folder


def make_current(generation: Path) -> None:
    """From now on searches read this one. Readers that have the old one open go on reading it."""
    pointer = generation.parent / _CURRENT
    new = pointer.with_suffix(".new")
    new.write_text(generation.name + "\n")
    new.replace(pointer)


def remove_others(index: Path, own: Path | None = None) -> None:
    """Remove every generation but the current one and the caller's own. Needs the writer's lock; one being built is
    left alone."""
    keep = (current(index), own)
    try:
        with rebuild_lock(index):
            for folder in index.glob("v*-*"):
                if folder not in keep:
                    shutil.rmtree(folder)
    except InUse:
        return
