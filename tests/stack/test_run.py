"""`make run`: one command, everything up, a request found by its id, everything ended without a line lost."""

import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest

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


def test_a_taken_port_is_refused_with_what_to_do(tmp_path: Path) -> None:
    with Stack(tmp_path) as stack:
        second = subprocess.run(
            [sys.executable, "-m", "native"],
            cwd=ROOT,
            env=stack.env,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert second.returncode == 1
    variable, port = next(iter(stack.ports.items()))
    assert f"Port {port} on 127.0.0.1 is taken" in second.stderr
    assert f"{variable}=" in second.stderr


def test_a_port_that_is_no_number_is_refused(tmp_path: Path) -> None:
    env = {**os.environ, "API_PORT": "http"}
    run = subprocess.run(
        [sys.executable, "-m", "native"], cwd=ROOT, env=env, capture_output=True, text=True, check=False
    )
    assert run.returncode == 1
    assert "API_PORT='http' is not a port" in run.stderr
