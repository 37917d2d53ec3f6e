"""Which lines are missing or doubled: per process, from the numbers the lines carry (docs/delivery.md)."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from .process_audit import SILENT_US, ProcessAudit
from .ranges import Ranges
from .reader import Index, Span

MAX_PROCESSES = 10_000  # a sender that makes up processes must not fill the memory of who asks


@dataclass(slots=True)
class _Process:
    """What all days together know of one."""

    host: str
    pid: int | None
    first_us: int
    last_us: int
    doubled: int = 0
    final: int | None = None
    expired: int = 0
    pairs: list[tuple[int, int]] = field(default_factory=list)


def audit(db: Index, service: str | None = None, span: Span | None = None) -> list[ProcessAudit]:
    """Processes that wrote within `span`, most recent first; their ranges are those of their whole life. Of each day
    the latest MAX_PROCESSES."""
    db.start_clock()
    processes: dict[tuple[str, str], _Process] = {}
    for shard in db.shards():
        ids: dict[int, _Process] = {}
        for id, name, entity_id, host, pid, first_us, last_us, doubled, final, expired in shard.rows(
            "SELECT id, service, entity_id, host, pid, first_us, last_us, doubled, final, expired FROM process"
            " WHERE ?1 IS NULL OR service = ?1 ORDER BY last_us DESC LIMIT ?2",
            (service, MAX_PROCESSES),
        ):
            known = processes.setdefault((name, entity_id), _Process(host, pid, first_us, last_us))
            known.first_us = min(known.first_us, first_us)
            known.last_us = max(known.last_us, last_us)
            known.doubled += doubled
            known.final = known.final if final is None else final
            known.expired = max(known.expired, expired)
            ids[id] = known
        for process, first, last in shard.rows(
            "SELECT process, first, last FROM received WHERE process IN"
            " (SELECT id FROM process WHERE ?1 IS NULL OR service = ?1 ORDER BY last_us DESC LIMIT ?2)",
            (service, MAX_PROCESSES),
        ):
            if process in ids:
                ids[process].pairs.append((first, last))
    found = [
        _judge(name, entity_id, known)
        for (name, entity_id), known in processes.items()
        if known.pairs and (span is None or (known.first_us < span.end_us and known.last_us >= span.start_us))
    ]
    return sorted(found, key=lambda one: (one.last_us, one.entity_id), reverse=True)


def _judge(service: str, entity_id: str, known: _Process) -> ProcessAudit:
    ranges = Ranges(known.pairs)
    pairs = ranges.pairs()
    first, last, received = pairs[0][0], pairs[-1][1], ranges.total()
    missing = ranges.missing(known.expired + 1, last)
    stored = sum(high - low + 1 for low, high in known.pairs)
    silent = time.time_ns() // 1000 - known.last_us > SILENT_US
    return ProcessAudit(
        service=service,
        entity_id=entity_id,
        host=known.host,
        pid=known.pid,
        first=first,
        last=last,
        received=received,
        missing=missing,
        missing_count=sum(high - low + 1 for low, high in missing),
        duplicates=known.doubled + stored - received,  # refused, and those that two days have
        first_us=known.first_us,
        last_us=known.last_us,
        ended="cleanly" if known.final is not None else "cut" if silent else "running",
        final=known.final,
    )
