"""Every request has two ids, on its log lines, its answer and its error events: the request's and the trace's."""

import re
import secrets
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from . import access, context

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
Application = Callable[[Environ, StartResponse], Iterable[bytes]]

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,128}")
# https://www.w3.org/TR/trace-context/#traceparent-header; a later version may append fields.
_TRACEPARENT = re.compile(r"(?!ff)([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?")


class RequestIds:
    """WSGI middleware: takes the ids from the caller when they are sane, else makes them; binds them to the log
    lines of the request, leaves them in the environ for the access line, and sends them back.

    X-Request-ID carries the request's id. The trace's id comes in `traceparent` (W3C) and returns in
    `traceresponse` (W3C Trace Context Level 2).
    """

    def __init__(self, application: Application) -> None:
        self.application = application

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        request_id = request_id_of(environ.get("HTTP_X_REQUEST_ID", ""))
        trace_id, flags = trace_of(environ.get("HTTP_TRACEPARENT", ""))
        environ[access.REQUEST_ID] = request_id
        environ[access.TRACE_ID] = trace_id
        ours = answered(request_id, trace_id, flags)

        def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            return start_response(status, headers + ours, *rest)

        token = context.bind({"trace.id": trace_id, "http.request.id": request_id})
        try:
            return _Closing(self.application(environ, start), lambda: context.unbind(token))
        except BaseException:
            context.unbind(token)
            raise


def answered(request_id: str, trace_id: str, flags: str) -> list[tuple[str, str]]:
    """The headers that tell the caller."""
    return [("X-Request-ID", request_id), ("traceresponse", f"00-{trace_id}-{secrets.token_hex(8)}-{flags}")]


def request_id_of(header: str) -> str:
    """The caller's request id when it is sane, else a new one."""
    return header if _REQUEST_ID.fullmatch(header) else secrets.token_hex(16)


def trace_of(header: str) -> tuple[str, str]:
    """(trace id, flags) of a `traceparent`, or of a new trace when it is absent or not valid."""
    match = _TRACEPARENT.fullmatch(header.strip())
    if match is None:
        return secrets.token_hex(16), "00"
    version, trace_id, parent_id, flags, more = match.groups()
    if int(trace_id, 16) == 0 or int(parent_id, 16) == 0 or (version == "00" and more):
        return secrets.token_hex(16), "00"
    return trace_id, flags


class _Closing:
    """The answer's body; the ids stay bound while it is streamed."""

    def __init__(self, body: Iterable[bytes], unbind: Callable[[], None]) -> None:
        self.body = body
        self.unbind = unbind

    def __iter__(self) -> Iterator[bytes]:
        return iter(self.body)

    def close(self) -> None:
        try:
            if hasattr(self.body, "close"):
                self.body.close()
        finally:
            self.unbind()
