"""`make run`'s stack in a test: free ports, its own folder, ended by its own Ctrl-C."""

import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

from native.services import all_services
from tests.ports import free_port

ROOT = Path(__file__).parents[2]


class Stack:
    """`with Stack(folder) as stack:` is the whole stack; `stack.api`, `stack.logdesk` are its addresses."""

    def __init__(self, folder: Path, root: Path = ROOT, **env: str) -> None:
        self.folder = folder
        self.root = root
        services = [service.port_variable for service in all_services(root)]
        self.ports = {name: free_port() for name in (*services, "LOGDESK_PORT", "SYSLOG_PORT", "BUGSINK_PORT")}
        self.api = f"http://127.0.0.1:{self.ports['API_PORT']}"
        self.logdesk = f"http://127.0.0.1:{self.ports['LOGDESK_PORT']}"
        self.env = {
            **os.environ,
            "RUN_DIR": str(folder / "run"),
            **{name: str(port) for name, port in self.ports.items()},
            **env,
        }

    def __enter__(self) -> Self:
        self.start()
        self.until(lambda: "is up." in self.output(), "the banner didn't come", 90)
        return self

    def start(self) -> None:
        with open(self.folder / "output", "wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-X", "faulthandler", "-m", "native"],
                cwd=self.root, env=self.env, stdout=output, stderr=output,
            )  # fmt: skip

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> int:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        try:
            return self.process.wait(170)  # what the supervisor's patience can add up to
        except subprocess.TimeoutExpired:
            self.process.send_signal(signal.SIGABRT)  # faulthandler says where each thread is
            self.process.wait()
            for pid in re.findall(r"started \(pid=(\d+)\)", self.output()):  # what it leaves behind
                with suppress(ProcessLookupError):
                    os.killpg(int(pid), signal.SIGKILL)
            raise AssertionError(f"it doesn't end:\n{self.output()[-6000:]}") from None

    def output(self) -> str:
        return (self.folder / "output").read_text(errors="replace")

    def until(self, condition: Callable[[], Any], problem: str, seconds: float = 30) -> Any:
        deadline = time.monotonic() + seconds
        while not (value := condition()):
            assert time.monotonic() < deadline, f"{problem}:\n{self.output()[-3000:]}"
            time.sleep(0.05)
        return value

    def search(self, query: str) -> list[dict[str, Any]]:
        return list(get_json(f"{self.logdesk}/api/search?q={query}")["hits"])

    def audit(self) -> list[dict[str, Any]]:
        """Every process of the archive, counted by `make audit`'s command."""
        run = Path(self.env["RUN_DIR"])
        output = subprocess.run(
            [sys.executable, "-m", "logdesk", "audit", "--json"],
            cwd=ROOT / "services" / "logdesk",
            env={**self.env, "LOGDESK_ARCHIVE": str(run / "archive"), "LOGDESK_INDEX": str(run / "index")},
            capture_output=True, text=True, check=False,
        ).stdout  # fmt: skip
        return [json.loads(line) for line in output.splitlines()]


def get_json(url: str, headers: Mapping[str, str] | None = None) -> Any:
    with urllib.request.urlopen(urllib.request.Request(url, headers=dict(headers or {})), timeout=10) as answer:
        return json.load(answer)
