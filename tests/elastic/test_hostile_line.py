"""Hostile lines against the mappings, by the rules for which Elasticsearch's reference and source refuse a document.

A reading of them, not Elasticsearch: it shows that the mappings ask for what the rules allow.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.elastic.test_templates import LUCENE_TERM, MAPPINGS

LINE = {"@timestamp": "2026-03-14T00:00:00.000000Z", "message": "hello", "event": {"id": "e1-1", "sequence": 1}}


def refused(document: dict[str, Any], properties: dict[str, Any] = MAPPINGS["properties"]) -> Iterator[str]:
    """Why; nothing for a document that is indexed. Names without dots: Filebeat has expanded them."""
    for name, value in document.items():
        mapping = properties.get(name)
        if mapping is None:
            continue  # `dynamic: false` passes over it, whatever it holds
        if "properties" in mapping:
            if isinstance(value, dict):
                yield from refused(value, mapping["properties"])
            else:
                yield f"{name} is an object, not a value"
        elif mapping["type"] == "flattened":
            yield from refused_labels(value, mapping) if isinstance(value, dict) else [f"{name} is an object"]
        else:
            yield from refused_values(name, value if isinstance(value, list) else [value], mapping)


def refused_values(name: str, values: list[Any], mapping: dict[str, Any]) -> Iterator[str]:
    for value in values:
        if isinstance(value, dict):
            yield f"{name} is a value, not an object"
        elif mapping["type"] == "boolean" and value not in (True, False, "true", "false", ""):
            yield f"{name} is true or false"
        elif mapping["type"] in ("long", "short", "date") and not mapping.get("ignore_malformed"):
            readable = str(value).endswith("Z") if mapping["type"] == "date" else isinstance(value, int)
            if not readable:
                yield f"{name} can't be read"


def refused_labels(value: Any, mapping: dict[str, Any], path: tuple[str, ...] = ()) -> Iterator[str]:
    if isinstance(value, dict):
        if len(path) + 1 > mapping["depth_limit"]:
            yield "labels are too deep"
            return
        for key, below in value.items():
            yield from refused_labels(below, mapping, (*path, key))
    elif isinstance(value, list):
        for below in value:
            yield from refused_labels(below, mapping, path)
    elif len(str(value)) <= mapping["ignore_above"]:
        key = ".".join(path)
        if "\0" in key:
            yield "a label's name has a NUL"
        if len(f"{key}\0{value}".encode()) > LUCENE_TERM:
            yield "a label's name is too long"


def nested(levels: int) -> Any:
    value: Any = "deep"
    for level in range(levels):
        value = {f"l{level}": value}
    return value


@pytest.mark.parametrize(
    "hostile",
    [
        {"labels": nested(60)},
        {"labels": {f"label{n}": "x" * 1024 for n in range(2000)}},
        {"labels": {"long": "\N{GRINNING FACE}" * 5000, "list": [1, [2, {"a": None}]]}},
        {"message": 17, "log": {"level": 5, "logger": ["a", 1]}, "url": {"path": 1.5, "query": True}},
        {"process": {"pid": "none"}, "http": {"response": {"status_code": "200 OK"}}, "event": {"duration": [1, "x"]}},
        {"event": {"ingested": "yesterday"}},
        {"url": {"path": "/" + "é" * 20_000}},
        {"my": nested(60), "unknown": {f"field{n}": n for n in range(2000)}},
    ],
    ids=[
        "60 levels", "2 000 labels", "long labels", "numbers for texts", "texts for numbers", "no time", "a long path",
        "unknown fields",
    ],
)  # fmt: skip
def test_a_hostile_line_is_indexed(hostile: dict[str, Any]) -> None:
    assert list(refused({**LINE, **hostile})) == []


@pytest.mark.parametrize(
    "hostile",
    [{"message": {"a": 1}}, {"log": "x"}, {"labels": "x"}, {"labels": nested(101)}, {"@timestamp": "soon"}],
    ids=["an object for a text", "a text for an object", "no labels", "101 levels", "no time"],
)
def test_what_no_mapping_can_take_is_for_the_dead_letter_stream(hostile: dict[str, Any]) -> None:
    assert list(refused({**LINE, **hostile}))
