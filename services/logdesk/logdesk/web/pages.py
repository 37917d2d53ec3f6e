"""The pages, rendered on the server. They work without JavaScript; static/js adds to them."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, abort, jsonify, render_template, request

from ..audit import audit
from ..dashboard import dashboard
from ..fields import ALIASES
from ..process_audit import ProcessAudit
from ..query import parse
from ..reader import Stats, stats
from ..search import event, find, newer
from ..summary import histogram
from . import terms, timerange
from .board import board
from .db import index
from .overview import overview
from .rows import opened
from .state import State, from_request

pages = Blueprint("pages", __name__)
ROWS = 100
GONE = "This line is not in the index: it was removed after its keeping time, or the address is incomplete."


@pages.get("/")
def search_page() -> str:
    state, query = from_request(), parse(request.args.get("q", ""))
    with index() as db:
        found = find(db, query, state.span, limit=ROWS, before=state.before or None)
        here = next((hit for hit in found.hits if hit.id == state.opened), None)
        return render_template(
            "search.html",
            **_frame(state, stats(db), query.problem),
            found=found,
            begun="" if found.hits else terms.begun(state.query),
            opened=opened(here, state) if here else None,
            overview=overview(db, query, state),
        )


@pages.get("/live")
def live_rows() -> Response:
    """The rows that arrived since `after`, for live.js. `more`: there are others between, load the page anew."""
    state = from_request()
    with index() as db:
        found = newer(db, parse(state.query), state.span, after=request.args.get("after", ""), limit=ROWS)
    rows = render_template("_rows.html", state=state, hits=found.hits, opened=None)
    return jsonify(rows=rows, latest=found.latest, more=found.more)


@pages.get("/overview")
def overview_part() -> str:
    """Count, histogram and facets alone, for live.js."""
    state = from_request()
    with index() as db:
        return render_template("_overview.html", state=state, overview=overview(db, parse(state.query), state))


@pages.get("/event/<path:id>")
def event_page(id: str) -> str:
    """One line with all its fields, at an address that stays; `?part=1` without the page around it (rows.js)."""
    state = from_request()
    with index() as db:
        hit = event(db, id)
        if hit is None:
            abort(404, GONE)
        if "part" in request.args:
            return render_template("_opened.html", state=state, opened=opened(hit, state))
        return render_template("event.html", **_frame(state, stats(db)), opened=opened(hit, state))


@pages.get("/dashboard")
def dashboard_page() -> str:
    state = from_request()
    with index() as db:
        found = dashboard(db, state.span, service=state.service or None)
        levels = {level for _, counts in histogram(db, parse(""), state.span, buckets=1).buckets for level in counts}
        return render_template("dashboard.html", **_frame(state, stats(db)), board=board(found, state, levels))


@pages.get("/audit")
def audit_page() -> str:
    state = from_request()
    with index() as db:
        found = audit(db, state.service or None, state.span)
        return render_template("audit.html", **_frame(state, stats(db)), processes=found, process_url=process_url)


@pages.get("/help")
def help_page() -> str:
    return render_template("help.html", state=from_request(), aliases=ALIASES)


@pages.get("/healthz")
def health() -> Response:
    """Whether pages are served; needs no password and says nothing of the logs."""
    return jsonify(status="ok")


def process_url(process: ProcessAudit, state: State) -> str:
    """All lines of one process start."""
    span = timerange.instant(process.first_us), timerange.instant(process.last_us + 1)
    query = terms.only(("process.entity_id", process.entity_id))
    return state.url("/", q=query, service="", live="", **{"from": span[0], "to": span[1]})


def _frame(state: State, known: Stats, problem: str | None = None) -> dict[str, Any]:
    """What every page shows around its own part."""
    return {
        "state": state,
        "stats": known,
        "quick": timerange.QUICK,
        "problem": state.times.problem or problem,
    }
