"""docker-compose-elk-cluster.yml: three nodes that know each other by certificate."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
CLUSTER: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose-elk-cluster.yml").read_text())
SERVICES: dict[str, Any] = CLUSTER["services"]
NODES = ["elasticsearch", "elasticsearch-2", "elasticsearch-3"]
CERTS = "elastic-certs:/usr/share/elasticsearch/config/certs"


@pytest.mark.parametrize("node", NODES)
def test_a_node_speaks_to_nobody_without_the_clusters_certificate(node: str) -> None:
    settings = SERVICES[node]["environment"]
    tls = "xpack.security.transport.ssl"
    assert settings[f"{tls}.enabled"] == "true"
    assert settings[f"{tls}.client_authentication"] == "required"
    assert settings[f"{tls}.verification_mode"] == "certificate"
    assert settings[f"{tls}.keystore.path"] == settings[f"{tls}.truststore.path"] == "certs/node.p12"
    assert f"{CERTS}:ro" in SERVICES[node]["volumes"]
    assert SERVICES[node]["depends_on"]["elastic-certs"] == {"condition": "service_completed_successfully"}


def test_all_look_for_all_and_one_alone_founds_the_cluster() -> None:
    for node in NODES:
        settings = SERVICES[node]["environment"]
        assert settings["node.name"] == node
        assert settings["discovery.type"] == "multi-node"
        assert settings["discovery.seed_hosts"].split(",") == NODES
    founders = {node: SERVICES[node]["environment"].get("cluster.initial_master_nodes") for node in NODES}
    assert founders == {"elasticsearch": "elasticsearch", "elasticsearch-2": None, "elasticsearch-3": None}


def test_each_node_has_its_own_data_and_none_but_the_first_is_published() -> None:
    data = [volume for node in NODES[1:] for volume in SERVICES[node]["volumes"] if volume.endswith("/data")]
    assert len(set(data)) == 2
    assert {volume.split(":")[0] for volume in data} <= CLUSTER["volumes"].keys()
    assert not any("ports" in service for service in SERVICES.values())


def test_any_node_answers_to_the_name_that_the_chain_asks_for() -> None:
    for node in NODES[1:]:
        assert SERVICES[node]["networks"] == {"elknet": {"aliases": ["elasticsearch"]}}


def test_indices_get_a_copy_once_all_nodes_are_there() -> None:
    setup = SERVICES["elastic-setup"]
    assert setup["environment"] == {"ELASTIC_REPLICAS": "${ELASTIC_REPLICAS:-1}"}
    assert setup["depends_on"].keys() == set(NODES[1:])


@pytest.fixture
def certificates(tmp_path: Path) -> Path:
    """A folder with config/certs, and in its bin a certutil that writes down what it was asked for."""
    (tmp_path / "config/certs").mkdir(parents=True)
    (tmp_path / "bin").mkdir()
    tool = tmp_path / "bin/elasticsearch-certutil"
    tool.write_text('#!/bin/bash -eu\necho "$@" >>"$CALLS"\necho made >"${@: -1}"\n[[ "$1" != "${FAIL-}" ]]\n')
    tool.chmod(0o755)
    return tmp_path


def make(folder: Path, **env: str) -> int:
    """The script of the compose file; Compose reads $$ as $."""
    service = SERVICES["elastic-certs"]
    (script,) = service["command"]
    path = f"{folder}/bin:{os.environ['PATH']}"
    command = [*service["entrypoint"], script.replace("$$", "$")]
    return subprocess.run(
        command, cwd=folder, env={"PATH": path, "CALLS": str(folder / "calls"), **env}, check=False
    ).returncode


def test_the_certificate_is_made_once_and_its_authority_is_roots_alone(certificates: Path) -> None:
    assert make(certificates) == 0
    assert make(certificates) == 0
    assert len((certificates / "calls").read_text().splitlines()) == 2  # the authority and the certificate
    made = {file.name: oct(file.stat().st_mode & 0o777) for file in (certificates / "config/certs").iterdir()}
    assert made == {"ca.p12": "0o600", "node.p12": "0o640"}


def test_what_failed_half_way_is_made_again(certificates: Path) -> None:
    assert make(certificates, FAIL="cert") != 0
    assert not (certificates / "config/certs/node.p12").exists()
    assert make(certificates) == 0
    assert (certificates / "config/certs/node.p12").exists()
