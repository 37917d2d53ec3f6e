"""Lines and audits as text for a terminal."""

from __future__ import annotations

from collections.abc import Sequence

from .process_audit import ProcessAudit, clock, printable
from .process_audit import table as process_table
from .search import Hit


def line(hit: Hit) -> str:
    """One line, in which no control character of the sender's reaches the terminal."""
    status = f" {hit.status}" if hit.status is not None else ""
    text = f"{clock(hit.ts_us)} {hit.level or '-':<8} {hit.service}{status} {hit.message or hit.note or ''}"
    return printable(text)


def table(processes: Sequence[ProcessAudit]) -> str:
    """Every process, and what is missing."""
    return process_table(processes, "came twice and were refused", "none came twice")
