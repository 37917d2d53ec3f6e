"""The service's own endpoints, and what they need. What every service has is in create_app()."""

from flask import Flask
from flask_smorest import Api

from .api import example
from .config import Settings


def register(app: Flask, api: Api, settings: Settings) -> None:
    api.register_blueprint(example.blueprint)
