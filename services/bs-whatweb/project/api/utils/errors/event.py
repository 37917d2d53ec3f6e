"""The last step of every event, whichever client made it: the request's ids, the way to its lines, no secrets."""

import secrets
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from .. import context, encode, redact
from .settings import ErrorSettings

AROUND = timedelta(hours=1)  # of the log search's range: without one, it shows the last 15 minutes

Event = dict[str, Any]


def finish(event: Event, settings: ErrorSettings) -> Event:
    """`event` as it may leave the process. Call it in the context of the failure: its ids are context variables."""
    _drop_unredactable(event, settings.send_bodies)
    event = scrub(event)
    # Two services may share a project, and trackers group by type and message: the other's known issue would hide ours.
    event.setdefault("fingerprint", ["{{ default }}", settings.service])
    fields = context.current().fields
    request_id, trace_id = fields.get("http.request.id", ""), fields.get("trace.id", "")
    contexts = event.setdefault("contexts", {})
    if request_id:
        event["tags"] = {**event.get("tags", {}), "request_id": request_id, "trace_id": trace_id}
    if trace_id:
        # The client made a trace of its own: it doesn't know `traceparent`.
        trace = contexts.setdefault("trace", {})
        trace["trace_id"] = trace_id
        trace.setdefault("span_id", secrets.token_hex(8))
        if "dynamic_sampling_context" in trace:
            trace["dynamic_sampling_context"]["trace_id"] = trace_id
    if settings.logs_url:
        query = f"request:{request_id}" if request_id else f"error.id:{event['event_id']}"
        contexts["logs"] = {"url": _search(settings.logs_url, query, datetime.now(UTC))}
    return event


def scrub(value: Any, key: str = "") -> Any:
    """`value` as JSON, redacted at any depth by the rules of the log lines; `key` is the name that it stands under."""
    if key and redact.is_secret(key):
        return redact.REDACTED
    if isinstance(value, Mapping):
        return {name: scrub(item, str(name)) for name, item in value.items()}
    if isinstance(value, list | tuple):
        if len(value) == 2 and isinstance(value[0], str):  # a header or a field of a form
            return [scrub(value[0]), scrub(value[1], value[0])]
        return [scrub(item) for item in value]
    if isinstance(value, bytes):  # a body
        value = value.decode(errors="backslashreplace")
    return redact.query(value) if key == "query_string" and isinstance(value, str) else encode.clean(value)


def _drop_unredactable(event: Event, bodies: bool) -> None:
    # What is secret is known by its name, and a log call's arguments have none: log.error("token=%s", token).
    # The formatted message has them.
    for entry in ("logentry", "sentry.interfaces.Message"):
        if isinstance(event.get(entry), dict):
            event[entry].pop("params", None)
    event.pop("_meta", None)  # the client's notes on what it cut; their keys repeat the event's
    if not bodies and isinstance(event.get("request"), dict):
        event["request"].pop("data", None)


def _search(address: str, query: str, now: datetime) -> str:
    around = {"from": _instant(now - AROUND), "to": _instant(now + AROUND)}
    return f"{address}/?{urlencode({'q': query, **around}, safe=':')}"


def _instant(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
