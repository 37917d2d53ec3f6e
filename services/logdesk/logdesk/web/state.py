"""The whole state of a page is in its URL; every link is that state with one thing changed."""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import urlencode

from flask import request

from ..reader import Span
from . import timerange
from .timerange import TimeRange


@dataclass(frozen=True, slots=True)
class State:
    """`before` is the cursor of the page, `opened` the id of the row shown with all its fields."""

    times: TimeRange
    query: str = ""
    service: str = ""
    before: str = ""
    opened: str = ""
    live: bool = False

    @property
    def span(self) -> Span:
        return self.times.span

    @property
    def wider(self) -> dict[str, str]:
        """The parameters of twice the range (zoom out)."""
        return timerange.wider(self.span, time.time_ns() // 1000)

    def url(self, path: str, **changes: str) -> str:
        """`path` with this state's parameters; `changes` by their names in the URL (q, from, to, service,
        before, open, live), "" to leave one out. Another query or range starts at its newest line."""
        params = {
            "q": self.query,
            "from": self.times.start,
            "to": self.times.end,
            "service": self.service,
            "live": "1" if self.live else "",
        }
        if not changes.keys() & {"q", "from", "to", "service"}:
            params |= {"before": self.before, "open": self.opened}
        params |= changes
        kept = [_pair(*pair) for pair in params.items() if pair[1] and pair not in _DEFAULTS]
        return f"{request.script_root}{path}" + (f"?{'&'.join(kept)}" if kept else "")


@lru_cache(maxsize=1024)  # hundreds of links of a page share the query and the range
def _pair(name: str, value: str) -> str:
    return urlencode({name: value})


_DEFAULTS = {("from", timerange.DEFAULT_FROM), ("to", "now")}


def from_request() -> State:
    """Never raises; `times.problem` says what can't be read."""
    args = request.args
    times = timerange.parse(args.get("from"), args.get("to"))
    before = args.get("before", "")
    return State(
        times=times,
        query=args.get("q", "").strip(),
        service=args.get("service", ""),
        before=before,
        opened=args.get("open", ""),
        # Nothing new can appear in a range that ends in the past, or on a page of older lines.
        live=args.get("live") == "1" and times.follows_now and not before,
    )
