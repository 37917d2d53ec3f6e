"""Containers that write numbered lines into Docker's syslog driver."""

from pathlib import Path

from tests.docker.compose import ROOT, docker

IMAGE = "bs-whatweb:v1.0.0"


def build() -> None:
    docker("build", "--tag", IMAGE, "--file", "services/bs-whatweb/Dockerfile-staging", "services/bs-whatweb", cwd=ROOT)


def start(tag: str, address: str, count: int, rate: int = 0, **tls: Path) -> str:
    """A container that writes `count` lines, `rate` a second; returns its id. `tls`: syslog_tls_ca_cert=… and so on."""
    options = {"syslog-address": address, "syslog-format": "rfc5424micro", "tag": tag}
    options |= {name.replace("_", "-"): str(path) for name, path in tls.items()}
    logging = [word for name, value in options.items() for word in ("--log-opt", f"{name}={value}")]
    sender = f"{ROOT}/tests/docker/sender.py:/usr/src/app/sender.py:ro"
    return docker(
        "run", "--detach", "--env", f"SERVICE_NAME={tag}", "--volume", sender, "--log-driver", "syslog", *logging,
        IMAGE, "python", "sender.py", str(count), str(rate),
    ).stdout.strip()  # fmt: skip


def wait(*containers: str) -> None:
    """Until they have ended by themselves; removes them. Docker closes a container's log before it says so."""
    for container in containers:
        assert docker("wait", container).stdout.strip() == "0", docker("logs", container, check=False).stderr
        docker("rm", container)
