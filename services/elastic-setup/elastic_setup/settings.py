"""Everything from the environment."""

from __future__ import annotations

import os
from urllib.parse import urlsplit

from .errors import SetupError


def url(name: str, default: str) -> str:
    text = os.environ.get(name) or default
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username:
        raise SetupError(f"{name} is {text!r}: write http://HOST:PORT or https://HOST:PORT, without a user in it.")
    return text.rstrip("/")


def number(name: str, default: int, at_least: int) -> int:
    text = os.environ.get(name) or str(default)
    if not text.isdecimal() or int(text) < at_least:
        raise SetupError(f"{name} is {text!r}: write a whole number, {at_least} or more.")
    return int(text)


def secret(name: str) -> str:
    """Empty when it isn't set."""
    return os.environ.get(name, "")


def needed_secret(name: str) -> str:
    value = secret(name)
    if len(value) < 6:
        raise SetupError(
            f"{name} is not set, or shorter than the 6 characters that Elasticsearch asks for: docker/secrets makes it."
        )
    return value
