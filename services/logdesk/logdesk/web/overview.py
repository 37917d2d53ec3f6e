"""What is beside the rows of a search: how many there are, when they came, what they have in common."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from ..query import Query, term
from ..reader import Index
from ..summary import Count, Histogram, count, facets, histogram
from . import svg, terms, timerange
from .export import LIMIT
from .state import State
from .text import LEVELS, level_class

BARS = 60
HEIGHT_PX = 84


@dataclass(frozen=True, slots=True)
class Value:
    """One value of a facet. `include` toggles its term; `active` when the query has it already."""

    text: str
    count: int
    share: Markup
    include: str
    exclude: str
    active: bool
    excluded: bool


@dataclass(frozen=True, slots=True)
class Overview:
    count: Count
    chart: Markup
    step_us: int
    facets: dict[str, list[Value]]
    facets_approximate: bool
    export_limit: int = LIMIT


def overview(db: Index, query: Query, state: State) -> Overview:
    found = facets(db, query, state.span)
    bars = histogram(db, query, state.span, buckets=BARS)
    return Overview(
        count=count(db, query, state.span),
        chart=_chart(bars, state),
        step_us=bars.step_us,
        facets={name: _values(name, values, state) for name, values in found.values.items() if values},
        facets_approximate=found.approximate,
    )


def _chart(found: Histogram, state: State) -> Markup:
    counted = svg.Counts(found.step_us, [(start, by_class(counts)) for start, counts in found.buckets])

    def zoom(start: int, end: int) -> str:
        return state.url("/", live="", **{"from": timerange.instant(start), "to": timerange.instant(end)})

    if not counted.buckets:
        return Markup("")
    return svg.bars(counted, LEVELS, height=HEIGHT_PX, unit="lines", link=zoom)


def by_class(counts: dict[str, int]) -> dict[str, int]:
    """Level names as programs write them, added up by our few."""
    out: dict[str, int] = {}
    for level, n in counts.items():
        out[level_class(level)] = out.get(level_class(level), 0) + n
    return out


def _values(name: str, values: list[tuple[str, int]], state: State) -> list[Value]:
    out = []
    for text, n in values:
        include, exclude = term(name, text), term(name, text, exclude=True)
        if include is None or exclude is None:
            continue
        out.append(
            Value(
                text=text,
                count=n,
                share=svg.share(n, values[0][1], level_class(text) if name == "level" else ""),
                include=state.url("/", q=terms.toggled(state.query, include, opposite=exclude)),
                exclude=state.url("/", q=terms.toggled(state.query, exclude, opposite=include)),
                active=terms.has(state.query, include),
                excluded=terms.has(state.query, exclude),
            )
        )
    return out
