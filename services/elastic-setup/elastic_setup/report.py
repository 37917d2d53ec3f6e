"""The audit as text for a terminal, in the form of logdesk's; a test holds the two together."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from .audit import Process

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


def table(processes: Sequence[Process], kept_as_text: int) -> str:
    """Aligned columns, the missing numbers, and sentences that sum up."""
    rows = [_HEADER, *map(_row, processes)]
    widths = [max(len(row[at]) for row in rows) for at in range(len(_HEADER))]
    lines = []
    for row in rows:
        cells = [cell.rjust(widths[at]) if at in _RIGHT else cell.ljust(widths[at]) for at, cell in enumerate(row)]
        lines.append("  ".join(cells).rstrip())
    return "\n".join([*lines, "", _verdict(processes, kept_as_text)])


def _verdict(processes: Sequence[Process], kept_as_text: int) -> str:
    received = sum(process.received for process in processes)
    missing = sum(process.missing_count for process in processes)
    doubled = sum(process.duplicates for process in processes)
    cut = sum(process.ended == "cut" for process in processes)
    sentences = [f"{received:,} numbered lines of {len(processes):,} processes:"]
    sentences.append(f"{missing:,} are missing," if missing else "none is missing,")
    sentences.append(f"{doubled:,} are stored twice." if doubled else "none is stored twice.")
    if kept_as_text:
        sentences.append(f"{kept_as_text:,} lines are kept as text; numbered ones among them count as missing.")
    if cut:
        sentences.append(
            f"{cut:,} ended without a last line (killed, or silent for 15 minutes): what they wrote after the last line"
            " received is not known."
        )
    return " ".join(sentences)


def _row(process: Process) -> tuple[str, ...]:
    ranges = [f"{low}" if low == high else f"{low}-{high}" for low, high in process.missing[:_SHOWN_RANGES]]
    more = len(process.missing) - _SHOWN_RANGES
    note = process.ended
    if ranges:
        note += f"; missing {', '.join(ranges)}" + (f" and {more} more ranges" if more > 0 else "")
    cells = (
        process.service,
        process.entity_id,
        process.host or "-",
        str(process.pid or "-"),
        _time(process.first_ms),
        _time(process.last_ms),
        f"{process.last:,}",
        f"{process.received:,}",
        f"{process.missing_count:,}",
        f"{process.duplicates:,}",
        note,
    )
    return tuple(map(_printable, cells))


def _time(ms: int) -> str:
    try:
        return f"{datetime.fromtimestamp(ms // 1000, UTC):%Y-%m-%d %H:%M:%S}.{ms % 1000:03d}"
    except (ValueError, OverflowError, OSError):  # after the year 9999
        return str(ms)


def _printable(text: str) -> str:
    return "".join(char if char.isprintable() else f"\\x{ord(char):02x}" for char in text)
