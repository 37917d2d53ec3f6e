"""docker/up-elk and docker/secrets: one variable chooses the broker, and the secrets are made once."""

import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.elastic.checking import ROOT
from tests.elastic.compose import BASE_SECRETS, ELK_SECRETS

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    (tmp_path / "docker").mkdir()
    for name in ("ready", "secrets", "up", "up-elk"):
        shutil.copy(ROOT / "docker" / name, tmp_path / "docker")
    return tmp_path


@pytest.fixture
def up_elk(tree: Path) -> Run:
    """With a `docker` that writes down what it was asked and says yes."""
    program = tree / "bin" / "docker"
    program.parent.mkdir()
    program.write_text(
        '#!/bin/sh\necho "[$COMPOSE_PROFILES] [$COMPOSE_FILE] $*" >>"$ASKED"\n[ "$1" != wait ] || echo 0\n'
    )
    program.chmod(0o755)

    def run(*arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
        path = f"{program.parent}:/usr/bin:/bin"
        return subprocess.run(
            [tree / "docker" / "up-elk", *arguments], env={"PATH": path, "ASKED": str(tree / "asked"), **env},
            capture_output=True, text=True, check=False,
        )  # fmt: skip

    return run


def started(tree: Path) -> list[tuple[str, str]]:
    """(profiles, files) of each `up --build`."""
    asked = (tree / "asked").read_text()
    return re.findall(r"^\[(.*)\] \[(.*)\] compose up --build", asked, re.MULTILINE)


@pytest.mark.parametrize(
    ("env", "profiles"),
    [
        ({}, "redis"),
        ({"BROKER": "kafka"}, "kafka"),
        ({"LOGSTASH_AGENT": "on"}, "redis,agent"),
        ({"BROKER": "kafka", "LOGSTASH_AGENT": "on"}, "kafka,agent"),
        ({"BROKER": "kafka", "KAFKA_BOOTSTRAP_SERVERS": "10.0.0.5:9092"}, ""),
        ({"REDIS_HOST": "10.0.0.5", "LOGSTASH_AGENT": "on"}, "agent"),
    ],
)
@pytest.mark.parametrize("where", ["environment", ".env"])
def test_one_variable_chooses_what_starts(
    up_elk: Run, tree: Path, env: dict[str, str], profiles: str, where: str
) -> None:
    if where == ".env":
        (tree / ".env").write_text("".join(f"{name}={value}\n" for name, value in env.items()))
    done = up_elk(**(env if where == "environment" else {}))
    assert done.returncode == 0, done.stderr
    assert started(tree) == [("", ""), (profiles, "docker-compose.yml:docker-compose-elk.yml")]


def test_a_further_file_comes_last(up_elk: Run, tree: Path) -> None:
    assert up_elk("docker-compose-elk-cluster.yml").returncode == 0
    assert started(tree)[1][1] == "docker-compose.yml:docker-compose-elk.yml:docker-compose-elk-cluster.yml"


@pytest.mark.parametrize(
    ("env", "advice"),
    [({"BROKER": "rabbit"}, "write redis or kafka"), ({"LOGSTASH_AGENT": "yes"}, "write on or off")],
)
def test_a_value_that_is_none_starts_nothing(up_elk: Run, tree: Path, env: dict[str, str], advice: str) -> None:
    done = up_elk(**env)
    assert done.returncode == 1
    assert advice in done.stderr
    assert started(tree) == []


@pytest.mark.parametrize(
    ("fails", "sentence"), [("compose version", "Compose plugin is missing"), ("version", "engine doesn't answer")]
)
def test_what_is_missing_of_docker_is_said_before_a_secret_is_made(
    up_elk: Run, tree: Path, fails: str, sentence: str
) -> None:
    (tree / "bin" / "docker").write_text(f'#!/bin/sh\n[ "$*" != "{fails}" ]\n')
    done = up_elk()
    assert done.returncode == 1
    assert sentence in done.stderr
    assert not (tree / ".env").exists()


def test_without_docker_it_is_said_how_to_do_without(tree: Path) -> None:
    done = subprocess.run([tree / "docker" / "ready"], env={"PATH": ""}, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "Docker is missing" in done.stderr
    assert "make run" in done.stderr


def secrets(tree: Path, *arguments: str) -> dict[str, str]:
    subprocess.run([tree / "docker" / "secrets", *arguments], check=True, capture_output=True)
    return dict(line.split("=", 1) for line in (tree / ".env").read_text().split())


def test_make_up_makes_no_secret_of_the_chain(tree: Path) -> None:
    assert set(secrets(tree)) == set(BASE_SECRETS)


def test_secrets_are_made_once_and_for_their_owner_only(tree: Path) -> None:
    first = secrets(tree)
    both = secrets(tree, "elk")
    assert set(both) == set(BASE_SECRETS) | set(ELK_SECRETS)
    assert first.items() <= both.items()
    assert secrets(tree, "elk") == both
    assert (tree / ".env").stat().st_mode & 0o777 == 0o600


def test_no_password_looks_like_a_number_to_filebeat(tree: Path) -> None:
    made = secrets(tree, "elk")
    for name in set(ELK_SECRETS) - {"KIBANA_ENCRYPTION_KEY"}:
        assert made[name][0].isalpha()
        assert len(made[name]) >= 24
    assert len(made["KIBANA_ENCRYPTION_KEY"]) >= 32
