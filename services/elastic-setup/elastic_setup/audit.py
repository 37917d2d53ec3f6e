"""Which lines Elasticsearch doesn't have: the question of `logdesk audit`, from the numbers the lines carry.

All processes are paged through, in slices of SLICE numbers. A slice that has every number from its lowest to its
highest needs no second look; of the others each number is listed.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

from logdesk.process_audit import SILENT_US, ProcessAudit

from .errors import SetupError
from .server import Server

SLICE = 1000
_PAGE = 1000  # buckets of one answer; each has six more below it, and Elasticsearch allows 65 535 in all
_DAY_US = 24 * 60 * 60 * 1_000_000
_NUMBER = "event.sequence"

_Key = tuple[str | None, str]  # service, entity id


def audit(server: Server, keep_days: int) -> list[ProcessAudit]:
    """All processes, most recent first.

    The lowest numbers of a process that is older than `keep_days` are gone with the days that were deleted: they don't
    count as missing. An index has lines of one day, hence a day less.
    """
    now_us = time.time_ns() // 1000
    slices: dict[_Key, list[dict[str, Any]]] = {}
    for bucket in _slices(server):
        slices.setdefault((bucket["key"]["service"], bucket["key"]["process"]), []).append(bucket)
    found = [
        _process(key, buckets, _numbers(server, key, buckets), now_us, now_us - (keep_days - 1) * _DAY_US)
        for key, buckets in slices.items()
    ]
    # One that has no line any more lost its index meanwhile.
    return sorted((one for one in found if one.received), key=lambda one: (one.last_us, one.entity_id), reverse=True)


def kept_as_text(server: Server) -> int:
    """Lines that Filebeat couldn't decode or Elasticsearch refused: they lack what syslog puts on every line. What
    number one has is not known, so it is missing in the audit as well."""
    query = {"bool": {"must_not": {"exists": {"field": "event.ingested"}}}}
    return int(server.call("POST", "/logs-*/_count", {"query": query})["count"])


def _numbers(server: Server, key: _Key, buckets: list[dict[str, Any]]) -> list[tuple[int, int, int]]:
    """Ranges of numbers that are there, in order, each with the documents beyond one for each number."""
    numbers = []
    for bucket in buckets:
        low, high, distinct = (int(bucket[name]["value"]) for name in ("low", "high", "distinct"))
        # Distinct values are estimated, but never too high for so few: equal means that all are there.
        if distinct == high - low + 1:
            numbers.append((low, high, bucket["doc_count"] - distinct))
        else:
            numbers += [(number, number, documents - 1) for number, documents in _listed(server, key, low, high)]
    return numbers


def _process(
    key: _Key, buckets: list[dict[str, Any]], numbers: list[tuple[int, int, int]], now_us: int, kept_since_us: int
) -> ProcessAudit:
    first_us = min(int(bucket["first_seen"]["value"]) for bucket in buckets) * 1000
    last_us = max(int(bucket["last_seen"]["value"]) for bucket in buckets) * 1000
    ended = any(bucket["end"]["doc_count"] for bucket in buckets)
    missing = []
    at = 1
    for low, high, _ in numbers:
        if low > at:
            missing.append((at, low - 1))
        at = high + 1
    if missing and missing[0][0] == 1 and first_us <= kept_since_us:
        del missing[0]
    return ProcessAudit(
        service=key[0] or "-",
        entity_id=key[1],
        host=_common(buckets, "host") or "",
        pid=_common(buckets, "pid"),
        first=numbers[0][0] if numbers else 0,
        last=at - 1,
        received=sum(high - low + 1 for low, high, _ in numbers),
        missing=missing,
        missing_count=sum(high - low + 1 for low, high in missing),
        duplicates=sum(more for _, _, more in numbers),
        first_us=first_us,
        last_us=last_us,
        ended="cleanly" if ended else "cut" if last_us < now_us - SILENT_US else "running",
        final=at - 1 if ended else None,
    )


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
