"""Charts, drawn on the server as SVG.

x is in percent and y in pixels, so a chart takes any width without stretching its text. Colours come from the
style sheet by class: the Content-Security-Policy allows no style attribute.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from markupsafe import Markup, escape

from .text import clock, number


class Counts(NamedTuple):
    """Counts by class in buckets of `step_us`, each with its start, oldest first."""

    step_us: int
    buckets: Sequence[tuple[int, dict[str, int]]]


class Levels(NamedTuple):
    """Values, one for each line of the chart, in buckets of `step_us`."""

    step_us: int
    buckets: Sequence[tuple[int, Sequence[int | None]]]


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


def bars(counted: Counts, order: Sequence[str], *, height: int, unit: str, link: Callable[[int, int], str]) -> Markup:
    """Counts over time, stacked; `order` names the classes from the ground up. Each bar is a link to its own
    stretch of time: `link(start_us, end_us)`."""
    step_us, buckets = counted
    top = max((sum(counts.values()) for _, counts in buckets), default=0) or 1
    frame = Frame(buckets[0][0], buckets[-1][0] + step_us, top, height)
    out = [_open(frame, step_us, len(buckets)), _grid(frame, number(top))]
    for start, counts in buckets:
        if not sum(counts.values()):
            continue
        title = f"{_bucket_name(start, step_us)}: {_total(counts, order)} {unit}"
        url = escape(link(start, start + step_us))
        out.append(f'<a href="{url}" tabindex="-1"><title>{escape(title)}</title>')
        out.append(f'<rect class="reach" x="{frame.x(start)}" width="{frame.width(step_us)}" y="0"')
        out.append(f' height="{height}"/>')
        out += _stack(frame, start, step_us, counts, order)
        out.append("</a>")
    out += [_axis(frame), "</svg>"]
    return Markup("".join(out))  # noqa: S704 - numbers, and text escaped above


def _stack(frame: Frame, start: int, step_us: int, counts: dict[str, int], order: Sequence[str]) -> list[str]:
    ground = float(frame.height)
    out = []
    for name in order:
        if not (count := counts.get(name, 0)):
            continue
        # One error among ten thousand lines must still be seen.
        rise = max(1.5, frame.height - frame.y(count))
        ground = max(0.0, ground - rise)
        css = f"s{name}" if name[0].isdigit() else name  # a class can't begin with a digit
        out.append(
            f'<rect class="{css}" x="{frame.x(start + step_us // 12)}" width="{frame.width(step_us * 5 / 6)}"'
            f' y="{ground:.2f}" height="{rise:.2f}"/>'
        )
    return out


def lines(measured: Levels, names: Sequence[str], *, height: int, label: Callable[[int], str]) -> Markup:
    """One line a name over time; None breaks a line. `label` writes a value for people."""
    step_us, points = measured
    top = max((value for _, values in points for value in values if value is not None), default=0) or 1
    frame = Frame(points[0][0], points[-1][0] + step_us, top, height)
    out = [_open(frame, step_us, len(points)), _grid(frame, label(top))]
    # Points take no percentages: an inner picture is stretched instead, its strokes are not (style sheet).
    out.append(f'<svg class="plot" width="100%" height="{height}" viewBox="0 0 {len(points)} {height}"')
    out.append(' preserveAspectRatio="none">')
    for index, name in enumerate(names):
        values = [values[index] for _, values in points]
        out.append(f'<path class="{name}" d="{_path(frame, values)}"/>')
    out.append("</svg>")
    for start, values in points:
        if all(value is None for value in values):
            continue
        told = ", ".join(f"{name} {label(v)}" for name, v in zip(names, values, strict=True) if v is not None)
        out.append(f'<rect class="reach" x="{frame.x(start)}" width="{frame.width(step_us)}" y="0"')
        out.append(f' height="{height}"><title>{escape(_bucket_name(start, step_us))}: {escape(told)}</title></rect>')
    out += [_axis(frame), "</svg>"]
    return Markup("".join(out))  # noqa: S704 - numbers, and text escaped above


def _path(frame: Frame, values: Sequence[int | None]) -> str:
    """Each value as a level stroke as wide as its bucket, so that a lone bucket between two empty ones is seen."""
    out: list[str] = []
    pen_down = False
    for index, value in enumerate(values):
        if value is None:
            pen_down = False
            continue
        y = frame.y(value)
        out.append(f"{'L' if pen_down else 'M'}{index} {y}L{index + 1} {y}")
        pen_down = True
    return "".join(out)


def share(count: int, of: int, css: str = "") -> Markup:
    """A thin bar: how much of the most frequent one this is."""
    percent = 100 * count / max(1, of)
    return Markup(
        '<svg class="share" width="100%" height="3" aria-hidden="true">'
        '<rect class="{}" width="{:.1f}%" height="3"/></svg>'
    ).format(css, percent)


def _open(frame: Frame, step_us: int, count: int) -> str:
    """What zoom.js needs to turn pixels into times is written on the picture."""
    return (
        f'<svg class="chart" width="100%" height="{frame.height + AXIS_PX}" data-start="{frame.start_us}" '
        f'data-step="{step_us}" data-count="{count}" data-height="{frame.height}">'
    )


def _grid(frame: Frame, top: str) -> str:
    middle = frame.y(frame.top / 2)
    return (
        f'<g class="grid"><line x1="0" x2="100%" y1="{HEADROOM_PX}" y2="{HEADROOM_PX}"/>'
        f'<line x1="0" x2="100%" y1="{middle}" y2="{middle}"/>'
        f'<line class="ground" x1="0" x2="100%" y1="{frame.height}" y2="{frame.height}"/></g>'
        f'<text x="100%" y="{HEADROOM_PX - 4}" text-anchor="end">{escape(top)}</text>'
    )


def _axis(frame: Frame) -> str:
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


def _bucket_name(start: int, step_us: int) -> str:
    day, first = clock(start)
    last = clock(start + step_us)[1]
    digits = 8 if step_us % (60 * SECOND) else 5
    digits = 12 if step_us % SECOND else digits
    return day if step_us == DAY else f"{day} {first[:digits]} – {last[:digits]}"


def _total(counts: dict[str, int], order: Sequence[str]) -> str:
    parts = [f"{name} {number(counts[name])}" for name in reversed(order) if counts.get(name)]
    return f"{number(sum(counts.values()))} ({', '.join(parts)})"
