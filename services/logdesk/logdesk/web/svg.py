"""Charts, drawn on the server as SVG. Colours come from the style sheet by class: the Content-Security-Policy allows
no style attribute."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from markupsafe import Markup, escape

from . import axes
from .text import number


class Counts(NamedTuple):
    """Counts by class in buckets of `step_us`, each with its start, oldest first."""

    step_us: int
    buckets: Sequence[tuple[int, dict[str, int]]]


class Levels(NamedTuple):
    """Values, one for each line of the chart, in buckets of `step_us`."""

    step_us: int
    buckets: Sequence[tuple[int, Sequence[int | None]]]


def bars(counted: Counts, order: Sequence[str], *, height: int, unit: str, link: Callable[[int, int], str]) -> Markup:
    """Counts over time, stacked; `order` names the classes from the ground up. Each bar is a link to its own
    stretch of time: `link(start_us, end_us)`."""
    step_us, buckets = counted
    top = max((sum(counts.values()) for _, counts in buckets), default=0) or 1
    frame = axes.Frame(buckets[0][0], buckets[-1][0] + step_us, top, height)
    out = [
        axes.opened(frame, step_us, len(buckets)),
        axes.grid(frame, number(top) if any(counts for _, counts in buckets) else ""),
    ]
    for start, counts in buckets:
        if not sum(counts.values()):
            continue
        title = f"{axes.bucket_name(start, step_us)}: {_total(counts, order)} {unit}"
        url = escape(link(start, start + step_us))
        out.append(f'<a href="{url}" tabindex="-1"><title>{escape(title)}</title>')
        out.append(f'<rect class="reach" x="{frame.x(start)}" width="{frame.width(step_us)}" y="0"')
        out.append(f' height="{height}"/>')
        out += _stack(frame, start, step_us, counts, order)
        out.append("</a>")
    out += [axes.axis(frame), "</svg>"]
    return Markup("".join(out))  # noqa: S704 - numbers, and text escaped above


def _stack(frame: axes.Frame, start: int, step_us: int, counts: dict[str, int], order: Sequence[str]) -> list[str]:
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
    frame = axes.Frame(points[0][0], points[-1][0] + step_us, top, height)
    out = [axes.opened(frame, step_us, len(points)), axes.grid(frame, label(top))]
    # Points take no percentages: an inner picture is stretched instead, its strokes are not (style sheet).
    out.append(f'<svg class="plot" width="100%" height="{height}" viewBox="0 0 {len(points)} {height}"')
    out.append(' preserveAspectRatio="none">')
    for index, name in enumerate(names):
        drawn = _path(frame, [values[index] for _, values in points])
        out.append(f'<path class="{name}" d="{drawn}"/>')
    out.append("</svg>")
    for start, values in points:
        if all(value is None for value in values):
            continue
        told = ", ".join(f"{name} {label(v)}" for name, v in zip(names, values, strict=True) if v is not None)
        out.append(f'<rect class="reach" x="{frame.x(start)}" width="{frame.width(step_us)}" y="0"')
        out.append(
            f' height="{height}"><title>{escape(axes.bucket_name(start, step_us))}: {escape(told)}</title></rect>'
        )
    out += [axes.axis(frame), "</svg>"]
    return Markup("".join(out))  # noqa: S704 - numbers, and text escaped above


def _path(frame: axes.Frame, values: Sequence[int | None]) -> str:
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


def _total(counts: dict[str, int], order: Sequence[str]) -> str:
    parts = [f"{name} {number(counts[name])}" for name in reversed(order) if counts.get(name)]
    return f"{number(sum(counts.values()))} ({', '.join(parts)})"
