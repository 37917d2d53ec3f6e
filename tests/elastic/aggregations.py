"""The part of Elasticsearch's search that the audit asks for, over documents in memory, by its reference.

For the audit's own logic: paging, slices, what it makes of the answers. Composite aggregations order buckets by their
sources, leave out documents without a value unless `missing_bucket` says otherwise, and give `after_key` with each page
that has buckets.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

Document = dict[str, Any]
MAX_BUCKETS = 65_535  # search.max_buckets of 7.10 and 9


def search(documents: list[Document], body: dict[str, Any], *, collisions: int = 0) -> dict[str, Any]:
    """The answer to a search. `collisions` is by how much `cardinality` counts too few, as its hashes may."""
    assert body["size"] == 0
    hits = [document for document in documents if _matches(document, body["query"])]
    answer: dict[str, Any] = {"timed_out": False, "_shards": {"total": 1, "successful": 1, "failed": 0}}
    if documents:  # without an index there are no aggregations
        answer["aggregations"] = {
            name: _composite(hits, agg["composite"], agg["aggs"], collisions) for name, agg in body["aggs"].items()
        }
    return answer


def count(documents: list[Document], query: dict[str, Any]) -> int:
    return sum(_matches(document, query) for document in documents)


def _matches(document: Document, query: dict[str, Any]) -> bool:
    ((kind, clause),) = query.items()
    if kind == "bool":
        must_not = clause.get("must_not")
        return all(_matches(document, one) for one in clause.get("filter", [])) and not (
            must_not and _matches(document, must_not)
        )
    if kind == "exists":
        return clause["field"] in document
    ((field, value),) = clause.items()
    if kind == "term":
        return bool(document.get(field) == value)
    assert kind == "range", kind
    return field in document and value.get("gte", 0) <= document[field] <= value.get("lte", 2**63)


def _composite(
    hits: list[Document], composite: dict[str, Any], below: dict[str, Any], collisions: int
) -> dict[str, Any]:
    names = [name for source in composite["sources"] for name in source]
    groups: dict[tuple[Any, ...], list[Document]] = {}
    for document in hits:
        key = tuple(_value(document, spec) for source in composite["sources"] for spec in source.values())
        if _Missing not in key:
            groups.setdefault(key, []).append(document)
    ordered = sorted(groups, key=_order)
    if "after" in composite:
        after = _order(tuple(composite["after"][name] for name in names))
        ordered = [key for key in ordered if _order(key) > after]
    page = ordered[: composite["size"]]
    buckets = [
        {
            "key": dict(zip(names, key, strict=True)),
            "doc_count": len(groups[key]),
            **{name: _below(groups[key], agg, collisions) for name, agg in below.items()},
        }
        for key in page
    ]
    assert len(page) * (1 + sum("terms" in agg or "filter" in agg for agg in below.values())) <= MAX_BUCKETS
    return {"buckets": buckets, **({"after_key": buckets[-1]["key"]} if buckets else {})}


class _Missing:
    """A document that a source has no value for."""


def _value(document: Document, spec: dict[str, Any]) -> Any:
    ((kind, options),) = spec.items()
    value = document.get(options["field"])
    if value is None:
        return None if options.get("missing_bucket") else _Missing
    return value if kind == "terms" else float(value // options["interval"] * options["interval"])


def _order(key: tuple[Any, ...]) -> tuple[tuple[bool, Any], ...]:
    return tuple((value is not None, value) for value in key)


def _below(documents: list[Document], agg: dict[str, Any], collisions: int) -> dict[str, Any]:
    ((kind, options),) = agg.items()
    if kind == "filter":
        return {"doc_count": sum(_matches(document, options) for document in documents)}
    values = [_number(document[options["field"]]) for document in documents if options["field"] in document]
    match kind:
        case "min" | "max":
            return {"value": float((min if kind == "min" else max)(values)) if values else None}
        case "cardinality":
            assert options["precision_threshold"] <= 40_000
            return {"value": len(set(values)) - collisions}
        case "terms":
            counted = sorted(((values.count(value), value) for value in set(values)), key=lambda one: -one[0])
            return {"buckets": [{"key": value, "doc_count": n} for n, value in counted[: options["size"]]]}
    raise AssertionError(kind)


def _number(value: Any) -> Any:
    """Dates are milliseconds, cut off; a keyword is itself."""
    if isinstance(value, str) and value[4:5] == "-" and value.endswith("Z"):
        return int(datetime.fromisoformat(value).timestamp() * 1000)
    return value
