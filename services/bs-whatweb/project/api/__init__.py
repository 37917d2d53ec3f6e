"""The HTTP API: blueprints, their OpenAPI document, and errors as problem details."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:  # project.api.utils is usable without Flask
    from flask import Flask

    from project.api.problems import ProblemApi
    from project.environment import ServiceSettings


def set_up(app: "Flask", settings: "ServiceSettings") -> "ProblemApi":
    """What every service's API has; the service's own blueprints are registered with what this returns."""
    from project.api import health  # noqa: PLC0415
    from project.api.problems import ProblemApi  # noqa: PLC0415

    app.config.update(
        API_TITLE=settings.service_name,
        API_VERSION=settings.service_version,
        OPENAPI_VERSION="3.1.0",
        OPENAPI_URL_PREFIX="/",
        OPENAPI_JSON_PATH="openapi.json",
    )
    api = ProblemApi(app)
    api.register_blueprint(health.blueprint)
    return api
