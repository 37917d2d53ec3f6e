"""A checkout of the tree in a folder of its own, in which services are made and removed by `make`."""

import subprocess
import sys
from pathlib import Path


class Checkout:
    def __init__(self, folder: Path) -> None:
        """`folder` holds a copy of the tree."""
        self.folder = folder
        self.git("init", "--quiet")
        self.commit("The tree as it is")

    def git(self, *arguments: str) -> str:
        return subprocess.run(
            ["git", *arguments], cwd=self.folder, check=True, capture_output=True, text=True
        ).stdout  # fmt: skip

    def commit(self, message: str) -> None:
        self.git("add", "--all")
        self.git("-c", "user.name=Test", "-c", "user.email=test@localhost", "commit", "--quiet", "--message", message)

    def make(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """`make`, with this process's virtual environment for the checkout's."""
        python = Path(sys.executable)
        return subprocess.run(
            ["make", "--old-file=.venv/dev", f"PYTHON={python}", f"BIN={python.parent}", *arguments],
            cwd=self.folder, capture_output=True, text=True, check=False,
        )  # fmt: skip

    def changes(self) -> str:
        return self.git("status", "--porcelain", "--untracked-files=all")

    def text(self, name: str) -> str:
        return (self.folder / name).read_text()

    def append(self, name: str, text: str) -> None:
        (self.folder / name).write_text(self.text(name) + text)
