"""What an audit knows of one process, and the table of all, whether logdesk's index was asked or Elasticsearch.

Standard library only: `services/elastic-setup` uses this file as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

SILENT_US = 15 * 60 * 1_000_000  # a process without a last line that was silent for so long is taken to be dead

_HEADER = (
    "service",
    "process",
    "host",
    "pid",
    "first seen",
    "last seen",
    "lines",
    "received",
    "missing",
    "doubled",
    "",
)
_RIGHT = {3, 6, 7, 8, 9}
_SHOWN_RANGES = 5


@dataclass(frozen=True, slots=True)
class ProcessAudit:
    """One process start. `first` … `last` are the sequence numbers received, `missing` the ranges (both ends
    included) that were not; `final` is the number of the line that the process wrote last, None when it didn't come:
    then nobody knows what is missing after `last`."""

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


def table(processes: Sequence[ProcessAudit], doubled: str, none_doubled: str, *more: str) -> str:
    """Aligned columns, the missing numbers, and sentences that sum up. `doubled` says what became of lines that came
    twice, `none_doubled` that there are none; `more` are further sentences."""
    rows = [_HEADER, *map(_row, processes)]
    widths = [max(len(row[at]) for row in rows) for at in range(len(_HEADER))]
    text = [
        "  ".join(
            cell.rjust(width) if at in _RIGHT else cell.ljust(width)
            for at, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
    return "\n".join([*text, "", _verdict(processes, doubled, none_doubled, *more)])


def clock(us: int) -> str:
    """Microseconds since the epoch as a time of UTC."""
    try:
        return f"{datetime.fromtimestamp(us // 1_000_000, UTC):%Y-%m-%d %H:%M:%S}.{us % 1_000_000 // 1000:03d}"
    except (ValueError, OverflowError, OSError):  # after the year 9999
        return str(us)


def printable(text: str) -> str:
    """`text` without a character that drives a terminal."""
    return "".join(char if char.isprintable() else f"\\x{ord(char):02x}" for char in text)


def _verdict(processes: Sequence[ProcessAudit], doubled: str, none_doubled: str, *more: str) -> str:
    received = sum(process.received for process in processes)
    missing = sum(process.missing_count for process in processes)
    duplicates = sum(process.duplicates for process in processes)
    cut = sum(process.ended == "cut" for process in processes)
    sentences = [f"{received:,} numbered lines of {len(processes):,} processes:"]
    sentences.append(f"{missing:,} are missing," if missing else "none is missing,")
    sentences.append(f"{duplicates:,} {doubled}." if duplicates else f"{none_doubled}.")
    sentences += more
    if cut:
        sentences.append(
            f"{cut:,} ended without a last line (killed, or silent for 15 minutes): what they wrote after the last line"
            " received is not known."
        )
    return " ".join(sentences)


def _row(process: ProcessAudit) -> tuple[str, ...]:
    ranges = [f"{low}" if low == high else f"{low}-{high}" for low, high in process.missing[:_SHOWN_RANGES]]
    more = len(process.missing) - _SHOWN_RANGES
    note: str = process.ended
    if ranges:
        note += f"; missing {', '.join(ranges)}" + (f" and {more} more ranges" if more > 0 else "")
    cells = (
        process.service,
        process.entity_id,
        process.host or "-",
        str(process.pid or "-"),
        clock(process.first_us),
        clock(process.last_us),
        f"{process.last:,}",
        f"{process.received:,}",
        f"{process.missing_count:,}",
        f"{process.duplicates:,}",
        note,
    )
    return tuple(map(printable, cells))
