"""Lines and audits as text for a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from .audit import ProcessAudit
from .search import Hit

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


def line(hit: Hit) -> str:
    """One line, in which no control character of the sender's reaches the terminal."""
    status = f" {hit.status}" if hit.status is not None else ""
    text = f"{_time(hit.ts_us)} {hit.level or '-':<8} {hit.service}{status} {hit.message or hit.note or ''}"
    return _printable(text)


def table(processes: Sequence[ProcessAudit]) -> str:
    """Aligned columns, the missing numbers, and a sentence that sums up."""
    rows = [_HEADER, *map(_row, processes)]
    widths = [max(len(row[at]) for row in rows) for at in range(len(_HEADER))]
    text = [
        "  ".join(
            cell.rjust(width) if at in _RIGHT else cell.ljust(width)
            for at, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
    return "\n".join([*text, "", verdict(processes)])


def verdict(processes: Sequence[ProcessAudit]) -> str:
    received = sum(process.received for process in processes)
    missing = sum(process.missing_count for process in processes)
    doubled = sum(process.duplicates for process in processes)
    cut = sum(process.ended == "cut" for process in processes)
    sentences = [f"{received:,} numbered lines of {len(processes):,} processes:"]
    sentences.append(f"{missing:,} are missing," if missing else "none is missing,")
    sentences.append(f"{doubled:,} came twice and were refused." if doubled else "none came twice.")
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
        _time(process.first_us),
        _time(process.last_us),
        f"{process.last:,}",
        f"{process.received:,}",
        f"{process.missing_count:,}",
        f"{process.duplicates:,}",
        note,
    )
    return tuple(map(_printable, cells))


def _time(us: int) -> str:
    try:
        return f"{datetime.fromtimestamp(us // 1_000_000, UTC):%Y-%m-%d %H:%M:%S}.{us % 1_000_000 // 1000:03d}"
    except (ValueError, OverflowError, OSError):  # after the year 9999
        return str(us)


def _printable(text: str) -> str:
    return "".join(char if char.isprintable() else f"\\x{ord(char):02x}" for char in text)
