"""filebeat.yml is what Filebeat 8.3 and 9.5 accept, and `run` switches the output."""

import itertools
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.elastic.checking import ROOT, fits, flat, read_yaml
from tests.elastic.known import FILEBEAT, FILESTREAM, KAFKA_VERSIONS, PROCESSORS, options

FOLDER = ROOT / "services" / "filebeat"
Start = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def config() -> dict[str, Any]:
    found: dict[str, Any] = read_yaml("services/filebeat/filebeat.yml")
    return found


def check(settings: dict[str, Any], table: str) -> None:
    known = options(table)
    assert settings
    for name, value in flat(settings).items():
        assert name in known, f"{name} is no option of both versions"
        assert fits(value, known[name]), f"{name}: {value}"


def test_every_option_is_known_to_both_versions(config: dict[str, Any]) -> None:
    (archive,) = config.pop("filebeat.inputs")
    check(archive, FILESTREAM)
    for processor in config.pop("processors"):
        ((name, settings),) = processor.items()
        check(settings, PROCESSORS[name])
    check(config, FILEBEAT)
    assert config["output.kafka"]["version"] in KAFKA_VERSIONS


def test_every_variable_of_it_has_a_default() -> None:
    read_yaml("services/filebeat/filebeat.yml")  # fails when one has none


def test_several_kafka_brokers_are_one_variable() -> None:
    config = read_yaml("services/filebeat/filebeat.yml", KAFKA_BOOTSTRAP_SERVERS="a:9092,b:9092")
    assert fits(config["output.kafka"]["hosts"], "hosts")


def test_a_file_is_known_by_its_path_however_small_it_is(config: dict[str, Any]) -> None:
    (archive,) = config["filebeat.inputs"]
    settings = flat(archive)
    assert "file_identity.path" in settings
    assert settings["prospector.scanner.fingerprint.enabled"] is False
    assert settings["id"] == "archive", "another id reads the whole archive again"


def test_filebeats_own_fields_are_gone_before_the_lines_own_come(config: dict[str, Any]) -> None:
    own, decode, _ = config["processors"]
    assert {"agent", "ecs", "host", "input"} <= set(own["drop_fields"]["fields"])
    assert not {"log", "log.offset", "log.file.path", "message"} & set(own["drop_fields"]["fields"])
    assert {"target": "", "overwrite_keys": True, "expand_keys": True, "add_error_key": True}.items() <= decode[
        "decode_json_fields"
    ].items()
    (archive,) = config["filebeat.inputs"]
    assert "parsers" not in archive, "the input's parser loses a line that it can't expand"


def test_redis_is_the_output_unless_another_is_chosen(config: dict[str, Any]) -> None:
    outputs = {name: value["enabled"] for name, value in config.items() if name.startswith("output.")}
    assert outputs == {"output.redis": True, "output.kafka": False, "output.logstash": False}


def test_kafka_acknowledges_from_all_replicas(config: dict[str, Any]) -> None:
    assert config["output.kafka"]["required_acks"] == -1


def test_the_brokers_names_are_the_indexers(config: dict[str, Any]) -> None:
    assert config["output.redis"]["key"] == config["output.kafka"]["topic"] == "logs"


@pytest.fixture
def start(tmp_path: Path) -> Start:
    """Runs `services/filebeat/run` with a `filebeat` that says how it was started."""
    program = tmp_path / "filebeat"
    program.write_text('#!/bin/sh\nprintf "%s\\n" "$FILEBEAT_ARCHIVE" "$@"\n')
    program.chmod(0o755)

    def run(*arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [FOLDER / "run", *arguments], env={"PATH": f"{tmp_path}:{os.environ['PATH']}", **env},
            capture_output=True, text=True, check=False,
        )  # fmt: skip

    return run


@pytest.mark.parametrize(
    ("env", "output"),
    [
        ({}, "redis"),
        ({"BROKER": "kafka"}, "kafka"),
        ({"LOGSTASH_AGENT": "on"}, "logstash"),
        ({"LOGSTASH_AGENT": "on", "BROKER": "kafka"}, "logstash"),
        ({"LOGSTASH_AGENT": "off", "BROKER": "kafka"}, "kafka"),
    ],
)
def test_one_variable_chooses_the_output(start: Start, env: dict[str, str], output: str) -> None:
    words = start("-E", "http.enabled=true", **env).stdout.split()
    settings = [word for before, word in itertools.pairwise(words) if before == "-E"]
    assert settings == ["output.redis.enabled=false", f"output.{output}.enabled=true", "http.enabled=true"]
    assert words[words.index("-c") + 1] == str(FOLDER / "filebeat.yml")
    assert "--strict.perms=false" in words


@pytest.mark.parametrize("env", [{"BROKER": "rabbit"}, {"LOGSTASH_AGENT": "yes"}])
def test_a_broker_that_is_none_is_refused(start: Start, env: dict[str, str]) -> None:
    done = start(**env)
    assert done.returncode == 1
    assert "write redis or kafka" in done.stderr
