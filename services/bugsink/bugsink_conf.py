"""Settings of Bugsink for one machine: everything in one folder, loopback only, nothing sent anywhere.

Reference: https://www.bugsink.com/docs/settings/ and, for EMAIL_*, https://docs.djangoproject.com/en/5.2/topics/email/
"""

import os
from pathlib import Path

import state
from bugsink.settings.default import *  # noqa: F403 - how Bugsink wants it
from bugsink.settings.default import DATABASES, MIDDLEWARE, TEMPLATES

PORT = os.environ.get("BUGSINK_PORT", "8000")

SECRET_KEY = state.secret("secret-key", 50)
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "bugsink"]  # the last: its name among the containers
TIME_ZONE = "UTC"

DATABASES["default"]["NAME"] = str(state.FOLDER / "db.sqlite3")
DATABASES["snappea"]["NAME"] = str(state.FOLDER / "snappea.sqlite3")
# Tasks (digesting, mails) are done in the request that brings the event: no second process, and who sends the
# event waits for it, not a user: the clients send from the background.
SNAPPEA = {"TASK_ALWAYS_EAGER": True}

BUGSINK = {
    "BASE_URL": f"http://127.0.0.1:{PORT}",
    "SITE_TITLE": "Errors",
    "INGEST_STORE_BASE_DIR": str(state.FOLDER / "ingestion"),
    "PHONEHOME": False,
    "SINGLE_TEAM": True,
    "USER_REGISTRATION": "CB_ADMINS",
    "MAX_EMAILS_PER_HOUR": 60,
}

# Without TLS, on loopback: a browser would not send a cookie marked "secure".
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = False
MIDDLEWARE = ["log_links.LogLinks", *MIDDLEWARE]
TEMPLATES[0]["DIRS"].insert(0, Path(__file__).parent / "templates")

SERVER_EMAIL = DEFAULT_FROM_EMAIL = os.environ.get("EMAIL_FROM") or "Errors <errors@localhost>"
EMAIL_TIMEOUT = 5  # seconds; the event waits while its mail is sent
if EMAIL_HOST := os.environ.get("EMAIL_HOST", ""):
    EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    EMAIL_PORT = int(os.environ.get("EMAIL_PORT") or 25)
    EMAIL_HOST_USER = os.environ.get("EMAIL_HOST_USER", "")
    EMAIL_HOST_PASSWORD = os.environ.get("EMAIL_HOST_PASSWORD", "")
    EMAIL_USE_TLS = os.environ.get("EMAIL_USE_TLS", "") in ("1", "true", "True")
    EMAIL_USE_SSL = os.environ.get("EMAIL_USE_SSL", "") in ("1", "true", "True")
else:
    EMAIL_BACKEND = "mail_files.MailFiles"
    MAIL_FOLDER = Path(state.RUN_DIR, "mail")
