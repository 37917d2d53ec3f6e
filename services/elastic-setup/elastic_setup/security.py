"""Elasticsearch's roles and users."""

from __future__ import annotations

from typing import Any

from . import settings
from .server import Server

OFF = (
    "Security is off in this Elasticsearch: no roles or users were made, and whoever reaches it can read and delete"
    " all. Set xpack.security.enabled: true and start this again."
)
_USERS = {
    "logstash_writer": ("logs_writer", "LOGSTASH_WRITER_PASSWORD"),
    "logs_reader": ("logs_reader", "LOGS_READER_PASSWORD"),
}


def is_on(server: Server) -> bool:
    features = server.call("GET", "/_xpack?categories=features")["features"]
    return bool(features["security"]["enabled"])


def set_up(server: Server, roles: dict[str, Any]) -> None:
    passwords = {user: settings.needed_secret(variable) for user, (_, variable) in _USERS.items()}
    kibana = settings.needed_secret("KIBANA_PASSWORD")
    for name, body in roles.items():
        server.call("PUT", f"/_security/role/{name}", body)
    for user, (role, _) in _USERS.items():
        server.call("PUT", f"/_security/user/{user}", {"password": passwords[user], "roles": [role]})
    server.call("PUT", "/_security/user/kibana_system/_password", {"password": kibana})
