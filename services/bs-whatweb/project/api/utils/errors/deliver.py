"""`python -m project.api.utils.errors.deliver < event.json`: sends one event and ends. Started by outside.py."""

import json
import logging
import sys
from typing import Any

from .. import context
from . import clients
from .settings import ErrorSettings

WITHIN = 10.0  # seconds


def main() -> None:
    # Not a line of its own on stderr: this process has no number for it, and the failure has its line.
    logging.disable()
    given: dict[str, Any] = json.load(sys.stdin)
    settings = ErrorSettings.from_environment()
    client = clients.load(settings.client)
    with context.bound(given["context"]):
        client.send(given["event"], settings)
    client.close(WITHIN)


if __name__ == "__main__":
    main()
