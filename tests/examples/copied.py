"""A project made by the commands of docs/copy-the-formatter.md, and its program running."""

import os
import re
import signal
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

from tests.ports import free_port
from tests.service.lines import check_line

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "copy-the-formatter.md").read_text()


SETTING_UP = ("cp ", "rm ", "pip ", "printf ")


def commands(section: str) -> list[str]:
    """The command lines of a section of the page."""
    _, _, part = PAGE.partition(f"# {section}\n")
    prose = re.sub(r"^```.*?^```$", "", part.partition("\n## ")[0], flags=re.MULTILINE | re.DOTALL)
    return re.findall(r"^    (.*)$", prose, re.MULTILINE)


class Project:
    """A section's commands: those that set the project up have run, the others are `programs`, and in
    `with Project(folder, "Django") as project:` the first of them is running."""

    def __init__(self, folder: Path, section: str) -> None:
        (folder / "bs-whatweb").symlink_to(ROOT)
        self.folder = folder / "shop"
        self.folder.mkdir()
        self.port = free_port()
        self.env = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("SERVICE_", "PYTHON"))},
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "PORT": str(self.port),
            "SERVICE_NAME": "shop",
        }
        self.programs = []
        for command in (*commands("Copy the formatter"), *commands(section)):
            if command.startswith(SETTING_UP):
                self.run(command)
            else:
                self.programs.append(command)

    def run(self, command: str, expected: int = 0) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            ["bash", "-c", command], cwd=self.folder, env=self.env, capture_output=True, text=True, timeout=60,
            check=False,
        )  # fmt: skip
        assert done.returncode == expected, (command, done.stdout, done.stderr)
        return done

    def __enter__(self) -> Self:
        with open(self.folder / "output", "wb") as output:
            self.process = subprocess.Popen(
                ["bash", "-c", f"exec {self.programs[0]}"], cwd=self.folder, env=self.env, stdout=output, stderr=output
            )
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """As a container is stopped."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(30)
        finally:
            self.process.kill()

    def until(self, condition: Callable[[], Any], seconds: float = 30) -> Any:
        deadline = time.monotonic() + seconds
        while not (value := condition()):
            output = (self.folder / "output").read_text()
            assert self.process.poll() is None, output[-3000:]
            assert time.monotonic() < deadline, output[-3000:]
            time.sleep(0.05)
        return value

    def lines(self) -> list[dict[str, Any]]:
        return lines((self.folder / "output").read_bytes())


def lines(output: bytes) -> list[dict[str, Any]]:
    """Every whole line of what a program wrote; each keeps the contract."""
    return [check_line(line) for line in output.split(b"\n")[:-1]]


def ends(found: list[dict[str, Any]]) -> int:
    """How many processes wrote; no number of theirs is missing, and each one's last line says that it is."""
    processes = defaultdict(list)
    for line in found:
        processes[line["process.entity_id"]].append(line)
    for written in processes.values():
        assert [line["event.sequence"] for line in written] == list(range(1, len(written) + 1))
        assert written[-1].get("event.action") == "log-end", written[-1]["message"]
    return len(processes)
