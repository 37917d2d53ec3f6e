"""Clients that stop in the middle."""

from __future__ import annotations

import socket
from contextlib import ExitStack

from logdesk.web.server import THREADS
from tests.logdesk.web.running import Desk


def test_half_requests_hold_up_no_other_for_long(logs: Desk) -> None:
    host, port = logs.url.removeprefix("http://").split(":")
    with ExitStack() as open_ones:
        for _ in range(2 * THREADS):
            one = open_ones.enter_context(socket.create_connection((host, int(port))))
            one.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n")
        assert logs.get("/healthz") == {"status": "ok"}
