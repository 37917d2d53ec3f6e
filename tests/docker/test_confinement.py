"""What the compose files let a container do, read from the containers that run and from `docker compose config`."""

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.docker.compose import SERVICES, Stack, docker

PARTS = ("syslog", "logdesk-index", "logdesk", "bugsink", *SERVICES)
SECRETS = {"LOGDESK_PASSWORD": "a", "BUGSINK_PASSWORD": "b", "SENTRY_KEY": "0" * 32}
FILES = {
    "docker-compose.yml": SECRETS,
    "docker-compose-staging.yml": {"SYSLOG_ADDRESS": "tcp://192.0.2.1:514", "COMPOSE_PROFILES": "relay"},
    "docker-compose-central.yml": {**SECRETS, "CENTRAL_ADDRESS": "192.0.2.1"},
}


def config(tree: Path, file: str, variables: dict[str, str]) -> subprocess.CompletedProcess[str]:
    files = ["docker-compose.yml", file] if file == "docker-compose-central.yml" else [file]
    options = [word for name in files for word in ("--file", name)]
    env = {name: value for name, value in os.environ.items() if not name.startswith("COMPOSE_")}
    return docker(
        "compose", "--env-file", "/dev/null", *options, "config", "--format", "json",
        cwd=tree, env={**env, **variables}, check=False,
    )  # fmt: skip


@pytest.mark.parametrize("file", FILES)
def test_compose_has_nothing_to_say_against_the_file(tree: Path, file: str) -> None:
    done = config(tree, file, FILES[file])
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("file", "variable", "advice"),
    [
        ("docker-compose.yml", "LOGDESK_PASSWORD", "make up"),
        ("docker-compose.yml", "BUGSINK_PASSWORD", "make up"),
        ("docker-compose.yml", "SENTRY_KEY", "make up"),
        ("docker-compose-staging.yml", "SYSLOG_ADDRESS", "SYSLOG_ADDRESS=tcp"),
        ("docker-compose-central.yml", "CENTRAL_ADDRESS", "10.0.0.5"),
    ],
)
def test_without_a_variable_compose_refuses_and_says_what_to_do(
    tree: Path, file: str, variable: str, advice: str
) -> None:
    done = config(tree, file, {name: value for name, value in FILES[file].items() if name != variable})
    assert done.returncode
    assert variable in done.stderr
    assert advice in done.stderr


@pytest.mark.parametrize("file", ["docker-compose.yml", "docker-compose-staging.yml"])
def test_every_port_is_published_on_loopback_only(tree: Path, file: str) -> None:
    services = json.loads(config(tree, file, FILES[file]).stdout)["services"].values()
    ports = [port for service in services for port in service.get("ports", [])]
    assert ports
    assert {port.get("host_ip") for port in ports} == {"127.0.0.1"}


@pytest.mark.parametrize("file", ["docker-compose.yml", "docker-compose-staging.yml"])
def test_every_service_is_confined(tree: Path, file: str) -> None:
    for name, service in json.loads(config(tree, file, FILES[file]).stdout)["services"].items():
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert int(service["mem_limit"]), name
        assert service["cpus"], name
        assert service["pids_limit"], name
        assert service["stop_grace_period"] == "30s", name


@pytest.mark.parametrize("name", PARTS)
def test_a_running_container_has_no_privileges(stack: Stack, name: str) -> None:
    status: dict[str, str] = dict(
        re.findall(r"^(\w+):\s+(.*)$", stack.compose("exec", "-T", name, "cat", "/proc/1/status"), re.MULTILINE)
    )
    assert int(status["Uid"].split()[0]) > 10000
    assert {status[kind] for kind in ("CapPrm", "CapEff", "CapBnd", "CapAmb")} == {"0" * 16}
    assert status["NoNewPrivs"] == "1"
    written = docker(
        "exec", stack.container(name), "sh", "-c", "touch /etc/x /usr/x 2>&1; touch /tmp/x && rm /tmp/x", check=False
    )
    assert written.stdout.count("Read-only file system") == 2
    assert written.returncode == 0


@pytest.mark.parametrize("name", PARTS)
def test_a_running_container_is_checked_and_healthy(stack: Stack, name: str) -> None:
    state: dict[str, Any] = json.loads(docker("inspect", stack.container(name)).stdout)[0]["State"]
    assert state["Health"]["Status"] == "healthy"
