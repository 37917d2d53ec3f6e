"""Every setting of logdesk, read from the environment in this one place."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


class SettingsError(ValueError):
    """A variable in the environment that can't be used; the message names it and says what is wanted."""


@dataclass(frozen=True)
class Settings:
    """What the indexer, the searches and the pages need to know. Zero days or bytes means: keep everything.
    `hosts` are the names, beside localhost, by which a browser may open the pages."""

    archive: Path
    index: Path
    keep_days: int = 30
    keep_bytes: int = 0
    address: str = "127.0.0.1"
    port: int = 5080
    password: str = ""
    hosts: frozenset[str] = frozenset()


def from_environment(env: Mapping[str, str] = os.environ) -> Settings:
    """Read `LOGDESK_*`. Raises SettingsError."""
    return Settings(
        archive=Path(env.get("LOGDESK_ARCHIVE") or "var/archive"),
        index=Path(env.get("LOGDESK_INDEX") or "var/index"),
        keep_days=_whole_number(env, "LOGDESK_KEEP_DAYS", Settings.keep_days),
        keep_bytes=_whole_number(env, "LOGDESK_KEEP_BYTES", Settings.keep_bytes),
        address=env.get("LOGDESK_ADDRESS") or Settings.address,
        port=_port(env, "LOGDESK_PORT", Settings.port),
        password=env.get("LOGDESK_PASSWORD", ""),
        hosts=frozenset(filter(None, (name.strip().lower() for name in env.get("LOGDESK_HOSTS", "").split(",")))),
    )


def _port(env: Mapping[str, str], name: str, default: int) -> int:
    port = _whole_number(env, name, default)
    if not 0 < port < 65536:
        raise SettingsError(f"{name} is {port}: write a port from 1 to 65535.")
    return port


def _whole_number(env: Mapping[str, str], name: str, default: int) -> int:
    text = env.get(name, "").strip()
    if not text:
        return default
    if not (text.isascii() and text.isdigit()):
        raise SettingsError(f"{name} is {text!r}: write a whole number, 0 or more.")
    return int(text)
