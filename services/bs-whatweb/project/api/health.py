"""Is it there, is it well: for people (`/ping`) and for whoever restarts it (`/healthz`)."""

import marshmallow as ma
from flask import current_app

from project.api.blueprint import Blueprint

blueprint = Blueprint("health", __name__, description="Is it there, is it well")


class PingSchema(ma.Schema):
    message = ma.fields.Constant("pong", required=True)


class HealthSchema(ma.Schema):
    status = ma.fields.Constant("ok", required=True)
    service = ma.fields.String(required=True)
    version = ma.fields.String(required=True)


@blueprint.route("/ping")
@blueprint.response(200, PingSchema, content_type="application/json")
def ping() -> dict[str, str]:
    """Answers pong"""
    return {"message": "pong"}


@blueprint.route("/healthz")
@blueprint.response(200, HealthSchema, content_type="application/json")
def healthz() -> dict[str, str]:
    """Answers when this worker can serve; successful checks stay out of the access log"""
    settings = current_app.config["SETTINGS"]
    return {"status": "ok", "service": settings.service_name, "version": settings.service_version}
