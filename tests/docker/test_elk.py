"""The parts of the Elastic chain that run here: Redis as docker-compose-elk.yml starts it, and the set-up's image."""

import json
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.docker.compose import docker

SECRETS = {
    name: "p" + name.replace("_", "")
    for name in (
        "BUGSINK_PASSWORD",
        "ELASTIC_PASSWORD",
        "KIBANA_ENCRYPTION_KEY",
        "KIBANA_PASSWORD",
        "LOGDESK_PASSWORD",
        "LOGSTASH_WRITER_PASSWORD",
        "LOGS_READER_PASSWORD",
        "REDIS_PASSWORD",
        "SENTRY_KEY",
    )
}
Compose = Callable[..., str]


@pytest.fixture(scope="module")
def compose(tree: Path) -> Iterator[Compose]:
    env = {**os.environ, **SECRETS, "COMPOSE_PROJECT_NAME": "bs-test-elk", "COMPOSE_PROFILES": "redis"}
    files = ("--file", "docker-compose.yml", "--file", "docker-compose-elk.yml")

    def run(*args: str, check: bool = True) -> str:
        done = docker("compose", "--env-file", "/dev/null", *files, *args, check=check, cwd=tree, env=env)
        return done.stdout + done.stderr

    yield run
    run("down", "--volumes", "--timeout", "10")


@pytest.fixture(scope="module")
def redis(compose: Compose) -> str:
    """The container, healthy."""
    compose("up", "--detach", "--wait", "redis")
    return docker("ps", "--quiet", "--filter", "label=com.docker.compose.service=redis").stdout.strip()


def cli(compose: Compose, *words: str) -> str:
    asked = f'REDISCLI_AUTH="$REDIS_PASSWORD" redis-cli {" ".join(words)}'
    return compose("exec", "-T", "redis", "sh", "-c", asked).strip()


def test_redis_is_healthy_and_has_no_privileges(compose: Compose, redis: str) -> None:
    assert json.loads(docker("inspect", redis).stdout)[0]["State"]["Health"]["Status"] == "healthy"
    status = dict(re.findall(r"^(\w+):\s+(.*)$", compose("exec", "-T", "redis", "cat", "/proc/1/status"), re.MULTILINE))
    assert int(status["Uid"].split()[0]) > 0
    assert {status[kind] for kind in ("CapPrm", "CapEff", "CapBnd")} == {"0" * 16}
    assert status["Name"] == "redis-server"
    assert cli(compose, "config", "get", "maxmemory-policy").split()[-1] == "noeviction"


def test_redis_asks_for_the_password(compose: Compose, redis: str) -> None:
    assert "NOAUTH" in compose("exec", "-T", "redis", "redis-cli", "llen", "logs")


def test_lines_outlive_the_container(compose: Compose, redis: str) -> None:
    assert cli(compose, "rpush", "logs", "one", "two") == "2"
    docker("kill", redis)
    compose("rm", "--force", "redis")
    compose("up", "--detach", "--wait", "redis")
    assert cli(compose, "lrange", "logs", "0", "-1").split() == ["one", "two"]


def test_the_set_up_has_an_image_that_starts(compose: Compose) -> None:
    compose("build", "elastic-setup")
    assert "elasticsearch" in compose("run", "--rm", "--no-deps", "elastic-setup", "nonsense", check=False)
