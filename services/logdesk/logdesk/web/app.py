"""The Flask application."""

from __future__ import annotations

from flask import Flask
from jinja2 import StrictUndefined

from ..settings import Settings
from . import text
from .api import api
from .errors import answer_errors
from .export import export
from .pages import pages
from .security import protect


def create_app(settings: Settings) -> Flask:
    app = Flask(__name__)
    app.config["LOGDESK"] = settings
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True, "undefined": StrictUndefined}
    for show in (text.visible, text.clock, text.day, text.duration, text.number, text.size, text.level_class):
        app.add_template_filter(show)
    protect(app, settings)
    answer_errors(app)
    app.register_blueprint(pages)
    app.register_blueprint(export)
    app.register_blueprint(api)
    return app
