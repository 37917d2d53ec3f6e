"""The pages of logdesk: search, dashboard, audit and a JSON API, all read-only."""

from .app import create_app
from .server import serve

__all__ = ["create_app", "serve"]
