"""The files that Bugsink's set-up leaves: data, generated secrets, the DSN. Readable by their owner only."""

import os
import secrets
from pathlib import Path

RUN_DIR = Path(os.environ.get("RUN_DIR") or Path(__file__).parents[2] / ".run").absolute()
FOLDER = RUN_DIR / "bugsink"


def write(name: str, text: str) -> None:
    """Replaces the file at once, so that nobody reads half of it."""
    FOLDER.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = FOLDER / f"{name}.part"
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with open(descriptor, "w", encoding="utf-8") as file:
        file.write(text + "\n")
    part.replace(FOLDER / name)


def read(name: str) -> str:
    """Empty when there is no such file."""
    try:
        return (FOLDER / name).read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return ""


def secret(name: str, length: int) -> str:
    """The secret in that file; made when it isn't there."""
    if not read(name):
        write(name, secrets.token_urlsafe(length))
    return read(name)
