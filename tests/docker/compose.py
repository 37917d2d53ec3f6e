"""The stack in a test: a project name, ports and secrets of its own, taken down with its volumes at the end."""

import json
import os
import shutil
import subprocess
import time
import urllib.error
import urllib.request
from base64 import b64encode
from collections.abc import Callable, Mapping
from email.message import Message
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlencode

from native.services import all_services
from tests.ports import free_port

ROOT = Path(__file__).parents[2]
PORTS = ("LOGDESK_PORT", "SYSLOG_PORT", "BUGSINK_PORT", "SYSLOG_TLS_PORT", "SYSLOG_RELP_PORT")
SERVICES = {service.name: service.port_variable for service in all_services()}


def copy_of_the_tree(folder: Path) -> Path:
    """What git knows of, new files included: a checkout without what `make` made."""
    files = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip
    for name in filter(None, files.split("\0")):
        if (ROOT / name).exists():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
    # A mounted file is read by the container's user, who is nobody on this machine.
    for path in (folder, *folder.rglob("*")):
        path.chmod(path.stat().st_mode | (0o055 if path.is_dir() else 0o044))
    return folder


def docker(*args: str, check: bool = True, **options: Any) -> subprocess.CompletedProcess[str]:
    """Its output is in an error's message."""
    done = subprocess.run(["docker", *args], text=True, capture_output=True, check=False, **options)
    assert not check or done.returncode == 0, f"docker {' '.join(args)}: {done.stdout}{done.stderr}"
    return done


def until(condition: Callable[[], Any], problem: str, seconds: float = 30) -> Any:
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < deadline, problem
        time.sleep(0.1)
    return found


def get(url: str, headers: Mapping[str, str] | None = None) -> tuple[int, Message, bytes]:
    """Status, headers and body, whatever the status is. Raises OSError when nobody answers."""
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers=dict(headers or {})), timeout=60) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read()


class Stack:
    """`with Stack(tree) as stack:`; `stack.api`, `stack.logdesk`, `stack.bugsink` are the addresses."""

    def __init__(self, tree: Path) -> None:
        self.tree = tree
        self.ports = {name: free_port() for name in (*PORTS, *SERVICES.values())}
        self.api, self.logdesk, self.bugsink = (
            f"http://127.0.0.1:{self.ports[name]}" for name in ("API_PORT", "LOGDESK_PORT", "BUGSINK_PORT")
        )
        self.project = f"bs-test-{self.ports['API_PORT']}"
        self.env = {
            **os.environ,
            "COMPOSE_PROJECT_NAME": self.project,
            "COMPOSE_FILE": "docker-compose.yml:tests/docker/failing.yml",
            **{name: str(port) for name, port in self.ports.items()},
        }

    def __enter__(self) -> Self:
        self.start()
        return self

    def start(self) -> None:
        """By docker/up, whose words are in `said`."""
        try:
            self.said = subprocess.run(
                ["docker/up"], cwd=self.tree, env=self.env, check=True, capture_output=True, text=True
            )
        except BaseException:
            self.down("--volumes")
            raise
        lines = (self.tree / ".env").read_text().split()
        self.secrets = dict(line.split("=", 1) for line in lines)

    def __exit__(self, *_: object) -> None:
        self.down("--volumes")

    def compose(self, *args: str, check: bool = True) -> str:
        return docker("compose", *args, check=check, cwd=self.tree, env=self.env).stdout

    def down(self, *args: str) -> None:
        self.compose("down", "--timeout", "30", *args)

    def container(self, service: str) -> str:
        return self.compose("ps", "--quiet", service).strip()

    def ask(self, path: str, **parameters: str) -> Any:
        """logdesk's JSON API."""
        login = b64encode(f"any:{self.secrets['LOGDESK_PASSWORD']}".encode()).decode()
        url = f"{self.logdesk}/api/{path}?{urlencode(parameters)}"
        status, _, body = get(url, {"Authorization": f"Basic {login}"})
        assert status == 200, f"{url}: {status} {body.decode()}"
        return json.loads(body)

    def lines(self, query: str) -> list[dict[str, Any]]:
        return [hit["fields"] for hit in self.ask("search", q=query, limit="1000")["hits"]]

    def line(self, query: str) -> dict[str, Any]:
        """The one line that the query finds, as soon as it is there."""
        found: list[dict[str, Any]] = until(lambda: self.lines(query), f"no line for {query}")
        assert len(found) == 1, found
        return found[0]

    def audit(self, service: str) -> list[dict[str, Any]]:
        processes: list[dict[str, Any]] = self.ask("audit", service=service)["processes"]
        return processes

    def ended(self, service: str) -> dict[str, Any]:
        """The service's one process, once its last line is there."""

        def last_line() -> list[dict[str, Any]]:
            return [process for process in self.audit(service) if process["final"] is not None]

        found: list[dict[str, Any]] = until(last_line, f"{service}'s last line is missing", 300)
        assert len(found) == 1, found
        return found[0]

    def missing(self, service: str) -> int:
        count: int = sum(process["missing_count"] for process in self.audit(service))
        return count
