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

COARSE = 3600  # every kind is kept by the hour as well, for long spans
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


def coarse(counts: Counts) -> Counts:
    """The same counts by the hour."""
    sums: Counts = defaultdict(int)
    for (kind, width, slot, service, a, b), n in counts.items():
        sums[kind, COARSE, slot * width // COARSE, service, a, b] += n
    return sums
