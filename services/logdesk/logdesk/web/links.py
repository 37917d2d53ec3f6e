"""Where a line leads to: its trace, its request, its error event."""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import urlsplit

from ..search import Hit
from . import terms, timerange
from .state import State

# A request, with its retries and its background work, is over within the hour; without a bound the index of
# every day would be searched.
MARGIN_US = 60 * timerange.MINUTE_US


class Link(NamedTuple):
    label: str
    url: str


def links(hit: Hit, state: State) -> list[Link]:
    """The most useful first. An error event's address is one a log line gave us: only http and https are links."""
    found = []
    around = timerange.around(hit.ts_us, MARGIN_US)
    if hit.trace_id:
        url = state.url("/", q=terms.only(("trace.id", hit.trace_id)), live="", **around)
        found.append(Link("All lines of this trace", url))
    if hit.request_id:
        url = state.url("/", q=terms.only(("http.request.id", hit.request_id)), live="", **around)
        found.append(Link("All lines of this request", url))
    event_url = hit.fields.get("labels.error_event_url")
    if isinstance(event_url, str) and _is_web_address(event_url):
        found.append(Link("Error event", event_url))
    return found


def _is_web_address(url: str) -> bool:
    """Never javascript: or data:."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.netloc)
