"""Kibana's saved objects: well formed, nothing refers to what isn't there. And their import, against a test server."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from email import message_from_bytes
from pathlib import Path
from typing import Any

import pytest

from tests.elastic.answering import Answering, Asked, run
from tests.elastic.test_templates import FIELDS

ROOT = Path(__file__).parents[2]
FILE = ROOT / "services/kibana/saved_objects.ndjson"
OBJECTS: list[dict[str, Any]] = [json.loads(line) for line in FILE.read_text().splitlines()]
BY_ID = {(one["type"], one["id"]): one for one in OBJECTS}
VISUALIZATIONS = [one for one in OBJECTS if one["type"] == "visualization"]
VERSIONS = {"index-pattern": "7.6.0", "search": "7.9.3", "visualization": "7.10.0", "dashboard": "7.9.3"}

# Of the aggregations that Kibana offers those that are used here: where each may stand, and what it needs.
METRICS = {"count": set(), "min": {"field"}, "max": {"field"}, "percentiles": {"field", "percents"}}
BUCKETS = {
    "date_histogram": {"field", "interval", "min_doc_count"},
    "filters": {"filters"},
    "terms": {"field", "orderBy", "order", "size"},
}
SCHEMAS = {
    "histogram": {"metric", "segment", "group"},
    "line": {"metric", "segment", "group"},
    "metric": {"metric", "group"},
    "table": {"metric", "bucket"},
}


def state(one: dict[str, Any]) -> dict[str, Any]:
    text: dict[str, Any] = json.loads(one["attributes"]["visState"])
    return text


def source(one: dict[str, Any]) -> dict[str, Any]:
    text: dict[str, Any] = json.loads(one["attributes"]["kibanaSavedObjectMeta"]["searchSourceJSON"])
    return text


def queries(one: dict[str, Any]) -> Iterator[str]:
    if one["type"] == "index-pattern":
        return
    yield source(one)["query"]["query"]
    if one["type"] == "visualization":
        for agg in state(one)["aggs"]:
            yield from (filter_["input"]["query"] for filter_ in agg["params"].get("filters", []))


def aggregated(one: dict[str, Any]) -> Iterator[str]:
    """The fields that need doc values."""
    if one["type"] == "visualization":
        yield from (agg["params"]["field"] for agg in state(one)["aggs"] if "field" in agg["params"])
        yield from re.findall(r'"field": "([^"]+)"(?=\s*[,}])', json.dumps(vega(one).get("data", {})))
    if one["type"] == "search":
        yield from (field for field, _ in one["attributes"]["sort"])


def vega(one: dict[str, Any]) -> dict[str, Any]:
    spec: dict[str, Any] = json.loads(state(one)["params"].get("spec", "{}"))
    return spec


def shown(one: dict[str, Any]) -> Iterator[str]:
    yield from one["attributes"].get("columns", [])
    yield from json.loads(one["attributes"].get("fieldFormatMap", "{}"))
    for query in queries(one):
        yield from re.findall(r"([\w.@]+)\s*(?::|[<>]=?)", re.sub(r'"[^"]*"', "", query))


def named(one: dict[str, Any]) -> str:
    return f"{one['type']} {one['id']}"


def test_the_file_is_what_its_generator_says() -> None:
    code = "import make_kibana; print(make_kibana.render(), end='')"
    made = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT / "docs", check=True, capture_output=True, text=True
    ).stdout
    assert made == FILE.read_text(), "run `make docs`"
    assert len(BY_ID) == len(OBJECTS)


@pytest.mark.parametrize("one", OBJECTS, ids=named)
def test_every_reference_resolves_and_every_name_has_one(one: dict[str, Any]) -> None:
    references = {reference["name"]: (reference["type"], reference["id"]) for reference in one["references"]}
    assert set(references.values()) <= BY_ID.keys()
    written = json.dumps(one).replace('\\"', '"').replace(": ", ":")  # with what is JSON in a string
    names = re.findall(r'"(?:indexRefName|panelRefName)":"([^"]+)"', written)
    assert sorted(names) == sorted(references)


@pytest.mark.parametrize("one", OBJECTS, ids=named)
def test_every_field_exists_and_can_do_what_is_asked_of_it(one: dict[str, Any]) -> None:
    assert set(shown(one)) <= FIELDS.keys()
    for field in aggregated(one):
        assert FIELDS[field]["type"] != "text", f"{field} can't be sorted or aggregated"


@pytest.mark.parametrize("one", OBJECTS, ids=named)
def test_the_form_is_one_that_kibana_7_10_knows(one: dict[str, Any]) -> None:
    assert one.keys() == {"type", "id", "attributes", "references", "migrationVersion"}
    assert one["migrationVersion"] == {one["type"]: VERSIONS[one["type"]]}


@pytest.mark.parametrize("one", VISUALIZATIONS, ids=named)
def test_every_aggregation_is_whole_and_stands_where_it_may(one: dict[str, Any]) -> None:
    kind, aggs = state(one)["type"], state(one)["aggs"]
    if kind == "vega":
        return
    assert len({agg["id"] for agg in aggs}) == len(aggs)
    ordered_by = {agg["id"] for agg in aggs if agg["type"] in METRICS}
    for agg in aggs:
        assert agg["schema"] in SCHEMAS[kind]
        assert (agg["schema"] == "metric") == (agg["type"] in METRICS)
        assert (METRICS | BUCKETS)[agg["type"]] <= agg["params"].keys()
        if agg["type"] == "percentiles":
            ordered_by |= {f"{agg['id']}.{percent}" for percent in agg["params"]["percents"]}
    for agg in aggs:
        assert agg["params"].get("orderBy", "1") in ordered_by
    if kind in ("histogram", "line"):
        assert state(one)["params"]["type"] == kind
        assert {series["data"]["id"] for series in state(one)["params"]["seriesParams"]} <= ordered_by


def test_the_dashboard_asks_logdesks_questions_and_its_panels_do_not_overlap() -> None:
    board = BY_ID["dashboard", "bs-whatweb-dashboard"]
    assert [reference["id"].removeprefix("bs-whatweb-") for reference in board["references"]] == [
        "totals", "lines-lost", "requests", "latency", "error-loggers", "slow-routes", "processes", "errors",
    ]  # fmt: skip
    places = [panel["gridData"] for panel in json.loads(board["attributes"]["panelsJSON"])]
    assert all(place["x"] + place["w"] <= 48 for place in places)
    cells = [(x, y) for p in places for x in range(p["x"], p["x"] + p["w"]) for y in range(p["y"], p["y"] + p["h"])]
    assert len(set(cells)) == len(cells)


def test_the_documentation_names_every_search() -> None:
    page = (ROOT / "docs/elastic.md").read_text()
    titles = [one["attributes"]["title"] for one in OBJECTS if one["type"] == "search"]
    assert (
        re.findall(r"^\| ([^|]+?) \|", page.split("| saved search | |\n|---|---|\n")[1].split("\n\n")[0], re.MULTILINE)
        == titles
    )


def test_lines_lost_counts_by_time_and_nothing_else() -> None:
    """A query in the dashboard's bar leaves lines out, which are not lost."""
    url = vega(BY_ID["visualization", "bs-whatweb-lines-lost"])["data"]["url"]
    assert "%context%" not in url
    assert {"range": {"@timestamp": {"%timefilter%": True}}} in url["body"]["query"]["bool"]["filter"]


# -- import -----------------------------------------------------------------------------------------------------------

STARTING = {
    "7.10": (503, b"Kibana server is not ready yet"),
    "9": (503, {"status": {"overall": {"level": "unavailable"}}}),
}
READY = {
    "7.10": (200, {"version": {"number": "7.10.2"}, "status": {"overall": {"state": "green"}}}),
    "9": (200, {"version": {"number": "9.5.1"}, "status": {"overall": {"level": "available"}}}),
}
IMPORTED = {"success": True, "successCount": len(OBJECTS)}


class Kibana:
    def __init__(self, version: str, imported: dict[str, Any]) -> None:
        self.version = version
        self.imported = imported
        self.starts = [STARTING[version]]

    def __call__(self, asked: Asked) -> tuple[int, Any]:
        if asked.path == "/api/status":
            return self.starts.pop() if self.starts else READY[self.version]
        assert asked.path == "/api/saved_objects/_import?overwrite=true"
        if "kbn-xsrf" not in asked.headers:
            return 400, {"message": "Request must contain a kbn-xsrf header."}
        return 200, self.imported


@pytest.mark.parametrize("version", ["7.10", "9"])
def test_the_objects_are_imported_whole_when_kibana_is_ready(version: str) -> None:
    with Answering(Kibana(version, IMPORTED)).running() as server:
        done = run("kibana", KIBANA_URL=server.url, ELASTIC_PASSWORD="superuser-secret")
    assert (done.returncode, done.stderr) == (0, "")
    assert server.paths("GET") == ["/api/status"] * 2
    (sent,) = (asked for asked in server.asked if asked.method == "POST")
    assert sent.user == "elastic:superuser-secret"
    form = message_from_bytes(b"Content-Type: " + sent.headers["content-type"].encode() + b"\r\n\r\n" + sent.body)
    (file,) = (part for part in form.walk() if part.get_filename())
    # Kibana takes the form's "file", and tells its kind by the name's ending.
    assert file.get_param("name", header="content-disposition") == "file"
    assert str(file.get_filename()).endswith(".ndjson")
    assert sent.body.count(FILE.read_bytes()) == 1


@pytest.mark.parametrize(
    ("imported", "reason"),
    [
        (
            {"success": False, "successCount": 13, "errors": [
                {"type": "search", "id": "bs-whatweb-errors", "error": {"type": "missing_references"}},
            ]},
            "search bs-whatweb-errors: missing_references",
        ),
        ({"success": True, "successCount": 1}, f"imported 1 of {len(OBJECTS)}"),
    ],
    ids=["refused", "not all"],
)  # fmt: skip
def test_an_import_that_is_not_whole_is_a_failure(imported: dict[str, Any], reason: str) -> None:
    with Answering(Kibana("9", imported)).running() as server:
        done = run("kibana", KIBANA_URL=server.url, ELASTIC_PASSWORD="superuser-secret")
    assert done.returncode == 1
    assert reason in done.stderr


def test_kibana_listens_on_loopback_and_asks_for_its_secrets() -> None:
    lines = (ROOT / "services/kibana/kibana.yml").read_text().splitlines()
    settings = dict(line.split(": ", 1) for line in lines if line and not line.startswith("#"))
    assert settings["server.host"] == "127.0.0.1"
    assert "\nENV SERVER_HOST=0.0.0.0\n" in (ROOT / "services/elastic.Dockerfile").read_text()
    assert settings["elasticsearch.username"] == "kibana_system"
    # Kibana 7 knows no ${NAME:default}.
    assert set(re.findall(r"\$\{([^}]*)\}", "".join(settings.values()))) == {
        "ELASTICSEARCH_URL", "KIBANA_PASSWORD", "KIBANA_ENCRYPTION_KEY",
    }  # fmt: skip
    assert sum(name.endswith(".encryptionKey") for name in settings) == 3
