"""`make run`: one command, everything up, a request found by its id, everything ended without a line lost."""

import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from tests.ports import free_port
from tests.stack.running import ROOT, Stack, get_json


def test_a_request_is_found_in_the_log_search_by_its_id_and_nothing_is_missing_after_the_end(tmp_path: Path) -> None:
    with Stack(tmp_path) as stack:
        get_json(f"{stack.api}/ping", {"X-Request-ID": "demo-1"})
        with pytest.raises(urllib.error.HTTPError):
            urllib.request.urlopen(f"{stack.api}/api/v1/whatweb?url=http://10.0.0.1/")
        (hit,) = stack.until(lambda: stack.search("request:demo-1"), "the request isn't found")
        assert hit["fields"]["message"] == "GET /ping 200"
        assert stack.stop() in (0, 130)

    archive = tmp_path / "run" / "archive" / "bs-whatweb"
    text = "".join(path.read_text() for path in archive.glob("*.jsonl"))
    assert text.count('"event.action":"log-end"') == 3, "the master's and two workers' last lines"

    with Stack(tmp_path) as again:  # what was written at the end is indexed at the next start
        processes = again.until(
            lambda: [p for p in again.audit() if p["ended"] == "cleanly"][2:], "the audit doesn't see three ends"
        )
    assert all(process["missing"] == [] and process["duplicates"] == 0 for process in processes)


def test_a_part_that_dies_ends_everything_and_is_named(tmp_path: Path) -> None:
    with Stack(tmp_path) as stack:
        pid = next(
            int(line.rpartition("pid=")[2].rstrip(")")) for line in stack.output().split("\n")
            if "logdesk-index started (pid=" in line
        )  # fmt: skip
        os.kill(pid, signal.SIGKILL)
        assert stack.process.wait(60) != 0
        assert "logdesk-index was ended by SIGKILL: everything ends" in stack.output()


def refused(**env: str) -> str:
    """What `make run` says instead of starting."""
    done = subprocess.run(
        [sys.executable, "-m", "native"],
        cwd=ROOT, env={**os.environ, **env}, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (1, "")
    return done.stderr


def test_a_second_stack_is_refused_with_what_to_do(tmp_path: Path) -> None:
    with Stack(tmp_path) as stack:
        taken = refused(**{**stack.env, "RUN_DIR": str(tmp_path / "other")})
        alike = refused(**{**stack.env, **{name: str(free_port()) for name in stack.ports}})
    for variable, port in stack.ports.items():
        assert f"Port {port} on 127.0.0.1 is taken" in taken
        assert f"{variable}=" in taken
    assert f"A stack runs in {stack.env['RUN_DIR']} already" in alike
    assert "RUN_DIR=" in alike


@pytest.mark.parametrize(
    ("env", "sentence"),
    [
        ({"API_PORT": "http"}, "API_PORT='http' is not a port"),
        ({"API_PORT": "15407", "LOGDESK_PORT": "15407"}, "API_PORT and LOGDESK_PORT are the same port, 15407"),
        ({"ERRORS": "false"}, "ERRORS='false' is neither on nor off"),
    ],
)
def test_a_setting_that_cannot_be_used_is_refused(env: dict[str, str], sentence: str, tmp_path: Path) -> None:
    ports = {name: str(port) for name, port in Stack(tmp_path).ports.items()}
    assert sentence in refused(RUN_DIR=str(tmp_path), **{**ports, **env})
