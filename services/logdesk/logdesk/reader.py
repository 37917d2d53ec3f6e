"""The index, opened for reading."""

from __future__ import annotations

from dataclasses import dataclass

from .settings import Settings


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time, [start, end), in microseconds since the epoch, UTC."""

    start_us: int
    end_us: int


@dataclass(frozen=True, slots=True)
class Stats:
    """`lag_bytes` are in the archive and not yet in the index."""

    events: int
    index_bytes: int
    archive_bytes: int
    lag_bytes: int
    first_us: int | None
    last_us: int | None
    services: list[str]


class Index:
    """Open for reading. Use it in one thread, close it after the request."""

    def __enter__(self) -> Index: ...
    def __exit__(self, *_: object) -> None: ...
    def close(self) -> None: ...


def open_index(settings: Settings) -> Index:
    raise NotImplementedError


def stats(db: Index) -> Stats:
    raise NotImplementedError
