"""`docker compose config` of our files. It needs Compose alone, no engine."""

import json
import os
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

from tests.elastic.checking import ROOT

BASE = "docker-compose.yml"
ELK = "docker-compose-elk.yml"
BASE_SECRETS = {"LOGDESK_PASSWORD": "a", "BUGSINK_PASSWORD": "b", "SENTRY_KEY": "0" * 32}
ELK_SECRETS = {
    name: f"p-{name}"
    for name in (
        "ELASTIC_PASSWORD",
        "KIBANA_ENCRYPTION_KEY",
        "KIBANA_PASSWORD",
        "LOGSTASH_WRITER_PASSWORD",
        "LOGS_READER_PASSWORD",
        "REDIS_PASSWORD",
    )
}
PLUGINS = (
    Path.home() / ".docker/cli-plugins",
    Path("/usr/local/lib/docker/cli-plugins"),
    Path("/usr/libexec/docker/cli-plugins"),
    Path("/usr/lib/docker/cli-plugins"),
)


@cache
def program() -> str:
    """Compose as a program of its own: the machine's, or one that docker/compose-plugin puts beside the tools."""
    ours = ROOT / ".venv" / "compose"
    there = [str(folder / "docker-compose") for folder in (*PLUGINS, ours) if (folder / "docker-compose").exists()]
    if not there:
        subprocess.run([ROOT / "docker" / "compose-plugin", ours], check=True, capture_output=True)
        there = [str(ours / "docker-compose")]
    return shutil.which("docker-compose") or there[0]


def config(*files: str, profiles: str = "", **variables: str) -> subprocess.CompletedProcess[str]:
    options = [word for name in files for word in ("--file", name)]
    return subprocess.run(
        [program(), "--env-file", "/dev/null", *options, "config", "--format", "json"],
        cwd=ROOT, env={"PATH": os.environ["PATH"], "COMPOSE_PROFILES": profiles, **variables},
        capture_output=True, text=True, check=False,
    )  # fmt: skip


def services(profiles: str = "redis", **variables: str) -> dict[str, dict[str, Any]]:
    """Those of both files, as Compose would start them."""
    done = config(BASE, ELK, profiles=profiles, **BASE_SECRETS, **ELK_SECRETS, **variables)
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    found: dict[str, dict[str, Any]] = json.loads(done.stdout)["services"]
    return found
