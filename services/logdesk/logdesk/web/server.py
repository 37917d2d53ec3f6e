"""gunicorn, configured here rather than by flags: one worker process, threads that share it, little memory."""

from __future__ import annotations

import socket
import struct
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication  # type: ignore[import-untyped]

from ..settings import Settings
from .app import create_app
from .security import refuse_open_address

THREADS = 8
REQUEST_WITHIN = 5  # seconds without a byte of it
ANSWER_WITHIN = 30  # seconds without a byte of it taken


def serve(settings: Settings) -> None:
    """Serve the pages until a signal ends the process. Raises SystemExit where that would be unsafe."""
    refuse_open_address(settings)
    _Server(settings).run()


def _limit_waiting(server: Any) -> None:
    """A client that stops in the middle of its request, or of the answer, gives its thread back: eight such clients
    would hold up all others. By the listener, from which Linux's connections take it; gunicorn has no such setting."""
    for listener in server.LISTENERS:
        listener.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack("ll", REQUEST_WITHIN, 0))
        listener.sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("ll", ANSWER_WITHIN, 0))


class _Server(BaseApplication):  # type: ignore[misc]
    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        super().__init__()

    def load_config(self) -> None:
        address = f"[{self.settings.address}]" if ":" in self.settings.address else self.settings.address
        options: dict[str, Any] = {
            "bind": f"{address}:{self.settings.port}",
            "proc_name": "logdesk",
            "worker_class": "gthread",
            "workers": 1,
            "threads": THREADS,
            # The pages are read by people and by a live view that polls: an idle connection costs no thread.
            "keepalive": 15,
            "preload_app": True,  # the worker shares the modules' memory with its master
            # On by default since gunicorn 25.1, and a second gunicorn takes its path over.
            "control_socket_disable": True,
            "when_ready": _limit_waiting,
            "loglevel": "warning",
            "limit_request_line": 8190,  # a query travels in the address; the default is half of that
        }
        for name, value in options.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        return create_app(self.settings)
