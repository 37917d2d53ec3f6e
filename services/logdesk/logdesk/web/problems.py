"""Errors as problem details (RFC 9457)."""

from __future__ import annotations

from http import HTTPStatus

import orjson
from flask import Response


def problem(status: int, title: str, detail: str) -> Response:
    """`title` names the kind of error, `detail` says what to do about it."""
    body = {"type": "about:blank", "title": title, "status": HTTPStatus(status).value, "detail": detail}
    return Response(orjson.dumps(body), status, content_type="application/problem+json")
