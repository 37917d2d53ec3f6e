"""A new service in containers: beside bs-whatweb with nothing else to configure, and from its production image."""

import json
import os
from collections.abc import Iterator

import pytest

from tests.docker.compose import Stack, docker, get
from tests.new_service.checkout import Checkout
from tests.ports import free_port

GREETING = {"message": "Hello, Ann"}


@pytest.fixture(scope="module")
def probe(stack: Stack) -> Iterator[Stack]:
    """The stack with bs-probe, added while it runs."""
    checkout = Checkout(stack.tree)
    done = checkout.make("new-service", "NAME=bs-probe", "PORT=5990")
    assert done.returncode == 0, done.stderr
    stack.env["BS_PROBE_PORT"] = str(free_port())
    stack.compose("up", "--build", "--detach", "--wait", "bs-probe")
    yield stack
    stack.compose("rm", "--stop", "--force", "bs-probe")
    assert checkout.make("remove-service", "NAME=bs-probe").returncode == 0
    assert checkout.changes() == ""


def test_its_request_is_found_by_id_and_its_processes_in_the_audit(probe: Stack) -> None:
    status, _, body = get(
        f"http://127.0.0.1:{probe.env['BS_PROBE_PORT']}/api/v1/example?name=Ann", {"X-Request-ID": "probe-1"}
    )
    assert (status, json.loads(body)) == (200, GREETING)
    assert probe.line("request:probe-1 dataset:bs-probe.app")["message"] == "Greeted Ann"
    assert probe.line("request:probe-1 dataset:bs-probe.access")["http.response.status_code"] == 200
    assert len(probe.audit("bs-probe")) == 3, "a master and two workers"
    assert probe.missing("bs-probe") == 0


def test_its_production_image_logs_under_its_staging_tag(probe: Stack) -> None:
    port = str(free_port())
    env = {
        **os.environ, "COMPOSE_PROJECT_NAME": f"{probe.project}-probe", "COMPOSE_FILE": "docker-compose-staging.yml",
        "SYSLOG_ADDRESS": f"tcp://127.0.0.1:{probe.ports['SYSLOG_PORT']}", "BS_PROBE_PORT": port,
    }  # fmt: skip
    try:
        docker("compose", "up", "--build", "--detach", "--wait", "bs-probe", cwd=probe.tree, env=env)
        _, _, body = get(f"http://127.0.0.1:{port}/api/v1/example?name=Ann", {"X-Request-ID": "probe-2"})
        assert json.loads(body) == GREETING
        line = probe.line("request:probe-2 dataset:bs-probe.access")
        assert (line["service.name"], line["service.environment"]) == ("bs-probe", "staging")
        assert "probe-server-staging" in probe.compose("exec", "-T", "syslog", "ls", "/archive").split()
    finally:
        docker("compose", "down", "--volumes", cwd=probe.tree, env=env)
