"""A staging host and its central, on one machine: TLS with client certificates, and the relay."""

import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docker import sending
from tests.docker.compose import SERVICES, Stack, copy_of_the_tree, docker, get, until
from tests.ports import free_port

AWAY = 30  # seconds that the central is down under the relay's load


@pytest.fixture(scope="module")
def host(stack: Stack) -> str:
    """This machine's address that containers of other networks reach as well: a bridge's."""
    network = f"{stack.project}_defnet"
    return docker("network", "inspect", network, "--format", "{{(index .IPAM.Config 0).Gateway}}").stdout.strip()


@pytest.fixture(scope="module", autouse=True)
def central(stack: Stack, host: str) -> Stack:
    """The stack, now also the central of others, as docs/staging.md makes it one."""
    sending.build()
    subprocess.run(["docker/certs", "central", host], cwd=stack.tree, check=True)
    subprocess.run(["docker/certs", "sender", "staging-1"], cwd=stack.tree, check=True)
    stack.env |= {
        "COMPOSE_FILE": f"{stack.env['COMPOSE_FILE']}:docker-compose-central.yml",
        "CENTRAL_ADDRESS": host,
    }
    stack.compose("up", "--detach", "--wait", "syslog")
    return stack


@pytest.fixture
def staging(central: Stack, host: str) -> Iterator["Staging"]:
    staging = Staging(central, host)
    yield staging
    staging.compose("--profile", "relay", "down", "--volumes")


class Staging:
    """The host that docker-compose-staging.yml is for."""

    def __init__(self, central: Stack, host: str) -> None:
        self.tree = central.tree
        self.port = free_port()
        self.relay_port = free_port()
        self.tls = f"tcp+tls://{host}:{central.ports['SYSLOG_TLS_PORT']}"
        self.env = {
            **os.environ,
            "COMPOSE_PROJECT_NAME": f"{central.project}-staging",
            "COMPOSE_FILE": "docker-compose-staging.yml",
            **{variable: str(free_port()) for variable in SERVICES.values()},
            "API_PORT": str(self.port),
            "SYSLOG_PORT": str(self.relay_port),
            "SYSLOG_ADDRESS": self.tls,
            "SYSLOG_TLS_DIR": str(certificates(central)),
            "SYSLOG_CENTRAL_ADDRESS": host,
            "SYSLOG_CENTRAL_PORT": str(central.ports["SYSLOG_RELP_PORT"]),
        }

    def compose(self, *args: str) -> str:
        return docker("compose", *args, cwd=self.tree, env=self.env).stdout

    def ping(self, request_id: str) -> None:
        status, _, _ = get(f"http://127.0.0.1:{self.port}/ping", {"X-Request-ID": request_id})
        assert status == 200


def certificates(central: Stack) -> Path:
    return central.tree / "certs" / "staging-1"


def test_the_service_logs_to_the_central_over_tls(central: Stack, staging: Staging) -> None:
    staging.compose("up", "--build", "--detach", "--wait")
    staging.ping("staging-1")
    line = central.line("request:staging-1")
    assert line["service.environment"] == "staging"
    folders = central.compose("exec", "-T", "syslog", "ls", "/archive").split()
    assert "whatweb-server-staging" in folders


def test_a_sender_without_a_certificate_is_refused(central: Stack, staging: Staging) -> None:
    authority = certificates(central) / "ca.pem"
    refused = sending.start("no-certificate", staging.tls, 100, syslog_tls_ca_cert=authority)
    sending.wait(refused)
    until(lambda: central.lines('service:rsyslogd "peer did not return a certificate"'), "no word of a refusal")
    assert central.lines("service:no-certificate") == []


def test_a_sender_with_another_authoritys_certificate_is_refused(
    central: Stack, staging: Staging, tmp_path: Path
) -> None:
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=staging-1",
         "-keyout", tmp_path / "key.pem", "-out", tmp_path / "cert.pem"],
        check=True, capture_output=True,
    )  # fmt: skip
    refused = sending.start(
        "other-authority", staging.tls, 100,
        syslog_tls_ca_cert=certificates(central) / "ca.pem",
        syslog_tls_cert=tmp_path / "cert.pem", syslog_tls_key=tmp_path / "key.pem",
    )  # fmt: skip
    sending.wait(refused)
    assert central.lines("service:other-authority") == []


def test_a_relay_loses_nothing_while_the_central_is_down(central: Stack, staging: Staging) -> None:
    staging.env |= {"COMPOSE_PROFILES": "relay", "SYSLOG_ADDRESS": f"tcp://127.0.0.1:{staging.relay_port}"}
    staging.compose("up", "--detach", "--wait")
    rate = 500
    count = rate * (AWAY + 15)
    container = sending.start("relayed", staging.env["SYSLOG_ADDRESS"], count, rate)
    until(lambda: central.lines("service:relayed"), "nothing arrives")
    central.compose("stop", "syslog")
    staging.ping("staging-2")
    time.sleep(AWAY)  # the outage itself
    central.compose("up", "--detach", "--wait", "syslog")
    sending.wait(container)
    process = central.ended("relayed")
    assert (process["final"], process["received"], process["missing_count"]) == (count + 1, count + 1, 0)
    assert central.line("request:staging-2")["service.environment"] == "staging"


def test_a_relay_that_does_not_accept_the_central_ends_and_keeps_its_lines(
    central: Stack, host: str, tmp_path: Path
) -> None:
    """rsyslog by itself would go on receiving, and throw away what it receives."""
    copy = copy_of_the_tree(tmp_path)
    subprocess.run(["docker/certs", "sender", "staging-1"], cwd=copy, check=True)  # another authority's
    port = free_port()
    relay = docker(
        "run", "--detach", "--publish", f"127.0.0.1:{port}:5514", "--volume", f"{copy}/certs/staging-1:/certs:ro",
        "--env", "SYSLOG_TLS_DIR=/certs", "--env", f"SYSLOG_CENTRAL_ADDRESS={host}",
        "--env", f"SYSLOG_CENTRAL_PORT={central.ports['SYSLOG_RELP_PORT']}", "bs-syslog:v1.0.0", "relay",
    ).stdout.strip()  # fmt: skip
    until(lambda: health(relay) == "healthy", "the relay doesn't start")
    sending.wait(sending.start("not-accepted", f"tcp://127.0.0.1:{port}", 10))
    assert docker("wait", relay).stdout.strip() == "1"
    assert "certificate isn't accepted" in docker("logs", relay).stderr
    assert docker("cp", f"{relay}:/queue", str(tmp_path / "queue")).returncode == 0
    assert b"not-accepted" in b"".join(file.read_bytes() for file in (tmp_path / "queue").iterdir())
    docker("rm", "--volumes", relay)


def health(container: str) -> str:
    return docker("inspect", container, "--format", "{{.State.Health.Status}}").stdout.strip()


def test_without_its_syslog_server_the_service_does_not_start_and_docker_says_why(staging: Staging) -> None:
    staging.env["SYSLOG_ADDRESS"] = f"tcp://127.0.0.1:{free_port()}"
    done = docker("compose", "up", "--detach", cwd=staging.tree, env=staging.env, check=False)
    assert done.returncode
    assert "logging driver" in done.stderr
    assert "connection refused" in done.stderr
    assert "Created" in staging.compose("ps", "--all")
