"""Counts by time slot, so that a day's histogram reads thousands of rows and not millions."""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Iterable
from functools import lru_cache

# kind     a         b
LEVEL = 1  # level     -
STATUS = 2  # status    -
LATENCY = 3  # bucket    -
LOGGER = 4  # logger    level
ROUTE = 5  # route     bucket

COARSE = 600  # every kind is kept by ten minutes as well, for long spans
FINE = {LEVEL: 10, STATUS: 60, LATENCY: 60, LOGGER: 60, ROUTE: 60}  # seconds

Counts = defaultdict[tuple[int, int, int, int, int, int], int]  # kind, width, slot, service, a, b

_STEP = math.log(1.15)  # a bucket reaches 15 % further than the one before: its middle is within 7.5 % of all in it
_VARIABLE = re.compile(
    r"\d+|[0-9a-f]{8,}(?:-[0-9a-f]{4,})*|[^/]*\d[^/]{16,}|[^/]{40,}|[^/]*[^\w.~@:+-][^/]*", re.IGNORECASE
)


def bucket(duration_ns: int) -> int:
    """The latency bucket of a duration; 0 holds all below a microsecond."""
    return int(math.log(duration_ns / 1000) / _STEP) + 1 if duration_ns >= 1000 else 0


def middle(bucket_: int) -> int:
    """A duration that stands for all of a bucket, in nanoseconds."""
    return round(1000 * math.exp((bucket_ - 0.5) * _STEP)) if bucket_ else 500


def percentile(counts: Iterable[tuple[int, int]], share: float) -> int | None:
    """The duration in nanoseconds that `share` (0 … 1) of all don't exceed; None without counts.
    `counts` are (bucket, count)."""
    ordered = sorted(counts)
    rank = share * sum(n for _, n in ordered)
    seen = 0
    for bucket_, n in ordered:
        seen += n
        if seen >= rank:
            return middle(bucket_)
    return None


@lru_cache(maxsize=8192)
def route(path: str) -> str:
    """A path with its variable parts replaced, so that all requests of one handler count together:
    `/orders/4711/items` is `/orders/{id}/items`. What looks like a number, an identifier or free text is variable."""
    return "/".join(["{id}" if part and _VARIABLE.fullmatch(part) else part for part in path.split("/", 12)[:12]])


class Tally:
    """The counts of one transaction. Lines are first counted by all that the kinds need together, which is cheaper than
    once for each kind."""

    def __init__(self) -> None:
        self._lines: defaultdict[tuple[int, int, int, int, int], int] = defaultdict(int)
        self._requests: defaultdict[tuple[int, int, int, int], int] = defaultdict(int)

    def add_line(self, time_us: int, service: int, level: int | None, logger: int | None, status: int | None) -> None:
        self._lines[time_us // 10_000_000, service, level or 0, logger or 0, -1 if status is None else status] += 1

    def add_request(self, time_us: int, service: int, route: int, duration_ns: int) -> None:
        """A line with a duration; `route` is 0 when it has no path."""
        self._requests[time_us // 60_000_000, service, route, bucket(duration_ns)] += 1

    def counts(self) -> Counts:
        """By kind: the fine slots and the coarse ones."""
        fine: Counts = defaultdict(int)
        for (slot, service, level, logger, status), n in self._lines.items():
            fine[LEVEL, 10, slot, service, level, 0] += n
            if logger:
                fine[LOGGER, 60, slot // 6, service, logger, level] += n
            if status >= 0:
                fine[STATUS, 60, slot // 6, service, status, 0] += n
        for (slot, service, route, bucket_), n in self._requests.items():
            fine[LATENCY, 60, slot, service, bucket_, 0] += n
            if route:
                fine[ROUTE, 60, slot, service, route, bucket_] += n
        coarse: Counts = defaultdict(int)
        for (kind, width, slot, service, a, b), n in fine.items():
            coarse[kind, COARSE, slot * width // COARSE, service, a, b] += n
        fine.update(coarse)
        return fine
