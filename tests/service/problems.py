"""What an error answer must be."""

import json
from typing import Any


def problem(answer: Any, status: int, kind: str) -> dict[str, Any]:
    """The problem's fields; the answer must be one of that status and kind, with the ids of its headers."""
    assert answer.status_code == status
    assert answer.content_type == "application/problem+json"
    body: dict[str, Any] = json.loads(answer.data)
    assert body["type"] == f"urn:problem:{kind}"
    assert body["status"] == status
    assert body["request_id"] == answer.headers["X-Request-ID"]
    assert body["trace_id"] == answer.headers["traceresponse"].split("-")[1]
    return body
