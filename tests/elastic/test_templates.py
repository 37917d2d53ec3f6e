"""Templates and lifecycle, held to the field table and to what Elasticsearch's reference documents.

Every body has also been held to the types that Elastic's own JavaScript clients ship: see docs/elastic.md.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
FILES = ROOT / "services/elasticsearch"
TABLE: dict[str, dict[str, str]] = json.loads((ROOT / "services/bs-whatweb/project/api/utils/fields.json").read_text())

# Parameters of each type that both 7.10 and 9 document, of those that make sense here.
PARAMETERS = {
    "date": {"ignore_malformed", "format"},
    "keyword": {"ignore_above", "doc_values", "index"},
    "wildcard": {"ignore_above"},
    "text": {"norms", "index", "index_options"},
    "long": {"ignore_malformed", "coerce"},
    "short": {"ignore_malformed", "coerce"},
    "boolean": {"doc_values", "index"},
    "flattened": {"ignore_above", "depth_limit", "doc_values"},
}
LUCENE_TERM = 32_766  # bytes of the longest term; a longer one refuses the document


def load(name: str) -> Any:
    return json.loads((FILES / name).read_text())


def fields(properties: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    for name, mapping in properties.items():
        if "properties" in mapping:
            assert mapping.keys() == {"properties"}
            yield from fields(mapping["properties"], f"{prefix}{name}.")
        else:
            yield prefix + name, mapping


IMAGES = (ROOT / "services/elastic.Dockerfile").read_text()
MAPPINGS = load("component_template/bs-whatweb-mappings.json")["template"]["mappings"]
FIELDS = dict(fields(MAPPINGS["properties"]))
DEAD = load("index_template/logs-deadletter.json")
LOGS = load("index_template/logs-whatweb.json")
TEMPLATES = {"logs-whatweb": LOGS, "logs-deadletter": DEAD}


def test_the_mappings_are_what_the_field_table_says() -> None:
    code = "import make_mappings; print(make_mappings.render(), end='')"
    made = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT / "docs", check=True, capture_output=True, text=True
    ).stdout
    assert made == (FILES / "component_template/bs-whatweb-mappings.json").read_text(), "run `make docs`"
    assert {name: mapping["type"] for name, mapping in FIELDS.items()} == {
        name.removesuffix(".*"): field["type"] for name, field in TABLE.items()
    }


@pytest.mark.parametrize("name", [*FIELDS])
def test_a_field_uses_only_what_old_and_new_versions_know(name: str) -> None:
    mapping = FIELDS[name]
    assert mapping.keys() - {"type"} <= PARAMETERS[mapping["type"]]


def test_no_value_can_refuse_a_document_for_its_length_or_its_spelling() -> None:
    for name, mapping in FIELDS.items():
        match mapping["type"]:
            case "keyword" | "wildcard":
                assert mapping["ignore_above"] * 4 <= LUCENE_TERM, name
            case "flattened":
                assert mapping["ignore_above"] * 4 <= LUCENE_TERM // 2, "its key is part of the term"
                assert mapping["depth_limit"] > 20, "a line of 20 levels keeps its place"
            case "long" | "short" | "date" if name != "@timestamp":
                assert mapping["ignore_malformed"] is True, name


def test_a_data_streams_time_has_nothing_that_elasticsearch_disallows() -> None:
    for properties in (MAPPINGS["properties"], DEAD["template"]["mappings"]["properties"]):
        assert properties["@timestamp"] == {"type": "date"}


def test_no_line_can_add_to_a_mapping() -> None:
    for mappings in (MAPPINGS, DEAD["template"]["mappings"]):
        assert mappings["dynamic"] is False
    assert len(FIELDS) < 200


def test_the_dead_letter_stream_can_refuse_nothing_that_is_text() -> None:
    dead = dict(fields(DEAD["template"]["mappings"]["properties"]))
    assert dead.pop("@timestamp") == {"type": "date"}
    for name, mapping in dead.items():
        assert mapping == ({"type": "text"} if mapping["type"] == "text" else FIELDS[name])
        assert mapping["type"] in ("text", "keyword")
    assert "bs-whatweb-mappings" not in DEAD["composed_of"]


@pytest.mark.parametrize(
    ("stream", "template"),
    [
        ("logs-bs-whatweb-development", "logs-whatweb"),
        ("logs-other-unknown", "logs-whatweb"),
        ("logs-deadletter-development", "logs-deadletter"),
    ],
)
def test_a_stream_gets_its_template(stream: str, template: str) -> None:
    matching = [
        (body["priority"], name)
        for name, body in TEMPLATES.items()
        if any(fnmatchcase(stream, pattern) for pattern in body["index_patterns"])
    ]
    assert max(matching)[1] == template
    # Elastic's own for logs-*-* has 100, its integrations' 200. Two that match with one priority are refused.
    assert min(matching)[0] > 200
    assert len({priority for priority, _ in matching}) == len(matching)


@pytest.mark.parametrize("name", [*TEMPLATES])
def test_a_template_is_made_of_what_is_there(name: str) -> None:
    body = TEMPLATES[name]
    assert body["data_stream"] == {}
    assert body.keys() <= {"_meta", "index_patterns", "data_stream", "priority", "composed_of", "template", "version"}
    for part in body["composed_of"]:
        component = load(f"component_template/{part}.json")
        assert component.keys() <= {"_meta", "template", "version"}
        assert component["template"].keys() <= {"settings", "mappings", "aliases"}
    assert "bs-whatweb-settings" in body["composed_of"], "without its lifecycle nothing is ever deleted"


def test_indices_roll_over_and_are_deleted() -> None:
    settings = load("component_template/bs-whatweb-settings.json")["template"]["settings"]["index"]
    assert settings.keys() <= {"number_of_shards", "number_of_replicas", "codec", "lifecycle"}
    policy = load(f"ilm_policy/{settings['lifecycle']['name']}.json")["policy"]
    hot, delete = policy["phases"]["hot"], policy["phases"]["delete"]
    assert policy["phases"].keys() == {"hot", "delete"}
    # max_primary_shard_size is 7.13's.
    assert hot == {"actions": {"rollover": {"max_age": "1d", "max_size": "10gb"}}}
    assert delete == {"min_age": "30d", "actions": {"delete": {}}}


def test_elasticsearch_listens_on_loopback_asks_for_users_and_suits_a_laptops_disk() -> None:
    lines = (FILES / "elasticsearch.yml").read_text().splitlines()
    settings = dict(line.split(": ", 1) for line in lines if line and not line.startswith("#"))
    assert settings["network.host"] == "${ES_ADDRESS:127.0.0.1}"
    assert "\nENV ES_ADDRESS=0.0.0.0\n" in IMAGES, "nobody outside its container reaches it"
    assert settings["xpack.security.enabled"] == "true"
    # All three as bytes that must stay free, or Elasticsearch refuses them; low ≥ high ≥ flood stage.
    free = [
        int(settings[f"cluster.routing.allocation.disk.watermark.{stage}"].removesuffix("gb"))
        for stage in ("low", "high", "flood_stage")
    ]
    assert free == sorted(free, reverse=True)
    assert free[0] < 10
