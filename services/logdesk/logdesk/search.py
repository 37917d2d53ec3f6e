"""Finding lines: newest first, page by page, live, or one by its id."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from .query import Query
from .reader import Index, Span


@dataclass(frozen=True, slots=True)
class Hit:
    """One line. `fields` is the whole parsed line, read from the archive; when the line is no longer there it is
    empty and `note` says so."""

    id: str
    ts_us: int
    service: str
    level: str
    logger: str
    message: str
    status: int | None = None
    method: str | None = None
    path: str | None = None
    duration_ns: int | None = None
    trace_id: str | None = None
    request_id: str | None = None
    fields: dict[str, Any] = field(default_factory=dict)
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Hits:
    """Newest first. `next` is the cursor for older lines (None at the end), `latest` the one for `newer`."""

    hits: list[Hit]
    more: bool
    next: str | None
    latest: str


def find(db: Index, query: Query, span: Span, *, limit: int = 100, before: str | None = None) -> Hits:
    """The newest `limit` lines. `before` is the `next` of the page above; one that isn't ours starts at the top."""
    raise NotImplementedError


def newer(db: Index, query: Query, span: Span, *, after: str, limit: int = 100) -> Hits:
    """Lines that arrived since `after` (the `latest` of an earlier answer), newest first."""
    raise NotImplementedError


def event(db: Index, id: str) -> Hit | None:
    raise NotImplementedError
