"""The fields that every line of one request (or task) carries: `trace.id`, `http.request.id`.

A context variable, so threads, greenlets and asyncio tasks each see their own.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar, Token
from typing import NamedTuple

import orjson


class Context(NamedTuple):
    fields: Mapping[str, str]
    encoded: str  # `,"trace.id":"…"`: encoded once a request, not once a line


EMPTY = Context({}, "")
_current: ContextVar[Context] = ContextVar("log_context", default=EMPTY)
current = _current.get


def encode(fields: Mapping[str, str]) -> Context:
    """`fields` (ECS name → value) with their JSON, as the formatter splices it into a line."""
    return Context(fields, "," + orjson.dumps(fields)[1:-1].decode() if fields else "")


def bind(fields: Mapping[str, str]) -> Token[Context]:
    """Adds `fields` to every line logged from here on; `unbind` with the returned token ends it."""
    return _current.set(encode({**_current.get().fields, **fields}))


def unbind(token: Token[Context]) -> None:
    _current.reset(token)


@contextmanager
def bound(fields: Mapping[str, str]) -> Iterator[None]:
    """`with bound({"trace.id": …}):` for scripts and task queues."""
    token = bind(fields)
    try:
        yield
    finally:
        unbind(token)
