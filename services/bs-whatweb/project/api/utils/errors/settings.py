"""Where error events go and what they say: read from the environment in this one place."""

import os
import re
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

CLIENTS = ("sentry", "raven")
_DSN = re.compile(r"https?://[^/@\s]+@[^/@\s]+/(?:\S*/)?\d+")


class ErrorSettingsError(ValueError):
    """A variable that can't be used; the message says which and what to write."""


@dataclass(frozen=True)
class ErrorSettings:
    dsn: str = ""  # SENTRY_DSN; empty: nothing is reported
    client: str = "sentry"  # ERROR_CLIENT
    send_bodies: bool = False  # SENTRY_SEND_BODIES: request bodies, redacted, up to 10 kB
    event_url: str = ""  # ERROR_EVENT_URL: an event's page, with {uuid} (Bugsink) or {id} (Sentry, without dashes)
    logs_url: str = ""  # LOGDESK_URL: the log search; on the event, as a link to its lines
    service: str = "python"  # SERVICE_NAME
    version: str = "0"  # SERVICE_VERSION
    environment: str = "development"  # SERVICE_ENVIRONMENT
    server_name: str = field(default_factory=socket.gethostname)

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] = os.environ) -> "ErrorSettings":
        """Raises ErrorSettingsError."""
        client = environ.get("ERROR_CLIENT") or cls.client
        if client not in CLIENTS:
            raise ErrorSettingsError(f"ERROR_CLIENT={client!r}: write one of {', '.join(CLIENTS)}.")
        dsn = environ.get("SENTRY_DSN", "").strip()
        if dsn and not _DSN.fullmatch(dsn):  # not shown: it has a key in it
            raise ErrorSettingsError("SENTRY_DSN is no DSN: write the project's, e.g. http://KEY@127.0.0.1:8000/1.")
        event_url = environ.get("ERROR_EVENT_URL", "")
        if event_url and not ("{uuid}" in event_url or "{id}" in event_url):
            raise ErrorSettingsError(
                f"ERROR_EVENT_URL={event_url!r}: it must say where the event's id stands, "
                "e.g. http://127.0.0.1:8000/issues/event/{uuid}/ for Bugsink."
            )
        return cls(
            dsn=dsn,
            client=client,
            send_bodies=environ.get("SENTRY_SEND_BODIES", "").lower() in ("1", "true", "yes", "on"),
            event_url=event_url,
            logs_url=environ.get("LOGDESK_URL", "").rstrip("/"),
            service=environ.get("SERVICE_NAME") or cls.service,
            version=environ.get("SERVICE_VERSION") or cls.version,
            environment=environ.get("SERVICE_ENVIRONMENT") or cls.environment,
        )

    @property
    def release(self) -> str:
        return f"{self.service}@{self.version}"

    def page_of(self, event_id: str) -> str:
        """The address of an event's page; empty when ERROR_EVENT_URL isn't set."""
        return self.event_url.replace("{uuid}", str(UUID(event_id))).replace("{id}", event_id)
