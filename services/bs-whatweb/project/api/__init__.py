"""The HTTP API: blueprints, their OpenAPI document, and errors as problem details."""

from flask import Flask

from project.config import Settings


def register(app: Flask, settings: Settings) -> None:
    from project.api import health, whatweb  # noqa: PLC0415 - project.api.utils is usable without Flask
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
    api.register_blueprint(whatweb.blueprint)
