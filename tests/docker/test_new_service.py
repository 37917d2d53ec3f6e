"""A new service in containers: beside bs-whatweb with nothing else to configure, and from its production image."""

import json
import os
from collections.abc import Iterator

import pytest

from tests.docker.compose import Stack, docker, get
from tests.new_service.checkout import Checkout
from tests.service.server import free_port

GREETING = {"message": "Hello, Ann"}


@pytest.fixture(scope="module")
def foo(stack: Stack) -> Iterator[Stack]:
    """The stack with bs-foo, added while it runs."""
    checkout = Checkout(stack.tree)
    done = checkout.make("new-service", "NAME=bs-foo", "PORT=5010")
    assert done.returncode == 0, done.stderr
    stack.env["BS_FOO_PORT"] = str(free_port())
    stack.compose("up", "--build", "--detach", "--wait", "bs-foo")
    yield stack
    stack.compose("rm", "--stop", "--force", "bs-foo")
    assert checkout.make("remove-service", "NAME=bs-foo").returncode == 0
    assert checkout.changes() == ""


def test_its_request_is_found_by_id_and_its_processes_in_the_audit(foo: Stack) -> None:
    status, _, body = get(
        f"http://127.0.0.1:{foo.env['BS_FOO_PORT']}/api/v1/example?name=Ann", {"X-Request-ID": "foo-1"}
    )
    assert (status, json.loads(body)) == (200, GREETING)
    assert foo.line("request:foo-1 dataset:bs-foo.app")["message"] == "Greeted Ann"
    assert foo.line("request:foo-1 dataset:bs-foo.access")["http.response.status_code"] == 200
    assert len(foo.audit("bs-foo")) == 3, "a master and two workers"
    assert foo.missing("bs-foo") == 0


def test_its_production_image_logs_under_its_staging_tag(foo: Stack) -> None:
    port = str(free_port())
    env = {
        **os.environ, "COMPOSE_PROJECT_NAME": f"{foo.project}-foo", "COMPOSE_FILE": "docker-compose-staging.yml",
        "SYSLOG_ADDRESS": f"tcp://127.0.0.1:{foo.ports['SYSLOG_PORT']}", "BS_FOO_PORT": port,
    }  # fmt: skip
    try:
        docker("compose", "up", "--build", "--detach", "--wait", "bs-foo", cwd=foo.tree, env=env)
        _, _, body = get(f"http://127.0.0.1:{port}/api/v1/example?name=Ann", {"X-Request-ID": "foo-2"})
        assert json.loads(body) == GREETING
        line = foo.line("request:foo-2 dataset:bs-foo.access")
        assert (line["service.name"], line["service.environment"]) == ("bs-foo", "staging")
        assert "foo-server-staging" in foo.compose("exec", "-T", "syslog", "ls", "/archive").split()
    finally:
        docker("compose", "down", "--volumes", cwd=foo.tree, env=env)
