"""Lines and audits as text for a terminal."""

from __future__ import annotations

from collections.abc import Sequence

from . import process_audit
from .process_audit import ProcessAudit
from .search import Hit


def line(hit: Hit) -> str:
    """One line, in which no control character of the sender's reaches the terminal."""
    status = f" {hit.status}" if hit.status is not None else ""
    text = (
        f"{process_audit.clock(hit.ts_us)} {hit.level or '-':<8} {hit.service}{status} {hit.message or hit.note or ''}"
    )
    return process_audit.printable(text)


def table(processes: Sequence[ProcessAudit]) -> str:
    """Every process, and what is missing."""
    return process_audit.table(processes, "came twice and were refused", "none came twice")
