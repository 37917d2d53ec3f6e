import os
import secrets

SECRET_KEY = os.environ.get("SECRET_KEY") or secrets.token_urlsafe(50)  # set one as soon as there are sessions
DEBUG = os.environ.get("DEBUG") == "on"
ALLOWED_HOSTS = ["127.0.0.1", "localhost"]
ROOT_URLCONF = "shop.urls"
WSGI_APPLICATION = "shop.wsgi.application"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "jsonlog.logger.JSONFormatter"}},
    "handlers": {"stderr": {"class": "jsonlog.handlers.StreamLineHandler", "formatter": "json"}},
    "root": {"handlers": ["stderr"], "level": "INFO"},
    "loggers": {
        # Named so that handlers of their own go: Django's writes text, gunicorn's two don't pass records on to root.
        "django": {"level": "INFO"},
        "gunicorn.access": {"level": "INFO", "handlers": ["stderr"], "propagate": False},
        "gunicorn.error": {"level": "INFO", "handlers": ["stderr"], "propagate": False},
    },
}
