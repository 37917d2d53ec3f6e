"""ASGI middleware: each request's ids on its lines and its answer, and an access line with gunicorn's fields.

uvicorn's own access line knows neither duration nor size, nor who called with what.
"""

import logging
import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from jsonlog import access, context, request_ids

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

log = logging.getLogger("asgi.access")
# gunicorn's atoms: https://docs.gunicorn.org/en/stable/settings.html#access-log-format
FORMAT = (
    '{"client.address": "%(h)s", "http.request.method": "%(m)s", "url.path": "%(U)s", "url.query": "%(q)s", '
    '"http.version": "%(H)s", "http.response.status_code": "%(s)s", "http.response.body.bytes": "%(B)s", '
    '"event.duration": "%(D)s000", "http.request.mime_type": "%({content-type}i)s", '
    '"http.request.body.bytes": "%({content-length}i)s", "http.request.referrer": "%(f)s", '
    '"user_agent.original": "%(a)s"}'
)


class RequestLog:
    def __init__(self, app: App) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        started = time.perf_counter_ns()
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        request_id = request_ids.request_id_of(headers.get("x-request-id", ""))
        trace_id, flags = request_ids.trace_of(headers.get("traceparent", ""))
        # Never unbound: a request is a task of its own, and its context ends with it. uvicorn logs an exception
        # after it has left this function.
        context.bind({"trace.id": trace_id, "http.request.id": request_id})
        status, size = 500, 0  # what uvicorn answers when the application doesn't

        async def counting(message: Any) -> None:
            nonlocal status, size
            if message["type"] == "http.response.start":
                status = message["status"]
                ours = request_ids.answered(request_id, trace_id, flags)
                message["headers"] = [*message.get("headers", ()), *((a.encode(), b.encode()) for a, b in ours)]
            size += len(message.get("body", b""))
            await send(message)

        try:
            await self.app(scope, receive, counting)
        finally:
            ids = {access.REQUEST_ATOM: request_id, access.TRACE_ATOM: trace_id}
            duration = (time.perf_counter_ns() - started) // 1000
            log.info(FORMAT, _atoms(scope, headers) | ids | {"s": status, "B": size, "D": duration})


def _atoms(scope: Scope, headers: dict[str, str]) -> dict[str, Any]:
    """As gunicorn makes them: text is Latin-1, with a backslash before each quote."""
    texts = {
        "h": scope["client"][0] if scope["client"] else "-",
        "m": scope["method"],
        "U": scope["path"].encode(errors="replace").decode("latin-1"),
        "q": scope["query_string"].decode("latin-1"),
        "H": f"HTTP/{scope['http_version']}",
        "f": headers.get("referer", "-"),
        "a": headers.get("user-agent", "-"),
        **{f"{{{name}}}i": value for name, value in headers.items()},
    }
    return {atom: text.replace('"', '\\"') for atom, text in texts.items()}
