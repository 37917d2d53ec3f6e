"""Reading rollups: the coarse ones for the length of a span, the fine ones for its ends."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from .reader import Shard
from .rollups import COARSE, FINE

SECOND = 1_000_000
_COARSE = COARSE * SECOND


class Counted(NamedTuple):
    """`start_us` is the bucket's; a and b are as rollups.py says."""

    start_us: int
    service: str
    a: int
    b: int
    n: int


def read(shard: Shard, kind: int, low_us: int, high_us: int, step_us: int = 0) -> Iterator[Counted]:
    """Counts of all slots that begin in [low, high), by buckets of `step_us`; 0 is one bucket, that begins at 0.
    `step_us` is a multiple of the fine slot."""
    for width, low, high in _ranges(FINE[kind], low_us, high_us, step_us):
        sql = (
            "SELECT slot * ?1 / ?2 * ?2, service, a, b, sum(n) FROM rollup"
            " WHERE kind = ?3 AND width = ?4 AND slot >= ?5 AND slot < ?6 GROUP BY 1, 2, 3, 4"
        )
        us = width * SECOND
        parameters = (us, step_us or 1 << 62, kind, width, -(-low // us), -(-high // us))
        for start, service, a, b, n in shard.rows(sql, parameters):
            yield Counted(start, shard.text(service), a, b, n)


def _ranges(fine: int, low: int, high: int, step_us: int) -> list[tuple[int, int, int]]:
    """(width, low, high) that together cover the whole."""
    first, last = -(-low // _COARSE) * _COARSE, high // _COARSE * _COARSE
    if first >= last or step_us % _COARSE:
        return [(fine, low, high)]
    return [(fine, low, first), (COARSE, first, last), (fine, last, high)]
