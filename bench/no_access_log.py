"""gunicorn_config.py without an access log, which no variable can say."""

from gunicorn_config import *  # noqa: F403

accesslog = None  # type: ignore[assignment]
