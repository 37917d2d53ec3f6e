"""Kibana's side: the data view, the saved searches and the dashboard."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Any

from .errors import SetupError
from .server import Server

OBJECTS = Path(__file__).parents[2] / "kibana/saved_objects.ndjson"


def set_up(server: Server) -> None:
    server.wait("/api/status", _ready)
    objects = OBJECTS.read_bytes()
    expected = len(objects.splitlines())
    answer = _import(server, objects)
    if answer.get("success") is not True or answer.get("successCount") != expected:
        reasons = [
            f"{one.get('type')} {one.get('id')}: {one.get('error', {}).get('type')}" for one in answer.get("errors", [])
        ]
        raise SetupError(
            f"Kibana imported {answer.get('successCount')} of {expected} saved objects. {'; '.join(reasons) or answer}"
        )
    print(f"Kibana has {expected} saved objects: data view, searches, dashboard.")


def _ready(status: dict[str, Any]) -> bool:
    """Kibana 8 and newer say `level`, 7 says `state`."""
    overall = status.get("status", {}).get("overall", {})
    return overall.get("level") == "available" or overall.get("state") in ("green", "yellow")


def _import(server: Server, objects: bytes) -> Any:
    boundary = secrets.token_hex(16)
    head = (
        f"--{boundary}\r\n"
        'Content-Disposition: form-data; name="file"; filename="saved_objects.ndjson"\r\n'
        "Content-Type: application/ndjson\r\n\r\n"
    )
    return server.call(
        "POST",
        "/api/saved_objects/_import?overwrite=true",
        data=head.encode() + objects + f"\r\n--{boundary}--\r\n".encode(),
        # kbn-xsrf: Kibana refuses a request without it.
        headers={"Content-Type": f"multipart/form-data; boundary={boundary}", "kbn-xsrf": "true"},
    )
