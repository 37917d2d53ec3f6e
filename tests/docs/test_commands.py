"""Every command of the documentation runs in a test, or it is said why not (tested.py)."""

import os
import re
import signal
import subprocess
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.docs.pages import ROOT, shown
from tests.docs.tested import ELSEWHERE, HERE, NOT_HERE, PAGES
from tests.examples.copied import Project
from tests.stack.running import Stack


class Made(Stack):
    """`make run` in a terminal."""

    def start(self) -> None:
        with open(self.folder / "output", "ab") as output:
            self.process = subprocess.Popen(
                ["make", "run", "ERRORS=off"],
                cwd=ROOT, env=self.env, stdout=output, stderr=output, start_new_session=True,
            )  # fmt: skip

    def stop(self) -> int:
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGINT)  # Ctrl-C goes to all that runs in the terminal
        return self.process.wait(170)

    def adapted(self, command: str) -> str:
        """The command with this stack's ports and folder instead of the usual ones."""
        usual = {"5007": "API_PORT", "5080": "LOGDESK_PORT", "5514": "SYSLOG_PORT"}
        command = re.sub(r"(?<=127\.0\.0\.1:)\d+", lambda port: str(self.ports[usual[port[0]]]), command)
        return command.replace(".run/", f"{self.env['RUN_DIR']}/")

    def run(self, command: str, folder: Path = ROOT) -> str:
        """Its output; it must succeed."""
        done = subprocess.run(
            ["bash", "-c", self.adapted(command)],
            cwd=folder, env=self.env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False, timeout=150,
        )  # fmt: skip
        output = done.stdout.decode()
        assert done.returncode == 0, f"{command}: {output}"
        return output


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Made]:
    with Made(tmp_path_factory.mktemp("stack")) as running:
        yield running


def test_every_command_is_run_by_a_test_or_is_known_not_to_be() -> None:
    known = {*HERE, *ELSEWHERE, *NOT_HERE, *(ROOT / ".ci/run").read_text().splitlines()}
    untested = {
        command: where for command, where in shown().items() if command not in known and not where <= PAGES.keys()
    }
    assert untested == {}, "tests/docs/tested.py has a line for each command"


def test_no_command_is_known_that_no_page_shows() -> None:
    assert {*HERE, *ELSEWHERE, *NOT_HERE} - shown().keys() == set()


@pytest.mark.parametrize(("file", "name"), sorted({*ELSEWHERE.values(), *PAGES.values()}))
def test_the_named_test_is_there(file: str, name: str) -> None:
    assert f"\ndef {name}" in (ROOT / file).read_text()


@pytest.mark.parametrize("command", HERE)
def test_the_command_works_in_a_running_stack(stack: Made, command: str) -> None:
    assert re.search(HERE[command], stack.run(command), re.MULTILINE)


def test_the_demo_says_where_to_look(stack: Made) -> None:
    output = stack.run("make demo")
    crash = re.search(r"q=(request:crash-\d+)", output)
    assert crash, output
    assert re.search(r"^    errors +off$", output, re.MULTILINE)
    stack.until(lambda: stack.search(crash[1]), "the failed request isn't found")


def test_logs_follow_the_archive(stack: Made) -> None:
    stack.run("curl --silent http://127.0.0.1:5007/ping")
    stack.until(lambda: stack.search("path:/ping"), "the request isn't found")
    process = subprocess.Popen(
        ["make", "logs"], cwd=ROOT, env=stack.env, stdout=subprocess.PIPE, start_new_session=True
    )
    give_up = threading.Timer(30, os.killpg, (process.pid, signal.SIGTERM))
    give_up.start()
    try:
        assert process.stdout is not None
        assert any(b"GET /ping 200" in line for line in process.stdout), "what was there isn't shown"
        stack.run("curl --silent http://127.0.0.1:5007/healthy")
        assert any(b"GET /healthy 404" in line for line in process.stdout), "what comes isn't shown"
    finally:
        give_up.cancel()
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        process.wait(20)


def test_a_scripts_lines_reach_the_log_search(stack: Made, tmp_path: Path) -> None:
    """The last commands of docs/copy-the-formatter.md's first section."""
    project = Project(tmp_path, "A script")
    _, *shipping = project.programs
    project.run(stack.adapted("\n".join(shipping)))
    (hit,) = stack.until(lambda: stack.search("service:stock%20message:counted"), "the script's line isn't found")
    assert hit["fields"]["labels.items"] == 7


def test_raven_is_installed_from_its_lock_file(stack: Made) -> None:
    """It is, already: requirements-dev.txt holds the same versions."""
    output = stack.run(".venv/bin/pip install --require-hashes -r services/bs-whatweb/requirements-raven.txt")
    assert "Successfully installed" not in output
