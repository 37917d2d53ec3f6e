"""`docker compose config` of compose files. It needs Compose alone, no engine."""

import os
import shutil
import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[1]
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
    """What Compose makes of the files, ours by their names, as JSON."""
    options = [word for name in files for word in ("--file", name)]
    return subprocess.run(
        [program(), "--env-file", "/dev/null", *options, "config", "--format", "json"],
        cwd=ROOT, env={"PATH": os.environ["PATH"], "COMPOSE_PROFILES": profiles, **variables},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
