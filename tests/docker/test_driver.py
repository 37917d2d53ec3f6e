"""Docker's real syslog driver: what goes in comes out, and what doesn't is counted."""

import time
from typing import Any

import pytest

from tests.docker import sending
from tests.docker.compose import Stack, until


@pytest.fixture(scope="module", autouse=True)
def image() -> None:
    sending.build()


def address(stack: Stack) -> str:
    return f"tcp://127.0.0.1:{stack.ports['SYSLOG_PORT']}"


def finished(stack: Stack, tag: str) -> dict[str, Any]:
    """The sender's process in the audit, once its last line is there."""

    def last_line() -> list[dict[str, Any]]:
        return [process for process in stack.audit(tag) if process["final"] is not None]

    found: list[dict[str, Any]] = until(last_line, f"{tag}'s last line is missing", 120)
    assert len(found) == 1, found
    return found[0]


def test_100_000_lines_from_two_containers_are_100_000_lines(stack: Stack) -> None:
    count = 50_000
    begin = time.monotonic()
    containers = [sending.start(tag, address(stack), count) for tag in ("load-1", "load-2")]
    sending.wait(*containers)
    seconds = time.monotonic() - begin
    for tag in ("load-1", "load-2"):
        process = finished(stack, tag)
        assert process["final"] == count + 1
        assert (process["received"], process["missing_count"], process["duplicates"]) == (count + 1, 0, 0)
    print(f"{2 * count} lines in {seconds:.1f} s with two starts of a container: {2 * count / seconds:.0f} lines/s")


def test_a_restart_of_syslog_under_load_loses_what_the_audit_says(stack: Stack) -> None:
    count, rate = 20_000, 1_000
    container = sending.start("restart", address(stack), count, rate)
    until(lambda: stack.lines("service:restart"), "nothing arrives")
    stack.compose("restart", "syslog")
    sending.wait(container)
    process = finished(stack, "restart")
    archived = int(stack.compose("exec", "-T", "syslog", "sh", "-c", "cat /archive/restart/*.jsonl | wc -l"))
    assert process["final"] == count + 1
    assert process["received"] == archived
    assert process["missing_count"] == count + 1 - archived
    print(f"{process['missing_count']} of {count + 1} lines lost, in {len(process['missing'])} gaps")
