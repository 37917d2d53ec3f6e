"""Which lines are missing or doubled: per process, from the numbers the lines carry (design, section 5)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from .reader import Index, Span


@dataclass(frozen=True, slots=True)
class ProcessAudit:
    """One process start. `first` … `last` are the sequence numbers received, `missing` the ranges (both ends
    included) that were not; `final` is the count the process itself gave in its last line, None without one."""

    service: str
    entity_id: str
    host: str
    pid: int | None
    first: int
    last: int
    received: int
    missing: list[tuple[int, int]]
    missing_count: int
    duplicates: int
    first_us: int
    last_us: int
    ended: Literal["cleanly", "running", "cut"]
    final: int | None


def audit(db: Index, service: str | None = None, span: Span | None = None) -> list[ProcessAudit]:
    """Processes that wrote within `span`, most recent first; their ranges are those of their whole life."""
    raise NotImplementedError
