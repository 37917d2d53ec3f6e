"""The frame of a chart: where times and values fall, its grid and its time axis.

x is in percent and y in pixels, so a chart takes any width without stretching its text.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from markupsafe import escape

from .text import clock

SECOND = 1_000_000
DAY = 86_400 * SECOND
TICKS = [n * SECOND for n in (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800)] + [
    n * 3600 * SECOND for n in (1, 2, 3, 6, 12, 24, 48, 168, 336, 720, 2160, 8760)
]
AXIS_PX = 16
HEADROOM_PX = 15


@dataclass(frozen=True, slots=True)
class Frame:
    """Where time and values fall on a chart of `height` pixels (its time axis not counted)."""

    start_us: int
    end_us: int
    top: int
    height: int

    def x(self, us: int) -> str:
        return f"{(us - self.start_us) * 100 / (self.end_us - self.start_us):.3f}%"

    def width(self, us: float) -> str:
        return f"{us * 100 / (self.end_us - self.start_us):.3f}%"

    def y(self, value: float) -> float:
        return round(self.height - (self.height - HEADROOM_PX) * value / self.top, 2)


def opened(frame: Frame, step_us: int, count: int) -> str:
    """The opening tag. What histogram.js needs to turn pixels into times is written on it."""
    return (
        f'<svg class="chart" width="100%" height="{frame.height + AXIS_PX}" data-start="{frame.start_us}" '
        f'data-step="{step_us}" data-count="{count}" data-height="{frame.height}">'
    )


def grid(frame: Frame, top: str) -> str:
    middle = frame.y(frame.top / 2)
    return (
        f'<g class="grid"><line x1="0" x2="100%" y1="{HEADROOM_PX}" y2="{HEADROOM_PX}"/>'
        f'<line x1="0" x2="100%" y1="{middle}" y2="{middle}"/>'
        f'<line class="ground" x1="0" x2="100%" y1="{frame.height}" y2="{frame.height}"/></g>'
        f'<text x="100%" y="{HEADROOM_PX - 4}" text-anchor="end">{escape(top)}</text>'
    )


def axis(frame: Frame) -> str:
    """At most eight times below the chart; a whole day is named by its date."""
    span = frame.end_us - frame.start_us
    step = next((tick for tick in TICKS if span / tick <= 8), TICKS[-1])
    out = ['<g class="axis">']
    at = -(-frame.start_us // step) * step
    while at < frame.end_us:
        # A label at the very edge would be cut in half.
        if 0.03 * span < at - frame.start_us < 0.97 * span:
            x = frame.x(at)
            out.append(f'<line x1="{x}" x2="{x}" y1="{frame.height}" y2="{frame.height + 3}"/>')
            out.append(f'<text x="{x}" y="{frame.height + AXIS_PX - 3}" text-anchor="middle">{_tick(at, step)}</text>')
        at += step
    return "".join(out) + "</g>"


def _tick(us: int, step: int) -> str:
    if us % DAY == 0:
        moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=us)
        return f"{moment:%b} {moment.day}" if step < 365 * DAY else str(moment.year)
    return clock(us)[1][: 8 if step < 60 * SECOND else 5]


def bucket_name(start: int, step_us: int) -> str:
    day, first = clock(start)
    last = clock(start + step_us)[1]
    digits = 8 if step_us % (60 * SECOND) else 5
    digits = 12 if step_us % SECOND else digits
    return day if step_us == DAY else f"{day} {first[:digits]} – {last[:digits]}"
