"""The Flask application."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from pathlib import Path

from flask import Flask
from jinja2 import StrictUndefined

from ..settings import Settings
from . import text
from .api import api
from .errors import answer_errors
from .export import export
from .pages import pages
from .rows import failure
from .security import protect

STATIC = Path(__file__).with_name("static")


def create_app(settings: Settings) -> Flask:
    # Its name changes with its content: a browser keeps the file for good and never asks for it again.
    app = Flask(__name__, static_url_path=f"/static/{_version(STATIC)}")
    app.config["SEND_FILE_MAX_AGE_DEFAULT"] = timedelta(days=365)
    app.config["LOGDESK"] = settings
    app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True, "undefined": StrictUndefined}
    for show in (text.visible, text.clock, text.day, text.duration, text.number, text.size, text.level_class, failure):
        app.add_template_filter(show)
    protect(app, settings)
    answer_errors(app)
    app.register_blueprint(pages)
    app.register_blueprint(export)
    app.register_blueprint(api)
    return app


def _version(folder: Path) -> str:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()[:12]
