"""Time ranges as a URL writes them: `from=now-15m&to=now`, or RFC 3339 instants in UTC."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from ..reader import Span
from .text import moment

MINUTE_US = 60_000_000
UNITS_US = {
    "s": 1_000_000,
    "m": MINUTE_US,
    "h": 60 * MINUTE_US,
    "d": 1440 * MINUTE_US,
    "w": 10_080 * MINUTE_US,
}
QUICK = (("now-15m", "15 min"), ("now-1h", "1 h"), ("now-24h", "24 h"), ("now-7d", "7 d"))
DEFAULT_FROM = "now-15m"

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_RELATIVE = re.compile(r"now(?:-([0-9]{1,6})([smhdw]))?")
_HOW_TO = "Write now-15m, 2026-08-16 or 2026-08-16 12:30:00 (UTC)."


@dataclass(frozen=True, slots=True)
class TimeRange:
    """`start` and `end` as they were written, so that a relative range stays relative in every link."""

    start: str
    end: str
    span: Span
    problem: str | None = None

    @property
    def shown(self) -> tuple[str, str]:
        """Both as a person writes them."""
        return _shown(self.start, self.span.start_us), _shown(self.end, self.span.end_us)

    @property
    def follows_now(self) -> bool:
        return self.end == "now"


def parse(start: str | None, end: str | None, *, now_us: int | None = None) -> TimeRange:
    """Never raises: a range that can't be read becomes the last 15 minutes, and `problem` says why."""
    now_us = time.time_ns() // 1000 if now_us is None else now_us
    start, end = (start or "").strip() or DEFAULT_FROM, (end or "").strip() or "now"
    try:
        span = Span(_instant(start, now_us), _instant(end, now_us))
        if span.start_us >= span.end_us:
            raise ValueError("The time range ends before it starts.")
    except ValueError as error:
        return TimeRange(DEFAULT_FROM, "now", Span(now_us - 15 * MINUTE_US, now_us), str(error))
    return TimeRange(start, end, span)


def _instant(text: str, now_us: int) -> int:
    """µs since the epoch. Raises ValueError with a sentence for the person who wrote it."""
    if relative := _RELATIVE.fullmatch(text):
        return max(0, now_us - int(relative[1] or 0) * UNITS_US[relative[2] or "s"])
    try:
        # A "+02:00" in a URL arrives as " 02:00" when the caller forgot to encode it: refused, not guessed.
        at = datetime.fromisoformat(text)
        at = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError(f"“{text}” is not a time. {_HOW_TO}") from None
    if at < _EPOCH:
        raise ValueError(f"“{text}” is before 1970. {_HOW_TO}")
    return (at - _EPOCH) // timedelta(microseconds=1)


def instant(us: int) -> str:
    """RFC 3339 in UTC with microseconds, as the archive writes `@timestamp`; what a link carries."""
    return moment(us).isoformat(timespec="microseconds").replace("+00:00", "Z")


def short(us: int) -> str:
    """As `instant`, as a person writes it: “2026-08-16 12:30:00”. `parse` reads it back."""
    return instant(us).removesuffix("Z").removesuffix(".000000").replace("T", " ")


def _shown(text: str, us: int) -> str:
    return text if text.startswith("now") else short(us)


def around(us: int, margin_us: int) -> dict[str, str]:
    """The range of `margin_us` on both sides of a moment, as the parameters of a link."""
    return {"from": instant(max(0, us - margin_us)), "to": instant(us + margin_us)}


def wider(span: Span, now_us: int) -> dict[str, str]:
    """Twice the range about the same middle (zoom out), never beyond now."""
    half = max(1, (span.end_us - span.start_us) // 2)
    end = min(max(now_us, span.end_us), span.end_us + half)
    return {"from": instant(max(0, end - 4 * half)), "to": instant(end)}
