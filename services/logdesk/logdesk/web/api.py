"""The same answers as JSON, for scripts. Errors are problem details (RFC 9457)."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import orjson
from flask import Blueprint, Response, abort, request

from ..audit import audit
from ..dashboard import dashboard
from ..query import parse
from ..reader import stats
from ..search import Hit, event, find
from .db import index
from .pages import GONE
from .rows import whole_line
from .state import State, from_request

api = Blueprint("api", __name__, url_prefix="/api")
MOST = 1000  # lines of one answer


@api.get("/search")
def search() -> Response:
    """`q`, `from`, `to`, `limit` (1 … 1000, 100), `before` (the `next` of the answer above)."""
    state, query = _state(), parse(request.args.get("q", ""))
    if query.problem:
        abort(400, query.problem)
    with index() as db:
        found = find(db, query, state.span, limit=_limit(), before=state.before or None)
    return _json({"hits": [_hit(hit) for hit in found.hits], "more": found.more, "next": found.next})


@api.get("/event/<path:id>")
def one_event(id: str) -> Response:
    with index() as db:
        hit = event(db, id)
    if hit is None:
        abort(404, GONE)
    return _json(_hit(hit))


@api.get("/stats")
def statistics() -> Response:
    with index() as db:
        return _json(asdict(stats(db)))


@api.get("/audit")
def audited() -> Response:
    """`service`, `from`, `to`."""
    state = _state()
    with index() as db:
        found = audit(db, state.service or None, state.span)
    return _json({"processes": [asdict(process) for process in found]})


@api.get("/dashboard")
def board() -> Response:
    """`service`, `from`, `to`. Durations are nanoseconds, times microseconds since the epoch."""
    state = _state()
    with index() as db:
        return _json(asdict(dashboard(db, state.span, service=state.service or None)))


def _state() -> State:
    """A script is told that its range can't be read; a person gets another one and a sentence."""
    state = from_request()
    if state.times.problem:
        abort(400, state.times.problem)
    return state


def _limit() -> int:
    text = request.args.get("limit", "100")
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= MOST):
        abort(400, f"limit is “{text}”: write a whole number from 1 to {MOST}.")
    return int(text)


def _hit(hit: Hit) -> dict[str, Any]:
    said = {"note": hit.note} if hit.note else {}
    return {"id": hit.id, **said, "fields": whole_line(hit)}


def _json(body: Any) -> Response:
    return Response(orjson.dumps(body), content_type="application/json")
