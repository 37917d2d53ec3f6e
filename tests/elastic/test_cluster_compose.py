"""docker-compose-elk-cluster.yml: three nodes that know each other by certificate."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.compose import config
from tests.elastic.compose import BASE, BASE_SECRETS, ELK, ELK_SECRETS

CLUSTER = "docker-compose-elk-cluster.yml"
NODES = ["elasticsearch", "elasticsearch-2", "elasticsearch-3"]
CERTS = "/usr/share/elasticsearch/config/certs"
DATA = "/usr/share/elasticsearch/data"


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    """Those of the three files together, as Compose would start them."""
    done = config(BASE, ELK, CLUSTER, profiles="redis", **BASE_SECRETS, **ELK_SECRETS)
    assert (done.returncode, done.stderr) == (0, "")
    found: dict[str, Any] = json.loads(done.stdout)["services"]
    return found


def volumes(service: dict[str, Any]) -> dict[str, Any]:
    return {volume["target"]: volume for volume in service["volumes"]}


@pytest.mark.parametrize("node", NODES)
def test_a_node_speaks_to_nobody_without_the_clusters_certificate(services: dict[str, Any], node: str) -> None:
    settings = services[node]["environment"]
    tls = "xpack.security.transport.ssl"
    assert settings[f"{tls}.enabled"] == "true"
    assert settings[f"{tls}.client_authentication"] == "required"
    assert settings[f"{tls}.verification_mode"] == "certificate"
    assert settings[f"{tls}.keystore.path"] == settings[f"{tls}.truststore.path"] == "certs/node.p12"
    assert volumes(services[node])[CERTS]["read_only"] is True
    assert services[node]["depends_on"]["elastic-certs"]["condition"] == "service_completed_successfully"


def test_all_look_for_all_and_one_alone_founds_the_cluster(services: dict[str, Any]) -> None:
    for node in NODES:
        settings = services[node]["environment"]
        assert settings["node.name"] == node
        assert settings["discovery.type"] == "multi-node"
        assert settings["discovery.seed_hosts"].split(",") == NODES
    founders = {node: services[node]["environment"].get("cluster.initial_master_nodes") for node in NODES}
    assert founders == {"elasticsearch": "elasticsearch", "elasticsearch-2": None, "elasticsearch-3": None}


def test_each_node_has_its_own_data_and_none_but_the_first_is_published(services: dict[str, Any]) -> None:
    assert len({volumes(services[node])[DATA]["source"] for node in NODES}) == 3
    published = {name: service["ports"] for name, service in services.items() if name in NODES and "ports" in service}
    assert published.keys() == {"elasticsearch"}
    assert {port["host_ip"] for port in published["elasticsearch"]} == {"127.0.0.1"}


def test_any_node_answers_to_the_name_that_the_chain_asks_for(services: dict[str, Any]) -> None:
    for node in NODES[1:]:
        assert services[node]["networks"] == {"elknet": {"aliases": ["elasticsearch"]}}
    assert services["elastic-setup"]["environment"]["ELASTICSEARCH_URL"] == "http://elasticsearch:9200"


def test_indices_get_a_copy_once_all_nodes_are_there(services: dict[str, Any]) -> None:
    assert services["elastic-setup"]["environment"]["ELASTIC_REPLICAS"] == "1"
    waits = services["elastic-setup"]["depends_on"]
    assert {name for name, one in waits.items() if one["condition"] == "service_healthy"} == set(NODES)


@pytest.mark.parametrize("name", [*NODES, "elastic-certs"])
def test_a_container_of_the_cluster_is_confined_as_the_first_node_is(services: dict[str, Any], name: str) -> None:
    for what in ("image", "cap_drop", "security_opt", "tmpfs", "logging", "pids_limit"):
        assert services[name][what] == services["elasticsearch"][what]
    assert int(services[name]["mem_limit"])


@pytest.fixture
def certificates(tmp_path: Path) -> Path:
    """A folder with config/certs, and in its bin a certutil that writes down what it was asked for."""
    (tmp_path / "config/certs").mkdir(parents=True)
    (tmp_path / "bin").mkdir()
    tool = tmp_path / "bin/elasticsearch-certutil"
    tool.write_text('#!/bin/bash -eu\necho "$@" >>"$CALLS"\necho made >"${@: -1}"\n[[ "$1" != "${FAIL-}" ]]\n')
    tool.chmod(0o755)
    return tmp_path


def make(service: dict[str, Any], folder: Path, **env: str) -> int:
    """The script of the compose file; `docker compose config` writes $ as $$."""
    (script,) = service["command"]
    path = f"{folder}/bin:{os.environ['PATH']}"
    command = [*service["entrypoint"], script.replace("$$", "$")]
    return subprocess.run(
        command, cwd=folder, env={"PATH": path, "CALLS": str(folder / "calls"), **env}, check=False
    ).returncode


def test_the_certificate_is_made_once_and_its_authority_is_roots_alone(
    services: dict[str, Any], certificates: Path
) -> None:
    assert make(services["elastic-certs"], certificates) == 0
    assert make(services["elastic-certs"], certificates) == 0
    assert len((certificates / "calls").read_text().splitlines()) == 2  # the authority and the certificate
    made = {file.name: oct(file.stat().st_mode & 0o777) for file in (certificates / "config/certs").iterdir()}
    assert made == {"ca.p12": "0o600", "node.p12": "0o640"}


def test_what_failed_half_way_is_made_again(services: dict[str, Any], certificates: Path) -> None:
    assert make(services["elastic-certs"], certificates, FAIL="cert") != 0
    assert not (certificates / "config/certs/node.p12").exists()
    assert make(services["elastic-certs"], certificates) == 0
    assert (certificates / "config/certs/node.p12").exists()
