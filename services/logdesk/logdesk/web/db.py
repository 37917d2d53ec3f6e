"""The index, for the length of a `with` block."""

from __future__ import annotations

from flask import current_app

from ..reader import Index, open_index


def index() -> Index:
    """One for each request: SQLite connections stay in their thread. Raises IndexMissing."""
    return open_index(current_app.config["LOGDESK"])
