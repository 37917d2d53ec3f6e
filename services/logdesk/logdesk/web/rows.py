"""A line opened to all its fields, each with the searches that it leads to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import orjson

from .. import record
from ..query import term
from ..search import Hit
from . import terms
from .links import Link, links
from .stack import TraceLine, trace_lines
from .state import State

STACK = "error.stack_trace"
FILTER_CHARACTERS = 300  # a longer value is text, not something to filter by


@dataclass(frozen=True, slots=True)
class Field:
    """`include` and `exclude` are the addresses of the search with or without this value, "" where the query
    language has no word for the field."""

    name: str
    text: str
    include: str = ""
    exclude: str = ""


@dataclass(frozen=True, slots=True)
class Opened:
    hit: Hit
    fields: list[Field]
    stack: list[TraceLine]
    links: list[Link]
    raw: str


def opened(hit: Hit, state: State) -> Opened:
    """Everything the opened row shows."""
    line = whole_line(hit)
    stack = line.get(STACK)
    return Opened(
        hit=hit,
        fields=[_field(name, value, state) for name, value in line.items() if name != STACK],
        stack=trace_lines(stack) if isinstance(stack, str) and stack else [],
        links=links(hit, state),
        raw=orjson.dumps(line).decode(errors="replace"),
    )


def failure(hit: Hit) -> str:
    """“ZeroDivisionError: division by zero”, as far as the message doesn't say it; empty for a line without an error.
    A framework writes the same message for every error."""
    said = (record.name(hit.fields.get(name)) for name in ("error.type", "error.message"))
    return ": ".join(text for text in said if text and text not in hit.message)


def whole_line(hit: Hit) -> dict[str, Any]:
    """The line as the archive has it; when it is gone from there, what the index still knows."""
    if hit.fields:
        return hit.fields
    known = {
        "event.id": hit.id,
        "log.level": hit.level,
        "message": hit.message,
        "service.name": hit.service,
        "log.logger": hit.logger,
        "http.request.method": hit.method,
        "url.path": hit.path,
        "http.response.status_code": hit.status,
        "event.duration": hit.duration_ns,
        "trace.id": hit.trace_id,
        "http.request.id": hit.request_id,
    }
    return {name: value for name, value in known.items() if value not in (None, "")}


def _field(name: str, value: Any, state: State) -> Field:
    text = value if isinstance(value, str) else orjson.dumps(value).decode(errors="replace")
    if isinstance(value, dict | list) or len(text) > FILTER_CHARACTERS or name in ("@timestamp", "message"):
        return Field(name, text)
    include, exclude = term(name, value), term(name, value, exclude=True)
    if include is None or exclude is None:
        return Field(name, text)
    return Field(
        name,
        text,
        include=state.url("/", q=terms.toggled(state.query, include, opposite=exclude)),
        exclude=state.url("/", q=terms.toggled(state.query, exclude, opposite=include)),
    )
