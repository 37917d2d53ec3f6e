"""Found lines as a file, newest first: streamed, so that no export fills the memory; bounded, and it says so."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import orjson
from flask import Blueprint, Response, abort, current_app

from ..query import Query, parse
from ..reader import Span, open_index
from ..search import Hit, find
from ..settings import Settings
from .rows import whole_line
from .state import from_request
from .text import spreadsheet_safe
from .timerange import instant

export = Blueprint("export", __name__)
LIMIT = 100_000  # lines of one export
PAGE = 1000
CUT = f"cut: only the newest {LIMIT} lines are in this export; narrow the time range or the query"
COLUMNS = (
    "@timestamp",
    "service.name",
    "log.level",
    "log.logger",
    "message",
    "http.request.method",
    "url.path",
    "http.response.status_code",
    "event.duration",
    "trace.id",
    "http.request.id",
    "error.type",
    "error.message",
    "event.id",
)


@dataclass(frozen=True, slots=True)
class Format:
    """How a file of lines is written: what stands first, each line, and what stands last when it was cut."""

    name: str
    content_type: str
    head: bytes
    row: Callable[[Hit], bytes]
    cut: bytes


@export.get("/export.ndjson")
def ndjson() -> Response:
    """Whole lines, as the archive has them."""
    return _answer(
        Format(
            name="ndjson",
            content_type="application/x-ndjson",
            head=b"",
            row=lambda hit: orjson.dumps(whole_line(hit)) + b"\n",
            cut=orjson.dumps({"message": CUT}) + b"\n",
        )
    )


@export.get("/export.csv")
def table() -> Response:
    """The columns people look at, in a file that a spreadsheet opens without running anything of it."""
    return _answer(
        Format(
            name="csv",
            content_type="text/csv; charset=utf-8",
            head=_csv_line(COLUMNS),
            row=_csv_row,
            cut=_csv_line((CUT,)),
        )
    )


def _answer(form: Format) -> Response:
    state = from_request()
    query = parse(state.query)
    if said := query.problem or state.times.problem:
        abort(400, said)
    settings: Settings = current_app.config["LOGDESK"]
    open_index(settings).close()  # a missing index is an answer of its own, not a file that breaks off
    answer = Response(_stream(settings, query, state.span, form), content_type=form.content_type)
    answer.headers["Content-Disposition"] = f'attachment; filename="logdesk.{form.name}"'
    return answer


def _stream(settings: Settings, query: Query, span: Span, form: Format) -> Iterator[bytes]:
    """Page by page: each is a short read, so the writer's checkpoints aren't held up for the whole export."""
    yield form.head
    sent, cursor = 0, None
    with open_index(settings) as db:
        while sent < LIMIT:
            found = find(db, query, span, limit=PAGE, before=cursor)
            yield b"".join(map(form.row, found.hits))
            sent, cursor = sent + len(found.hits), found.next
            if cursor is None:
                return
    yield form.cut


def _csv_row(hit: Hit) -> bytes:
    line = {"@timestamp": instant(hit.ts_us)} | whole_line(hit)
    return _csv_line([line.get(name, "") for name in COLUMNS])


def _csv_line(cells: Any) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerow([spreadsheet_safe(cell) if isinstance(cell, str) else cell for cell in cells])
    # A lone surrogate can't be encoded; it comes out as an escape rather than ending the export.
    return out.getvalue().encode("utf-8", "backslashreplace")
