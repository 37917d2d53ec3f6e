"""Docker's real syslog driver: what goes in comes out, and what doesn't is counted."""

import time

import pytest

from tests.docker import sending
from tests.docker.compose import Stack, get, until


@pytest.fixture(scope="module", autouse=True)
def image() -> None:
    sending.build()


def address(stack: Stack) -> str:
    return f"tcp://127.0.0.1:{stack.ports['SYSLOG_PORT']}"


def ping(stack: Stack) -> bool:
    return get(f"{stack.api}/ping")[0] == 200


def settled(stack: Stack) -> int:
    """Lines of the service that are missing, once each of its workers has written again: only then a gap shows."""
    first = {process["entity_id"]: process["last"] for process in stack.audit("bs-whatweb")}

    def all_wrote() -> bool:
        ping(stack)
        workers = [one for one in stack.audit("bs-whatweb") if one["ended"] == "running" and one["pid"] != 1]
        return all(worker["last"] > first[worker["entity_id"]] for worker in workers)

    until(all_wrote, "a worker writes nothing")
    return stack.missing("bs-whatweb")


def test_100_000_lines_from_two_containers_are_100_000_lines(stack: Stack) -> None:
    count = 50_000
    begin = time.monotonic()
    containers = [sending.start(tag, address(stack), count) for tag in ("load-1", "load-2")]
    sending.wait(*containers)
    seconds = time.monotonic() - begin
    for tag in ("load-1", "load-2"):
        process = stack.ended(tag)
        assert process["final"] == count + 1
        assert (process["received"], process["missing_count"], process["duplicates"]) == (count + 1, 0, 0)
    print(f"{2 * count} lines in {seconds:.1f} s with two starts of a container: {2 * count / seconds:.0f} lines/s")


def test_a_restart_of_syslog_under_load_loses_what_the_audit_says(stack: Stack) -> None:
    count, rate = 20_000, 1_000
    container = sending.start("restart", address(stack), count, rate)
    until(lambda: stack.lines("service:restart"), "nothing arrives")
    stack.compose("restart", "syslog")
    sending.wait(container)
    process = stack.ended("restart")
    archived = int(stack.compose("exec", "-T", "syslog", "sh", "-c", "cat /archive/restart/*.jsonl | wc -l"))
    assert process["final"] == count + 1
    assert process["received"] == archived
    assert process["missing_count"] == count + 1 - archived
    print(f"{process['missing_count']} of {count + 1} lines lost, in {len(process['missing'])} gaps")


def test_after_a_restart_of_syslog_a_quiet_containers_first_line_is_lost_and_counted(stack: Stack) -> None:
    """The driver learns from a failed write that its connection is gone, and the first write doesn't fail."""
    before = settled(stack)
    stack.compose("restart", "syslog")
    stack.compose("up", "--detach", "--wait", "syslog")
    until(lambda: ping(stack) and stack.missing("bs-whatweb") > before, "the audit counts no loss")
    assert settled(stack) == before + 1
