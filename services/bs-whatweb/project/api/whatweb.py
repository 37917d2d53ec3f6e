"""`/api/v1/whatweb`: fetch a page, say what it is made with."""

import logging
from typing import Any

import marshmallow as ma
from flask import Response, current_app
from flask.views import MethodView

from project.api.blueprint import Blueprint
from project.api.problems import problem
from project.whatweb.detect import detect
from project.whatweb.errors import FetchError
from project.whatweb.fetch import fetch

log = logging.getLogger(__name__)

blueprint = Blueprint("whatweb", __name__, url_prefix="/api/v1", description="Technologies of a web page")


class ScanSchema(ma.Schema):
    """What to scan"""

    url = ma.fields.String(
        required=True,
        metadata={"description": "http or https, a public address", "example": "https://shop.example/"},
    )


class EvidenceSchema(ma.Schema):
    where = ma.fields.String(required=True, metadata={"example": "header:Server"})
    pattern = ma.fields.String(required=True)
    matched = ma.fields.String(required=True)


class TechnologySchema(ma.Schema):
    name = ma.fields.String(required=True)
    version = ma.fields.String(required=True, allow_none=True)
    categories = ma.fields.List(ma.fields.String(), required=True)
    confidence = ma.fields.Integer(required=True, metadata={"description": "0 to 100"})
    implied_by = ma.fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "Not seen itself: follows from this technology"},
    )
    evidence = ma.fields.List(ma.fields.Nested(EvidenceSchema), required=True)


class ReportSchema(ma.Schema):
    url = ma.fields.String(required=True, metadata={"description": "The final one, after redirects"})
    status = ma.fields.Integer(required=True, metadata={"description": "The page's HTTP status"})
    redirects = ma.fields.List(ma.fields.String(), required=True)
    truncated = ma.fields.Boolean(required=True, metadata={"description": "Only the page's beginning was looked at"})
    technologies = ma.fields.List(ma.fields.Nested(TechnologySchema), required=True)


def _documented(view: Any) -> Any:
    """The answers that GET and POST share."""
    view = blueprint.response(200, ReportSchema, content_type="application/json")(view)
    for status in (403, 502, 504):
        view = blueprint.alt_response(status, response=_RESPONSES[status])(view)
    return view


_RESPONSES = {403: "FORBIDDEN", 502: "BAD_GATEWAY", 504: "GATEWAY_TIMEOUT"}


@blueprint.route("/whatweb")
class Whatweb(MethodView):
    @blueprint.arguments(ScanSchema, location="query")
    @_documented
    def get(self, query: dict[str, str]) -> Any:
        """Scans the page at a URL"""
        return scan(query["url"])

    @blueprint.arguments(ScanSchema)
    @_documented
    def post(self, body: dict[str, str]) -> Any:
        """Scans the page at a URL; for URLs that shouldn't stand in access logs on the way"""
        return scan(body["url"])


def scan(url: str) -> Any:
    settings = current_app.config["SETTINGS"]
    log.debug("Scanning %s", url)
    page = fetch(
        url,
        user_agent=f"{settings.service_name}/{settings.service_version}",
        allow_networks=settings.allow_networks,
        deadline=settings.fetch_deadline,
        max_bytes=settings.max_body,
    )
    technologies = detect(page, current_app.config["SIGNATURES"])
    log.info(
        "Scanned %s: %d technologies",
        page.url,
        len(technologies),
        extra={
            "page_status": page.status,
            "page_bytes": len(page.body),
            "technologies": [t.name for t in technologies],
        },
    )
    return {
        "url": page.url,
        "status": page.status,
        "redirects": page.redirects,
        "truncated": page.truncated,
        "technologies": technologies,
    }


@blueprint.app_errorhandler(FetchError)
def fetch_problem(error: FetchError) -> Response:
    log.warning("Scan refused: %s", error.detail, extra={"problem": error.kind})
    return problem(error.status, error.kind, error.kind.replace("-", " ").capitalize(), error.detail)
