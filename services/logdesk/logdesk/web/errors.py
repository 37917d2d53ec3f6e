"""What a person, or a script, is told when a request can't be answered."""

from __future__ import annotations

import sqlite3
from http import HTTPStatus

from flask import Flask, Response, make_response, render_template, request
from werkzeug.exceptions import HTTPException

from ..reader import IndexMissing, TooSlow
from .problems import problem


def answer_errors(app: Flask) -> None:
    @app.errorhandler(IndexMissing)
    def no_index(error: IndexMissing) -> Response:
        return _answer(503, "No index yet", str(error))

    @app.errorhandler(TooSlow)
    def too_slow(error: TooSlow) -> Response:
        return _answer(503, "That took too long", str(error))

    @app.errorhandler(sqlite3.DatabaseError)
    def unreadable(error: sqlite3.DatabaseError) -> Response:
        return _answer(503, "The index can't be read", f"{error}. If it stays so: python -m logdesk rebuild")

    @app.errorhandler(HTTPException)
    def refused(error: HTTPException) -> Response:
        status = error.code or 500
        return _answer(status, HTTPStatus(status).phrase, error.description or "")


def _answer(status: int, title: str, detail: str) -> Response:
    """Problem details for scripts, a page for people."""
    if request.path.startswith("/api/"):
        return problem(status, title, detail)
    return make_response(render_template("error.html", title=title, detail=detail), status)
