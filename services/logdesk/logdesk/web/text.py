"""Log text for people: nothing a sender wrote can hide, reorder or run; numbers in readable units.

Escaping HTML is not enough. A right-to-left override (U+202E) makes a line read as something else, a zero-width
character splits a word that then can't be found, ESC colours a terminal the text is pasted to. All of them are
shown as visible marks.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from markupsafe import Markup, escape

from ..fields import SEVERITY
from ..record import YEAR_10000_US

# Unicode categories Cc, Cf, Cs, Zl and Zp (test_text checks that none is missing) and the letters that print
# as nothing: Hangul fillers, the Braille blank, the Khmer inherent vowels.
_INVISIBLE = (
    "\x00-\x1f\x7f-\x9f\xad\u0600-\u0605\u061c\u06dd\u070f\u0890-\u0891\u08e2\u115f\u1160\u17b4\u17b5"
    "\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u2800\u3164\ud800-\udfff\ufeff\uffa0\ufff0-\ufffb"
    "\U000110bd\U000110cd\U00013430-\U0001345f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
_INVISIBLE_RE = re.compile(f"[{_INVISIBLE}]")
_INVISIBLE_BUT_LINES_RE = re.compile(f"(?![\n\t])[{_INVISIBLE}]")
_COMMON = {"\0": "NUL", "\a": "BEL", "\b": "BS", "\t": "TAB", "\n": "LF", "\r": "CR", "\x1b": "ESC"}
_LAST_US = YEAR_10000_US - 1
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def visible(text: str, *, lines: bool = False, limit: int | None = None) -> Markup:
    """`text` as safe HTML. `lines` keeps line breaks and tabs as they are, for use inside <pre>. `limit` cuts, in
    characters, so that a hundred rows of 16 kB stay a small page."""
    cut = limit is not None and len(text) > limit
    shown = text[:limit] if cut else text
    pattern = _INVISIBLE_BUT_LINES_RE if lines else _INVISIBLE_RE
    pieces: list[str] = []
    at = 0
    for match in pattern.finditer(shown):
        pieces += [str(escape(shown[at : match.start()])), _mark(match[0])]
        at = match.end()
    pieces.append(str(escape(shown[at:])))
    if cut:
        pieces.append("…")
    return Markup("".join(pieces))  # noqa: S704 - every piece is escaped above or a mark of ours


def _mark(char: str) -> str:
    """In letters: fonts without the pictures of control characters (U+2400 …) are common."""
    return f'<span class="ctl">{_COMMON.get(char) or f"U+{ord(char):04X}"}</span>'


def spreadsheet_safe(value: str) -> str:
    """A CSV cell that no spreadsheet takes for a formula (OWASP, “CSV Injection”)."""
    return "'" + value if value.startswith(_FORMULA) else value


def moment(us: int) -> datetime:
    """In UTC. A sender may claim any time, and an hour after the last of the year 9999 is none: it stays the last."""
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=min(us, _LAST_US))


def clock(us: int) -> tuple[str, str]:
    """("2026-08-16", "12:30:00.123") in UTC."""
    at = moment(us)
    return at.strftime("%Y-%m-%d"), at.strftime("%H:%M:%S.") + f"{at.microsecond // 1000:03}"


def day(us: int) -> str:
    """“Aug 16”: what a row needs of its date."""
    at = moment(us)
    return f"{at:%b} {at.day:2}"


def duration(ns: int | None) -> str:
    """“850 µs”, “12.3 ms”, “2.4 s”; a dash when there is none."""
    if ns is None:
        return "–"
    for unit, size in (("s", 1_000_000_000), ("ms", 1_000_000), ("µs", 1000)):
        if ns >= size:
            value = ns / size
            return f"{value:.0f} {unit}" if value >= 100 else f"{value:.3g} {unit}"
    return f"{ns} ns"


def number(n: int, *, approximate: bool = False) -> str:
    """“12 345”, “≈ 1 200 000”: narrow no-break spaces, as SI asks, so that a number never breaks."""
    return ("≈\u202f" if approximate else "") + f"{n:,}".replace(",", "\u202f")


def rate(count: int, span_us: int) -> str:
    """Events a second."""
    per_second = count * 1_000_000 / max(1, span_us)
    return f"{per_second:.0f}" if per_second >= 100 else f"{per_second:.3g}"


def size(n: int) -> str:
    """Bytes in decimal units: “1.2 GB”."""
    for unit, one in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if n >= one:
            return f"{n / one:.3g} {unit}"
    return f"{n} B"


LEVELS = ("critical", "error", "warning", "info", "debug", "other")
_CLASS_OF_SEVERITY = ("debug", "debug", "info", "info", "warning", "error", "critical", "critical", "critical")
_LEVEL_CLASS = {name: _CLASS_OF_SEVERITY[severity] for name, severity in SEVERITY.items()}


def level_class(level: str) -> str:
    """One of LEVELS, whatever another program calls it: the colour of a line."""
    return _LEVEL_CLASS.get(level, "other")
