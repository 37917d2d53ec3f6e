"""The failing service under a real gunicorn, with an error tracker."""

from pathlib import Path
from typing import Any

from tests.service.server import Gunicorn

ROOT = Path(__file__).parents[2]
APPS = Path(__file__).parent / "apps"


def failing(folder: Path, dsn: str, client: str = "sentry", app: str = "failing:create_app()", **env: str) -> Gunicorn:
    settings = {
        "SENTRY_DSN": dsn,
        "ERROR_CLIENT": client,
        "ERROR_EVENT_URL": "http://tracker/issues/event/{id}/",
        "LOGDESK_URL": "http://logdesk",
        "SERVICE_ENVIRONMENT": "test",
        "GUNICORN_WORKERS": "1",
        "PYTHONPATH": f"{APPS}:{ROOT}",
    }
    return Gunicorn(folder, app, **{**settings, **env})


def lines_of(server: Gunicorn, request_id: str) -> list[dict[str, Any]]:
    return [line for line in server.lines() if line.get("http.request.id") == request_id]
