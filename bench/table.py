"""Figures as Markdown tables, which read well in a terminal and can be pasted into the README."""

from collections.abc import Iterable, Sequence


def table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table whose first column is text and whose others are figures, its cells padded to line up."""
    cells = [list(columns), *map(list, rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = [" | ".join(_pad(row, widths)) for row in cells]
    rule = "|".join(("-" * (widths[0] + 2), *("-" * (width + 1) + ":" for width in widths[1:])))
    return "\n".join(("", f"| {lines[0]} |", f"|{rule}|", *(f"| {line} |" for line in lines[1:]), ""))


def _pad(row: Sequence[str], widths: Sequence[int]) -> list[str]:
    return [row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))]


def figure(value: float) -> str:
    """`value` with three significant digits, as far as the decimal point lets."""
    return f"{value:.2f}" if value < 10 else f"{value:.1f}" if value < 100 else f"{value:,.0f}"


def ratio(value: float, base: float) -> str:
    """How many times `base` a value is."""
    return f"{figure(value / base)} ×"


def verdict(value: float, limit: float) -> str:
    """A figure that shall be at most `limit`, and whether it is."""
    return f"{value:.2f} {'met' if value <= limit else 'MISSED'}"
