"""Small programs in a process of their own: what configures or hooks a whole process must not touch pytest's."""

import os
import subprocess
import sys
from pathlib import Path

from tests.service.server import SERVICE


def environment(**env: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("LOG_", "SERVICE_"))}
    return {**kept, "PYTHONPATH": str(SERVICE), **env}


def run(code: str, folder: Path | None = None, code_expected: int = 0, **env: str) -> subprocess.CompletedProcess[str]:
    """Runs `code` in `folder`; its stdout and stderr as text."""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=folder, env=environment(**env), capture_output=True, text=True, timeout=60,
        check=False,
    )  # fmt: skip
    assert done.returncode == code_expected, done.stderr
    return done
