"""The service's own endpoints, and what they need. What every service has is in create_app()."""

from flask import Flask
from flask_smorest import Api

from project.api import whatweb
from project.config import Settings
from project.whatweb.signatures import load_signatures


def register(app: Flask, api: Api, settings: Settings) -> None:
    app.config["SIGNATURES"] = load_signatures(settings.signatures)
    api.register_blueprint(whatweb.blueprint)
