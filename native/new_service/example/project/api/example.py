"""`/api/v1/example`: how an endpoint is made. Write yours beside it, then remove it here and in service.py."""

import logging

import marshmallow as ma
from flask import current_app

from project.api.blueprint import Blueprint

log = logging.getLogger(__name__)

blueprint = Blueprint("example", __name__, url_prefix="/api/v1", description="An endpoint to start from")


class VisitorSchema(ma.Schema):
    """Whom to greet"""

    name = ma.fields.String(required=True, validate=ma.validate.Length(1, 80), metadata={"example": "Ann"})


class GreetingSchema(ma.Schema):
    message = ma.fields.String(required=True)


@blueprint.route("/example")
@blueprint.arguments(VisitorSchema, location="query")
@blueprint.response(200, GreetingSchema, content_type="application/json")
def greet(visitor: dict[str, str]) -> dict[str, str]:
    """Greets a visitor by name"""
    greeting = current_app.config["SETTINGS"].greeting
    log.info("Greeted %s", visitor["name"], extra={"greeting": greeting})
    return {"message": f"{greeting}, {visitor['name']}"}
