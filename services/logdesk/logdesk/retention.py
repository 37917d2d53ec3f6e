"""Removing the oldest days, from the archive and from the index together."""

from __future__ import annotations

from collections import Counter
from datetime import date
from pathlib import Path

from .archive import list_files
from .days import Days, with_siblings
from .follow import Follower
from .settings import Settings


def too_old(sizes: dict[str, int], today: date, keep_days: int, keep_bytes: int) -> list[str]:
    """The days to remove, oldest first. `sizes` are bytes by day; 0 keeps all. The latest day always stays.

    Days count back from today, or from the latest day if that is earlier (a clock that was set back removes nothing).
    When the latest day lies more than `keep_days` after the one before it, a clock that jumped ahead is more likely
    than a pause, and all the archive would be removed: nothing is, until a second day bears the new date out.
    """
    days = sorted(day for day in sizes if _date(day) is not None)
    removed = []
    if keep_days and len(days) > 1:
        latest, before = _ordinal(days[-1]), _ordinal(days[-2])
        if latest - before <= keep_days:
            first = min(today.toordinal(), latest) - keep_days + 1
            removed = [day for day in days[:-1] if _ordinal(day) < first]
    if keep_bytes:
        kept = sum(sizes.values()) - sum(sizes[day] for day in removed)
        for day in days[len(removed) : -1]:
            if kept <= keep_bytes:
                break
            removed.append(day)
            kept -= sizes[day]
    return removed


def apply(settings: Settings, days: Days, follower: Follower, today: date) -> list[str]:
    """Remove what is too old. The files go first: a crash in between leaves a day in the index, which the next call
    removes, and not a day in the archive, which would be indexed anew."""
    files = list_files(settings.archive)
    sizes: Counter[str] = Counter()
    for file in files:
        sizes[file.day] += file.size
    for day in days.names:
        sizes[day] += sum(_size(path) for path in with_siblings(days.path(day)))
    removed = too_old(sizes, today, settings.keep_days, settings.keep_bytes)
    for day in removed:
        follower.forget(day)
        for file in files:
            if file.day == day:
                (settings.archive / file.name).unlink(missing_ok=True)
        if day in days.names:
            days.remove(day)
    return removed


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def _date(day: str) -> date | None:
    try:
        return date.fromisoformat(day)
    except ValueError:
        return None


def _ordinal(day: str) -> int:
    return date.fromisoformat(day).toordinal()
