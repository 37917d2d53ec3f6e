"""The clients that can send events. Each is a module with these functions, imported when it is chosen."""

import logging
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol, cast

if TYPE_CHECKING:
    from flask import Flask

    from .settings import ErrorSettings


class Client(Protocol):
    def setup(self, settings: "ErrorSettings", app: "Flask") -> None:
        """Reports the app's unhandled exceptions from here on."""

    def capture(self, record: logging.LogRecord) -> str | None:
        """Sends the record's event; its id, or None when it has none."""

    def send(self, event: dict[str, Any], settings: "ErrorSettings") -> None:
        """Sends an event that another process made, from a process without an app."""

    def close(self, timeout: float) -> None:
        """Waits until what is queued has left, for at most `timeout` seconds."""


def load(name: str) -> Client:
    """`name` as in settings.CLIENTS."""
    return cast(Client, import_module(f".{name}_client", __package__))
