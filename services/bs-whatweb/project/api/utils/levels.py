"""Levels of loggers and handlers, from the environment and from a file that a running process watches.

    LOG_LEVELS="root=INFO, project.api=DEBUG, handler:access=WARNING"

The file (LOG_LEVELS_FILE) holds the same, one a line if you like; what it names overrides LOG_LEVELS, and what is
taken out of it goes back. Handlers are named as in the INI file.
"""

import logging
import os
import re
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

log = logging.getLogger(__name__)

INTERVAL = 1.0  # seconds between two looks at the file
_HANDLER = "handler:"


class LevelError(ValueError):
    """A level or a handler that doesn't exist, or an entry that isn't `name=LEVEL`."""


def parse(text: str) -> dict[str, int]:
    """`name=LEVEL` entries, separated by commas or new lines, as name → numeric level."""
    names = logging.getLevelNamesMapping()
    levels = {}
    for entry in filter(None, map(str.strip, re.split(r"[,\n]", text))):
        name, equals, level = (part.strip() for part in entry.partition("="))
        if not (name and equals and level.upper() in names):
            known = ", ".join(sorted(names, key=names.__getitem__))
            raise LevelError(f"{entry!r}: write name=LEVEL, with one of {known}")
        levels[name] = names[level.upper()]
    return levels


def apply(levels: Mapping[str, int]) -> dict[str, int]:
    """Sets each level; returns what they were, for a later `apply`."""
    before = {}
    for name, level in levels.items():
        for target in _targets(name):
            before[name] = target.level
            target.setLevel(level)
        if name not in before:
            log.warning("No log handler is named %r: its level is not set", name.removeprefix(_HANDLER))
    return before


def _targets(name: str) -> Iterator[logging.Logger | logging.Handler]:
    if name.startswith(_HANDLER):
        yield from (handler for handler in _handlers() if handler.name == name.removeprefix(_HANDLER))
    else:
        yield logging.getLogger(None if name == "root" else name)


def _handlers() -> set[logging.Handler]:
    named = list(logging.root.manager.loggerDict.values())  # among them placeholders, which have no handlers
    return {
        handler
        for logger in (logging.root, *named)
        if isinstance(logger, logging.Logger)
        for handler in logger.handlers
    }


def configured(environ: Mapping[str, str] = os.environ) -> dict[str, int]:
    """What LOG_LEVELS says. Raises LevelError."""
    try:
        return parse(environ.get("LOG_LEVELS", ""))
    except LevelError as error:
        raise LevelError(f"LOG_LEVELS: {error}") from None


def from_environment(environ: Mapping[str, str] = os.environ) -> None:
    """Sets what LOG_LEVELS says, once logging is configured. Raises LevelError, so that a typo stops the start.

    A typo in a logger's name can't be told from a logger that is made later.
    """
    levels = configured(environ)
    if unknown := next((name for name in levels if not any(_targets(name))), None):
        known = ", ".join(sorted(f"{_HANDLER}{handler.name}" for handler in _handlers() if handler.name))
        raise LevelError(f"LOG_LEVELS: no log handler is named {unknown!r}: write one of {known}")
    apply(levels)


def watch(path: str | os.PathLike[str], interval: float = INTERVAL) -> threading.Thread:
    """Follows the file in a thread of this process (a greenlet under gevent). Start it after the fork."""
    thread = threading.Thread(target=_follow, args=(Path(path), interval), name="log-levels", daemon=True)
    thread.start()
    return thread


def _follow(path: Path, interval: float) -> None:
    seen = ""
    before: dict[str, int] = {}
    while True:
        text = _read(path)
        if text != seen:
            seen = text
            try:
                levels = parse(text)
            except LevelError as error:
                log.error("%s: %s. Levels stay as they were.", path, error)
            else:
                apply(before)
                # Said at the levels of the start: the new ones may hold it back.
                log.info("Log levels changed: %s", " ".join(text.split()) or "back to those of the start")
                before = apply(levels)
        time.sleep(interval)


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except (OSError, UnicodeDecodeError):  # not there (yet), or being written
        return ""
