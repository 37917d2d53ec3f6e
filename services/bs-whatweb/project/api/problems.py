"""Errors as problem details (RFC 9457), all of them: ours, Flask's, and what validation finds."""

from typing import Any

import marshmallow as ma
from flask import Response, current_app, request
from flask_smorest import Api
from werkzeug.exceptions import HTTPException, InternalServerError

from project.api.utils import access

MEDIA_TYPE = "application/problem+json"
_KEPT_HEADERS = {"allow", "retry-after", "www-authenticate"}


class ProblemSchema(ma.Schema):
    """Problem details, https://www.rfc-editor.org/rfc/rfc9457"""

    type = ma.fields.String(required=True, metadata={"description": "Names the kind of problem; stable"})
    title = ma.fields.String(required=True)
    status = ma.fields.Integer(required=True)
    detail = ma.fields.String(metadata={"description": "What is wrong and what to do next"})
    instance = ma.fields.String(metadata={"description": "The path that was asked for"})
    errors = ma.fields.Dict(metadata={"description": "Messages by place and field, for input that isn't valid"})
    request_id = ma.fields.String(required=True, metadata={"description": "Find the log lines with it"})
    trace_id = ma.fields.String(required=True)


def problem(status: int, kind: str, title: str, detail: str, **more: Any) -> Response:
    """An answer. `kind` is a stable slug for programs, `detail` a sentence for people."""
    body = {
        "type": f"urn:problem:{kind}",
        "title": title,
        "status": status,
        "detail": detail,
        "instance": request.path,
        **more,
        "request_id": request.environ.get(access.REQUEST_ID, ""),
        "trace_id": request.environ.get(access.TRACE_ID, ""),
    }
    return Response(current_app.json.dumps(body), status, mimetype=MEDIA_TYPE)


class ProblemApi(Api):
    """flask-smorest's Api, whose errors are problem details in the answers and in the document."""

    ERROR_SCHEMA = ProblemSchema
    DEFAULT_RESPONSE_CONTENT_TYPE = MEDIA_TYPE  # of the errors it documents; the blueprints name their own

    def handle_http_exception(self, error: HTTPException) -> Response:
        return http_problem(error)


def http_problem(error: HTTPException) -> Response:
    """Flask hands over every HTTPException, and an InternalServerError for an exception that nobody caught."""
    status = error.code or 500
    detail = error.description or error.name
    more = {}
    if isinstance(error, InternalServerError):
        detail = "Something failed on our side. Its log lines and its error event carry this request's id."
    elif messages := (getattr(error, "data", None) or {}).get("messages"):
        # From webargs: where, which field, what is wrong with it.
        detail = "The input is not valid: see errors."
        more["errors"] = messages
    response = problem(status, error.name.lower().replace(" ", "-"), error.name, detail, **more)
    for name, value in error.get_headers():
        if name.lower() in _KEPT_HEADERS:
            response.headers[name] = value
    return response
