"""docker/secrets and docker/certs in the hands of people in a hurry; neither needs Docker."""

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy, as both write beside themselves."""
    shutil.copytree(ROOT / "docker", tmp_path / "docker")
    return tmp_path


def run(tree: Path, script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([tree / "docker" / script, *arguments], capture_output=True, text=True, check=False)


def test_secrets_are_added_behind_the_last_line_and_once(tree: Path) -> None:
    (tree / ".env").write_text("API_PORT=5008")  # no newline at its end
    assert run(tree, "secrets").returncode == 0
    first, *others = (tree / ".env").read_text().splitlines()
    assert first == "API_PORT=5008"
    assert [line.partition("=")[0] for line in others] == ["LOGDESK_PASSWORD", "BUGSINK_PASSWORD", "SENTRY_KEY"]
    assert run(tree, "secrets").stderr == ""
    assert (tree / ".env").read_text().splitlines() == [first, *others]


def test_a_certificate_that_can_t_be_made_says_why(tree: Path) -> None:
    refused = run(tree, "certs", "central", "10.0.0.300")
    assert refused.returncode == 1
    assert "bad ip address" in refused.stderr
    assert run(tree, "certs", "central", "10.0.0.3").stdout.startswith("certs: certs/central, valid until ")
