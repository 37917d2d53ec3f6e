"""What every image must have and hadolint (`make lint`) doesn't ask for."""

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FILES = sorted((ROOT / "services").glob("*/Dockerfile*"))
Instructions = list[tuple[str, str]]


def stages(file: Path) -> list[Instructions]:
    """(instruction, arguments) of each stage."""
    text = re.sub(r"^\s*#.*\n", "", file.read_text(), flags=re.MULTILINE)
    found: list[Instructions] = []
    for line in text.replace("\\\n", "").splitlines():
        instruction, _, arguments = line.strip().partition(" ")
        if instruction == "FROM":
            found.append([])
        if instruction:
            found[-1].append((instruction, arguments.strip()))
    return found


@pytest.fixture(params=FILES, ids=lambda file: str(file.relative_to(ROOT)))
def file(request: pytest.FixtureRequest) -> Path:
    found: Path = request.param
    return found


def test_bases_are_pinned_by_an_exact_tag(file: Path) -> None:
    exact = re.compile(r"(debian:\d+\.\d+|[a-z0-9./_-]+:\d+\.\d+\.\d+)[a-z-]*")
    assert [stage[0] for stage in stages(file) if not exact.fullmatch(stage[0][1].split()[0])] == []


def test_the_program_runs_as_a_user_without_rights(file: Path) -> None:
    users = [arguments for instruction, arguments in stages(file)[-1] if instruction == "USER"]
    assert users
    assert users[-1].split(":")[0] not in ("root", "0")


def test_docker_knows_whether_it_is_healthy(file: Path) -> None:
    assert "HEALTHCHECK" in dict(stages(file)[-1])


def test_the_program_is_process_1_and_gets_the_signals(file: Path) -> None:
    programs = {name: arguments for name, arguments in stages(file)[-1] if name in ("CMD", "ENTRYPOINT")}
    assert programs
    assert all(isinstance(json.loads(arguments), list) for arguments in programs.values())
