"""The audit as text for a terminal, in logdesk's form."""

from __future__ import annotations

from collections.abc import Sequence

from logdesk import process_audit
from logdesk.process_audit import ProcessAudit


def table(processes: Sequence[ProcessAudit], kept_as_text: int) -> str:
    """Every process, what is missing, and what Elasticsearch has under no number."""
    more = []
    if kept_as_text:
        more.append(f"{kept_as_text:,} lines are kept as text; numbered ones among them count as missing.")
    return process_audit.table(processes, "are stored twice", "none is stored twice", *more)
