"""A Flask service. What is its own is in service.py and config.py; what every service has, here."""

from flask import Flask

from project.api.utils import errors
from project.config import Settings


def create_app(settings: Settings | None = None) -> Flask:
    """The application; `settings` default to the environment's."""
    app = Flask(__name__)
    errors.setup(app)  # first: what fails below is reported, too
    from project import api, service  # noqa: PLC0415 - the log formatter lives in this package and needs none of the rest
    from project.api.utils.request_ids import RequestIds  # noqa: PLC0415

    settings = settings or Settings.from_environment()
    app.json.sort_keys = False  # type: ignore[attr-defined]  # fields stand in the order of the schema
    app.config["MAX_CONTENT_LENGTH"] = 64 * 1024  # bytes of a request body
    app.config["SETTINGS"] = settings
    service.register(app, api.set_up(app, settings), settings)
    app.wsgi_app = RequestIds(app.wsgi_app)  # type: ignore[method-assign]
    return app
