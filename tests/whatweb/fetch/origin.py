"""Origin servers for `fetch` to meet, real and mostly hostile, and `fetch` as these tests call it."""

import contextlib
import socket
import ssl
import threading
import time
import tracemalloc
from collections.abc import Callable, Sequence
from ipaddress import ip_network
from typing import Any

import gevent.socket
import pytest

from project.whatweb.addresses import Network
from project.whatweb.errors import STATUS, FetchError
from project.whatweb.fetch import Page, fetch

Handler = Callable[[socket.socket], None]  # gets the connection once the request's head has come in

LOOPBACK = [ip_network("127.0.0.0/8"), ip_network("::1/128")]
HTML = b"<!doctype html><title>x</title>"


class Servers:
    """Starts servers on free ports of 127.0.0.1 and ends them all. `requests` are the heads they got."""

    def __init__(self) -> None:
        self.requests: list[bytes] = []
        self._sockets: list[socket.socket] = []
        self._threads: list[threading.Thread] = []

    def start(self, handler: Handler | bytes, tls: ssl.SSLContext | None = None, head_ends: bytes = b"\r\n\r\n") -> int:
        """The port of a server that runs `handler` (or sends those bytes) when `head_ends` has come in."""

        def serve(conn: socket.socket) -> None:
            with contextlib.closing(tls.wrap_socket(conn, server_side=True) if tls else conn) as stream:
                head = b""
                while not head.endswith(head_ends):
                    if not (piece := stream.recv(65_536)):
                        return
                    head += piece
                self.requests.append(head)
                if isinstance(handler, bytes):
                    stream.sendall(handler)
                else:
                    handler(stream)

        listener = socket.create_server(("127.0.0.1", 0))
        self._sockets.append(listener)
        self._run(self._accept, listener, serve)
        return int(listener.getsockname()[1])

    def _accept(self, listener: socket.socket, serve: Handler) -> None:
        while True:
            conn, _ = listener.accept()
            self._sockets.append(conn)
            self._run(serve, conn)

    def _run(self, work: Callable[..., None], *arguments: object) -> None:
        def quietly() -> None:
            with contextlib.suppress(OSError):  # the client went, or the test is over
                work(*arguments)

        thread = threading.Thread(target=quietly)
        self._threads.append(thread)
        thread.start()

    def stop(self) -> None:
        for sock in self._sockets:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
            sock.close()
        for thread in self._threads:
            thread.join(10)
            assert not thread.is_alive()


def answer(*headers: str, body: bytes = HTML, status: str = "200 OK") -> bytes:
    lines = (f"HTTP/1.1 {status}", *headers, "", "")
    return "\r\n".join(lines).encode("utf-8") + body


def html(*headers: str, body: bytes = HTML, status: str = "200 OK") -> bytes:
    return answer("Content-Type: text/html", *headers, body=body, status=status)


def redirect(location: str) -> bytes:
    return answer(f"Location: {location}", body=b"", status="302 Found")


def get(
    url: str,
    allow_networks: Sequence[Network] = LOOPBACK,
    deadline: float = 20.0,
    max_bytes: int = 2 * 1024 * 1024,
) -> Page:
    return fetch(
        url,
        user_agent="bs-whatweb/1.0",
        allow_networks=allow_networks,
        deadline=deadline,
        max_bytes=max_bytes,
    )


def problem(url: str, **options: Any) -> FetchError:
    with pytest.raises(FetchError) as raised:
        get(url, **options)
    error = raised.value
    assert error.status == STATUS[error.kind]
    assert error.detail.endswith(".")
    return error


def endlessly(conn: socket.socket, head: bytes, piece: bytes, pause: float = 0.0) -> None:
    conn.sendall(head)
    while True:
        conn.sendall(piece)
        time.sleep(pause)


def peak_memory(work: Callable[[], object]) -> int:
    """The most bytes that Python, its zlib included, held at once while `work` ran."""
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def resolve_to(monkeypatch: pytest.MonkeyPatch, *answers: list[str]) -> list[str]:
    """Lets the name server say `answers`, one after the other; returns the list of names it was asked."""
    asked: list[str] = []
    coming = iter(answers)

    def getaddrinfo(host: str, port: int, **_: object) -> list[object]:
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 0, "", (address, port)) for address in next(coming)]

    monkeypatch.setattr(gevent.socket, "getaddrinfo", getaddrinfo)
    return asked
