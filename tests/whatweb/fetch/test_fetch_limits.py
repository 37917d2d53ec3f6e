"""Servers that never come to an end cost bounded memory and time, and nobody else's."""

import contextlib
import gc
import gzip
import itertools
import json
import os
import socket
import subprocess
import sys
import threading
import time
import zlib
from collections.abc import Iterator
from pathlib import Path

import gevent
import gevent.socket
import pytest

from project.whatweb import connect, exchange
from project.whatweb.fetch import FetchError, Page
from tests.whatweb.fetch.origin import (
    HTML,
    Handler,
    Servers,
    endlessly,
    get,
    html,
    peak_memory,
    problem,
    redirect,
)

SERVICE = Path(__file__).parents[3] / "services" / "bs-whatweb"


@pytest.mark.parametrize("extra", [0, 1])
def test_page_is_truncated_only_if_longer_than_the_limit(servers: Servers, extra: int) -> None:
    body = HTML.ljust(1000 + extra)
    for sent in html(body=body), html("Content-Encoding: gzip", body=gzip.compress(body)):
        page = get(f"http://127.0.0.1:{servers.start(sent)}/", max_bytes=1000)
        assert (page.body, page.truncated) == (body[:1000], bool(extra))


def bomb(size: int) -> bytes:
    """A gzip header, then `size` MiB of zeros deflated: a flushed block can be repeated as it is."""
    packer = zlib.compressobj(9, wbits=31)
    head = packer.compress(HTML) + packer.flush(zlib.Z_FULL_FLUSH)
    return head + size * (packer.compress(bytes(1024 * 1024)) + packer.flush(zlib.Z_FULL_FLUSH))


ENDLESS = {
    "plain": (html(), b"x" * 65_536),
    "declared 1 TB": (html(f"Content-Length: {10**12}"), b"x" * 65_536),
    "chunks": (html("Transfer-Encoding: chunked", body=b""), b"4000\r\n" + b"x" * 0x4000 + b"\r\n"),
    "chunk of size -1": (html("Transfer-Encoding: chunked", body=b"-1\r\n"), b"x" * 65_536),
    "gzip bomb of 4 GB": (html("Content-Encoding: gzip", body=bomb(4096)), b""),
}


@pytest.mark.parametrize(("head", "piece"), ENDLESS.values(), ids=ENDLESS.keys())
def test_endless_page_is_cut_in_bounded_memory(servers: Servers, head: bytes, piece: bytes) -> None:
    port = servers.start(lambda conn: endlessly(conn, head, piece or b"\0"))
    pages: list[Page] = []
    used = peak_memory(lambda: pages.append(get(f"http://127.0.0.1:{port}/", max_bytes=2 * 1024 * 1024)))
    assert (len(pages[0].body), pages[0].truncated) == (2 * 1024 * 1024, True)
    assert used < 8 * 1024 * 1024


def test_endless_padding_after_gzip_is_not_waited_for(servers: Servers) -> None:
    head = html("Content-Encoding: gzip", body=gzip.compress(HTML))
    port = servers.start(lambda conn: endlessly(conn, head, bytes(65_536)))
    page = get(f"http://127.0.0.1:{port}/")
    assert (page.body, page.truncated) == (HTML, False)


def test_endless_bytes_that_decode_to_nothing_end_at_the_wire_limit(servers: Servers) -> None:
    empty_block = b"\0\0\0\xff\xff"  # RFC 1951, 3.2.4: a stored block of no bytes
    head = html("Content-Encoding: gzip", body=bomb(0))
    port = servers.start(lambda conn: endlessly(conn, head, empty_block * 10_000))
    page = get(f"http://127.0.0.1:{port}/", max_bytes=100_000)
    assert (page.body, page.truncated) == (HTML, True)


@pytest.mark.parametrize(
    ("head", "piece", "says"),
    [
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 1000, "more bytes than a page needs"),
        (b"", b"HTTP/1.1 103 Early Hints\r\n\r\n" * 1000, "more than 10 interim answers"),
        (b"HTTP/1.1 200 OK\r\n", b"X: " + b"y" * 60_000 + b"\r\n", "more bytes than a page needs"),
    ],
)
def test_endless_head_is_a_bad_response(servers: Servers, head: bytes, piece: bytes, says: str) -> None:
    port = servers.start(lambda conn: endlessly(conn, head, piece))
    errors: list[FetchError] = []
    used = peak_memory(lambda: errors.append(problem(f"http://127.0.0.1:{port}/", max_bytes=100_000)))
    assert (errors[0].kind, says in errors[0].detail) == ("bad-response", True)
    assert used < 4 * 1024 * 1024


def test_endless_trailers_end_at_the_wire_limit(servers: Servers) -> None:
    head = html("Transfer-Encoding: chunked", body=b"6\r\n<html>\r\n0\r\n")
    port = servers.start(lambda conn: endlessly(conn, head, b"T: x\r\n" * 1000))
    page = get(f"http://127.0.0.1:{port}/", max_bytes=100_000)
    assert (page.body, page.truncated) == (b"<html>", True)


@pytest.mark.parametrize(
    "sent",
    [
        html("Content-Length: 1000"),
        html("Transfer-Encoding: chunked", body=b"%x\r\n%b\r\n" % (len(HTML), HTML)),
        html("Transfer-Encoding: chunked", body=b"%x\r\n%b" % (len(HTML) + 1, HTML)),
        html("Content-Encoding: gzip", body=bomb(0)),
    ],
    ids=["length", "between chunks", "inside a chunk", "gzip"],
)
def test_page_that_breaks_off_is_scanned_as_far_as_it_came(servers: Servers, sent: bytes) -> None:
    page = get(f"http://127.0.0.1:{servers.start(sent)}/")
    assert (page.body, page.truncated) == (HTML, True)


def slow_status(conn: socket.socket) -> None:
    endlessly(conn, b"", b"H", pause=0.05)


def slow_headers(conn: socket.socket) -> None:
    endlessly(conn, b"HTTP/1.1 200 OK\r\n", b"X", pause=0.05)


def slow_body(conn: socket.socket) -> None:
    endlessly(conn, html(), b" ", pause=0.05)


def slow_chunks(conn: socket.socket) -> None:
    endlessly(conn, html("Transfer-Encoding: chunked", body=b""), b"1\r\n \r\n", pause=0.05)


def silent(conn: socket.socket) -> None:
    conn.recv(1)


def slow_redirects(conn: socket.socket) -> None:
    time.sleep(0.2)
    conn.sendall(redirect("/"))


SLOW = [slow_status, slow_headers, slow_body, slow_chunks, silent, slow_redirects]


def assert_ends_at_the_deadline(url: str) -> None:
    start = time.monotonic()
    error = problem(url, deadline=0.5)
    assert error.kind == "timeout"
    assert "0.5 seconds" in error.detail
    assert time.monotonic() - start < 5


@pytest.mark.parametrize("handler", SLOW)
def test_slow_answer_ends_at_the_deadline(servers: Servers, handler: Handler) -> None:
    assert_ends_at_the_deadline(f"http://127.0.0.1:{servers.start(handler)}/")


def test_slow_handshake_ends_at_the_deadline(servers: Servers) -> None:
    # The plain server waits for the end of a request's head, which a TLS greeting doesn't have.
    assert_ends_at_the_deadline(f"https://127.0.0.1:{servers.start(html())}/")


def test_slow_name_server_ends_at_the_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    answered = threading.Event()

    def getaddrinfo(*_: object, **__: object) -> object:  # waits in gevent's thread pool, as the real one does
        return gevent.get_hub().threadpool.apply(answered.wait, (30,))

    monkeypatch.setattr(gevent.socket, "getaddrinfo", getaddrinfo)
    try:
        assert_ends_at_the_deadline("http://slow.example/")
    finally:
        answered.set()


@pytest.fixture
def full_port() -> Iterator[int]:
    """A port whose queue of connections is full, so that the kernel drops all further attempts."""
    with socket.socket() as listener, contextlib.ExitStack() as waiting:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for _ in range(8):
            client = waiting.enter_context(socket.socket())
            client.setblocking(False)
            client.connect_ex(listener.getsockname())
        yield listener.getsockname()[1]


def test_connecting_ends_at_the_deadline(full_port: int) -> None:
    assert_ends_at_the_deadline(f"http://127.0.0.1:{full_port}/")


def test_connecting_to_one_address_does_not_use_up_the_deadline(
    full_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connect, "CONNECT_SECONDS", 0.1)
    error = problem(f"http://127.0.0.1:{full_port}/")
    assert (error.kind, "seconds" in error.detail) == ("timeout", False)


def test_a_server_that_accepts_at_once_may_think_longer(servers: Servers, monkeypatch: pytest.MonkeyPatch) -> None:
    def thinking(conn: socket.socket) -> None:
        time.sleep(0.3)
        conn.sendall(html())

    monkeypatch.setattr(connect, "CONNECT_SECONDS", 0.1)
    assert get(f"http://127.0.0.1:{servers.start(thinking)}/").status == 200


def test_a_handshake_that_the_deadline_ends_leaves_no_open_socket() -> None:
    gc.disable()  # which would close it by and by
    try:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            problem(f"https://127.0.0.1:{listener.getsockname()[1]}/", deadline=0.2)
            conn, _ = listener.accept()
            with conn:
                conn.settimeout(5)
                assert conn.recv(65_536)  # the greeting
                assert conn.recv(65_536) == b""  # closed
    finally:
        gc.enable()


def test_a_callers_own_timeout_is_not_taken_for_the_deadline(servers: Servers) -> None:
    port = servers.start(silent)
    with pytest.raises(gevent.Timeout) as raised, gevent.Timeout(0.2) as own:
        get(f"http://127.0.0.1:{port}/")
    assert raised.value is own


def test_others_run_between_reads_that_need_not_wait() -> None:
    ours, theirs = gevent.socket.socketpair()
    with ours, theirs:
        theirs.sendall(b"x" * 8000)
        turns = itertools.count()

        def other() -> None:
            while True:
                next(turns)
                gevent.sleep(1e-9)  # as one who waits for a timer or a socket

        runner = gevent.spawn(other)
        wire = exchange._Wire(ours, limit=8000)
        for _ in range(8):
            wire.readinto(bytearray(1000))
        runner.kill()
    assert next(turns) >= 8


PATCHED = """
from gevent import monkey; monkey.patch_all()
import gevent, json, sys
from ipaddress import ip_network
from project.whatweb.fetch import FetchError, fetch

def scan(port):
    try:
        url = f"http://127.0.0.1:{port}/"
        return fetch(url, user_agent="t", allow_networks=[ip_network("127.0.0.0/8")], deadline=1.0).status
    except FetchError as error:
        return error.kind

order = []
def told(port):
    order.append(scan(port))
gevent.joinall([gevent.spawn(told, int(port)) for port in sys.argv[1:]], raise_error=True)
print(json.dumps(order))
"""


def test_patched_worker_serves_others_during_a_slow_fetch(servers: Servers) -> None:
    ports = [servers.start(slow_body), servers.start(silent), servers.start(html())]
    child = subprocess.run(
        [sys.executable, "-W", "error", "-c", PATCHED, *map(str, ports)],
        env=os.environ | {"PYTHONPATH": str(SERVICE)},
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert child.stderr == b""
    assert json.loads(child.stdout) == [200, "timeout", "timeout"]
