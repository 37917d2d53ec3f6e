"""Logstash's files are what Logstash 8.3 and 9.5 accept, and its filter does with an event what it should."""

import copy
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.elastic import logstash_filter
from tests.elastic.checking import ROOT, filled, fits, read_yaml
from tests.elastic.known import LOGSTASH_EVERY_PLUGIN, LOGSTASH_PLUGINS, LOGSTASH_SETTINGS, PIPELINE, options
from tests.elastic.logstash_language import Plugin, plugins, read

FOLDER = ROOT / "services" / "logstash"
PIPELINES = sorted((FOLDER / "pipelines").glob("*.conf"))
REQUIRED = {
    "input redis": {"data_type", "key"},
    "input beats": {"port"},
    "input dead_letter_queue": {"path"},
    "output redis": {"data_type", "key"},
    "output kafka": {"topic_id"},
}
LINE: dict[str, Any] = {
    "@timestamp": "2026-11-23T02:21:30.849254Z",
    "message": "GET /ping 200",
    "log": {"level": "info", "offset": 4096, "file": {"path": "/archive/bs-whatweb/2026-11-23.jsonl"}},
    "event": {"id": "865af68f874c36cb-4", "dataset": "bs-whatweb.access"},
    "service": {"name": "bs-whatweb", "environment": "development"},
    "labels": {"team": "search"},
}


def files(pattern: str) -> list[Path]:
    """What Logstash finds under a path.config: it knows {a,b}."""
    before, inside, after = re.fullmatch(r"(.*)\{(.*)\}(.*)", pattern).groups()  # type: ignore[union-attr]
    return [Path(before + each + after) for each in inside.split(",")]


def filtered(event: dict[str, Any]) -> dict[str, Any]:
    done = logstash_filter.run(read((FOLDER / "pipelines" / "filter.conf").read_text()), copy.deepcopy(event))
    assert done is not None
    return done


@pytest.mark.parametrize("file", PIPELINES, ids=lambda file: file.name)
def test_every_plugin_and_option_is_known_to_both_versions(file: Path) -> None:
    found = plugins(read(filled(file.read_text())))
    assert found
    for plugin in found:
        name = f"{plugin.section} {plugin.name}"
        known = options(LOGSTASH_PLUGINS[name]) | options(LOGSTASH_EVERY_PLUGIN[plugin.section])
        assert set(plugin.options) <= set(known), name
        assert set(plugin.options) >= REQUIRED.get(name, set()), name
        for option, value in plugin.options.items():
            assert fits(value, known[option]), f"{name}: {option} => {value}"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("input { redis { key => 'logs'\n data_type = list } }", 2),
        ("filter { if [a] =~ /x/ { drop { } }", 1),
        ("filter { mutate { replace => { 'a' => 'b', 'c' => 'd' } } }", 1),
        ("input { stdin { } }\noutputs { }", 2),
    ],
)
def test_a_mistake_in_a_pipeline_is_found(text: str, line: int) -> None:
    with pytest.raises(ValueError, match=f"line {line}:"):
        read(text)


def test_logstash_yml_has_settings_that_both_versions_know() -> None:
    settings = read_yaml("services/logstash/logstash.yml")
    known = options(LOGSTASH_SETTINGS)
    assert settings["queue.type"] == "persisted"
    for setting, value in settings.items():
        assert fits(value, known[setting]), setting


@pytest.mark.parametrize("broker", ["redis", "kafka"])
def test_pipelines_yml_names_files_that_are_there_and_settings_of_a_pipeline(broker: str) -> None:
    known = options(LOGSTASH_SETTINGS)
    pipelines = read_yaml("services/logstash/pipelines.yml", BROKER=broker, LOGSTASH_PIPELINES=f"{FOLDER}/pipelines")
    assert [pipeline["pipeline.id"] for pipeline in pipelines] == ["indexer", "deadletter"]
    for pipeline in pipelines:
        assert all(setting.startswith(PIPELINE) and fits(value, known[setting]) for setting, value in pipeline.items())
        found = files(pipeline["path.config"])
        assert set(found) <= set(PIPELINES)
        sections = [plugin.section for file in found for plugin in plugins(read(file.read_text()))]
        assert (sections.count("input"), sections.count("output")) == (1, 1)
    assert (FOLDER / "pipelines" / f"from-{broker}.conf") in files(pipelines[0]["path.config"])


def test_dead_letters_are_read_from_the_indexer_and_cause_none_themselves() -> None:
    indexer, deadletter = read_yaml("services/logstash/pipelines.yml")
    (dead,) = [plugin for plugin in read_of("from-dead-letters.conf") if plugin.section == "input"]
    assert dead.options["pipeline_id"] == indexer["pipeline.id"]
    assert deadletter["dead_letter_queue.enable"] is False
    assert read_yaml("services/logstash/logstash.yml")["dead_letter_queue.enable"] is True


def read_of(file: str) -> list[Plugin]:
    return plugins(read(filled((FOLDER / "pipelines" / file).read_text())))


def test_a_document_is_created_once_under_its_id() -> None:
    (output,) = read_of("to-elasticsearch.conf")
    assert output.options["action"] == "create"
    assert output.options["document_id"] == "%{[@metadata][id]}"
    assert output.options["index"] == "%{[@metadata][data_stream]}"


def test_kafka_is_told_of_a_batch_when_it_is_on_disk_and_keeps_it_on_all_replicas() -> None:
    (source,) = read_of("from-kafka.conf")
    (target,) = read_of("to-kafka.conf")
    assert source.options["enable_auto_commit"] == "false"
    assert source.options["auto_offset_reset"] == "earliest"
    assert target.options["acks"] == "all"


def test_nothing_of_the_line_is_changed() -> None:
    done = filtered({**LINE, "@version": "1", "@metadata": {"beat": "filebeat"}})
    del done["@metadata"]
    assert done == LINE


def test_a_numbered_line_has_its_number_as_id() -> None:
    assert filtered(LINE)["@metadata"]["id"] == "865af68f874c36cb-4"


@pytest.mark.parametrize("number", [None, 7, "", "a b", "x" * 129, "a\nb", {"a": 1}, ["a"]])
def test_a_line_with_no_usable_number_has_its_place_and_text_as_id(number: Any) -> None:
    line = {**LINE, "event": {"id": number}}
    here = filtered(line)["@metadata"]["id"]
    assert re.fullmatch("[0-9a-f]{64}", here)
    assert filtered(line)["@metadata"]["id"] == here
    for other in ({"message": "another"}, {"log": {**LINE["log"], "offset": 8192}}):
        assert filtered({**line, **other})["@metadata"]["id"] != here


@pytest.mark.parametrize(
    ("service", "environment", "stream"),
    [
        ("bs-whatweb", "development", "logs-bs-whatweb-development"),
        ("My Service", "Prod/EU", "logs-my_service-prod_eu"),
        ("../../x", "a,b", "logs-other-a_b"),
        ("x\n*", "y\n", "logs-x__-y_"),
        ("x" * 65, "y" * 65, "logs-other-unknown"),
        (None, None, "logs-other-unknown"),
        ({"a": 1}, 5, "logs-other-unknown"),
        ("", "-", "logs-other-unknown"),
        ("ДОМ", "日本", "logs-other-unknown"),
    ],
)
def test_a_data_stream_has_a_name_that_elasticsearch_takes(service: Any, environment: Any, stream: str) -> None:
    line = {**LINE, "service": {"name": service, "environment": environment}}
    name = filtered(line)["@metadata"]["data_stream"]
    assert name == stream
    assert not set(name) & set('\\/*?"<>|, #:')
    assert name == name.lower()


def test_a_line_steers_neither_its_id_nor_its_stream_by_metadata() -> None:
    metadata = {"id": "mine", "service": "mine", "_ingest_document": {"index": "mine"}, "dead_letter_queue": {}}
    assert filtered({**LINE, "@metadata": metadata}) == filtered(LINE)


def test_the_agent_drops_debug_lines_and_changes_no_other() -> None:
    agent = read((FOLDER / "pipelines" / "agent.conf").read_text())
    assert logstash_filter.run(agent, copy.deepcopy(LINE)) == LINE
    assert logstash_filter.run(agent, {"message": "no level"}) == {"message": "no level"}
    assert logstash_filter.run(agent, {"log": {"level": "debug"}}) is None


@pytest.fixture
def started(tmp_path: Path) -> Any:
    """Runs `services/logstash/run` with a `logstash` that says how it was started."""
    program = tmp_path / "bin" / "logstash"
    program.parent.mkdir()
    program.write_text('#!/bin/sh\nprintf "%s\\n" "$BROKER" "$LOGSTASH_DATA" "$@"\n')
    program.chmod(0o755)

    def start(*arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
        path = f"{program.parent}:{os.environ['PATH']}"
        return subprocess.run(
            [FOLDER / "run", *arguments], env={"PATH": path, "LOGSTASH_DATA": str(tmp_path / "data"), **env},
            capture_output=True, text=True, check=False,
        )  # fmt: skip

    return start


def test_the_indexer_is_started_with_our_settings_and_a_place_for_dead_letters(started: Any, tmp_path: Path) -> None:
    words = started("indexer").stdout.split()
    assert words == ["redis", f"{tmp_path}/data", "--path.settings", str(FOLDER), "--path.data", f"{tmp_path}/data"]
    assert (tmp_path / "data" / "dead_letter_queue" / "indexer").is_dir()


@pytest.mark.parametrize("broker", ["redis", "kafka"])
def test_the_agent_is_started_with_the_pipeline_of_its_broker(started: Any, broker: str) -> None:
    words = started("agent", BROKER=broker).stdout.split()
    found = files(words[words.index("--path.config") + 1])
    assert set(found) <= set(PIPELINES)
    assert [file.stem for file in found] == ["from-filebeat", "agent", f"to-{broker}"]


@pytest.mark.parametrize(("role", "broker"), [("", "redis"), ("index", "redis"), ("indexer", "rabbit")])
def test_a_role_or_broker_that_is_none_is_refused(started: Any, role: str, broker: str) -> None:
    done = started(role, BROKER=broker)
    assert done.returncode == 1
    assert "run indexer or run agent, with BROKER=redis or kafka" in done.stderr
