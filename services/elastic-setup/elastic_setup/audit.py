"""Which lines Elasticsearch doesn't have: the question of `logdesk audit`, from the numbers the lines carry.

All processes are paged through, in slices of SLICE numbers. A slice that has every number from its lowest to its
highest needs no second look; of the others each number is listed.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from .errors import SetupError
from .server import Server

SLICE = 1000
_PAGE = 1000  # buckets of one answer; each has six more below it, and Elasticsearch allows 65 535 in all
_DAY_MS = 24 * 60 * 60 * 1000
_SILENT_MS = 15 * 60 * 1000  # a process without a last line that was silent for so long is taken to be dead
_NUMBER = "event.sequence"

_Key = tuple[str | None, str]  # service, entity id


@dataclass(slots=True)
class Process:
    """One process start, as logdesk's audit has it. `received` counts numbers, `duplicates` the documents beyond one
    for each; `missing` are ranges with both ends included. What is missing after `last` is known only if it `ended`
    cleanly."""

    service: str
    entity_id: str
    host: str = ""
    pid: int | None = None
    last: int = 0
    received: int = 0
    missing: list[tuple[int, int]] = field(default_factory=list)
    duplicates: int = 0
    first_ms: int = 0
    last_ms: int = 0
    ended: str = "running"

    @property
    def missing_count(self) -> int:
        return sum(high - low + 1 for low, high in self.missing)


def audit(server: Server, keep_days: int) -> list[Process]:
    """All processes, most recent first.

    The lowest numbers of a process that is older than `keep_days` are gone with the days that were deleted: they don't
    count as missing. An index has lines of one day, hence a day less.
    """
    now_ms = time.time_ns() // 1_000_000
    slices: dict[_Key, list[dict[str, Any]]] = {}
    for bucket in _slices(server):
        slices.setdefault((bucket["key"]["service"], bucket["key"]["process"]), []).append(bucket)
    found = []
    for key, buckets in slices.items():
        process = _process(server, key, buckets)
        if process.first_ms <= now_ms - (keep_days - 1) * _DAY_MS and process.missing and process.missing[0][0] == 1:
            del process.missing[0]
        if process.ended != "cleanly" and process.last_ms < now_ms - _SILENT_MS:
            process.ended = "cut"
        if process.received:  # else its index was deleted meanwhile
            found.append(process)
    return sorted(found, key=lambda one: (one.last_ms, one.entity_id), reverse=True)


def kept_as_text(server: Server) -> int:
    """Lines that Filebeat couldn't decode or Elasticsearch refused: they lack what syslog puts on every line. What
    number one has is not known, so it is missing in the audit as well."""
    query = {"bool": {"must_not": {"exists": {"field": "event.ingested"}}}}
    return int(server.call("POST", "/logs-*/_count", {"query": query})["count"])


def _process(server: Server, key: _Key, buckets: list[dict[str, Any]]) -> Process:
    process = Process(key[0] or "-", key[1])
    numbers: list[tuple[int, int]] = []
    for bucket in buckets:
        low, high, distinct = (int(bucket[name]["value"]) for name in ("low", "high", "distinct"))
        # Distinct values are estimated, but never too high for so few: equal means that all are there.
        if distinct == high - low + 1:
            numbers.append((low, high))
            process.duplicates += bucket["doc_count"] - distinct
            continue
        for number, documents in _listed(server, key, low, high):
            numbers.append((number, number))
            process.duplicates += documents - 1
    process.host = _common(buckets, "host") or ""
    process.pid = _common(buckets, "pid")
    process.first_ms = min(int(bucket["first_seen"]["value"]) for bucket in buckets)
    process.last_ms = max(int(bucket["last_seen"]["value"]) for bucket in buckets)
    if any(bucket["end"]["doc_count"] for bucket in buckets):
        process.ended = "cleanly"
    process.received = sum(high - low + 1 for low, high in numbers)
    at = 1
    for low, high in numbers:
        if low > at:
            process.missing.append((at, low - 1))
        at = high + 1
    process.last = at - 1
    return process


def _common(buckets: list[dict[str, Any]], name: str) -> Any:
    return next((bucket[name]["buckets"][0]["key"] for bucket in buckets if bucket[name]["buckets"]), None)


def _slices(server: Server) -> Iterator[dict[str, Any]]:
    """In the order of service, process and number."""
    return _pages(
        server,
        [{"exists": {"field": "process.entity_id"}}, {"range": {_NUMBER: {"gte": 1}}}],
        [
            {"service": {"terms": {"field": "service.name", "missing_bucket": True}}},
            {"process": {"terms": {"field": "process.entity_id"}}},
            {"slice": {"histogram": {"field": _NUMBER, "interval": SLICE}}},
        ],
        {
            "low": {"min": {"field": _NUMBER}},
            "high": {"max": {"field": _NUMBER}},
            "distinct": {"cardinality": {"field": _NUMBER, "precision_threshold": 2 * SLICE}},
            "first_seen": {"min": {"field": "@timestamp"}},
            "last_seen": {"max": {"field": "@timestamp"}},
            "end": {"filter": {"term": {"event.action": "log-end"}}},
            "host": {"terms": {"field": "host.hostname", "size": 1}},
            "pid": {"terms": {"field": "process.pid", "size": 1}},
        },
    )


def _listed(server: Server, key: _Key, low: int, high: int) -> Iterator[tuple[int, int]]:
    """Each number there is, in order, and in how many documents it is."""
    service, entity_id = key
    named = (
        {"term": {"service.name": service}}
        if service
        else {"bool": {"must_not": {"exists": {"field": "service.name"}}}}
    )
    filters = [named, {"term": {"process.entity_id": entity_id}}, {"range": {_NUMBER: {"gte": low, "lte": high}}}]
    for bucket in _pages(server, filters, [{"number": {"terms": {"field": _NUMBER}}}], {}):
        yield int(bucket["key"]["number"]), bucket["doc_count"]


def _pages(
    server: Server, filters: list[dict[str, Any]], sources: list[dict[str, Any]], below: dict[str, Any]
) -> Iterator[dict[str, Any]]:
    """All buckets of a composite aggregation. An answer that lacks a shard is no answer: it would look like loss."""
    composite: dict[str, Any] = {"size": _PAGE, "sources": sources}
    body = {
        "size": 0,
        "track_total_hits": False,
        "query": {"bool": {"filter": filters}},
        "aggs": {"pages": {"composite": composite, "aggs": below}},
    }
    while True:
        answer = server.call("POST", "/logs-*/_search?allow_partial_search_results=false", body)
        if answer["timed_out"] or answer["_shards"]["failed"]:
            raise SetupError(f"Elasticsearch answered for a part of the data only ({answer['_shards']}): try again.")
        page = answer.get("aggregations", {}).get("pages", {})  # none at all when there is no index
        yield from page.get("buckets", [])
        if "after_key" not in page:
            return
        composite["after"] = page["after_key"]
