"""`fetch` against real servers on this machine, most of them hostile.

A server is a function that gets the connection once the request's head has come in.
"""

import contextlib
import gzip
import itertools
import json
import logging
import os
import socket
import ssl
import struct
import subprocess
import sys
import threading
import time
import tracemalloc
import zlib
from collections.abc import Callable, Iterator, Sequence
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import gevent
import gevent.socket
import pytest

from project.whatweb import connect, exchange
from project.whatweb.addresses import Network
from project.whatweb.errors import STATUS, FetchError
from project.whatweb.fetch import MAX_REDIRECTS, Page, fetch

Handler = Callable[[socket.socket], None]

LOOPBACK = [ip_network("127.0.0.0/8"), ip_network("::1/128")]
HTML = b"<!doctype html><title>x</title>"
SERVICE = Path(__file__).parents[2] / "services" / "bs-whatweb"


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


@pytest.fixture
def servers() -> Iterator[Servers]:
    running = Servers()
    yield running
    running.stop()


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


# --- what a good answer becomes ---


def test_page_carries_everything_a_scan_looks_at(servers: Servers) -> None:
    port = servers.start(
        answer(
            'Content-Type: Text/HTML ; x=y; charset="UTF-8"',
            "Set-Cookie: sid=a=b; Path=/; SameSite=Odd",
            "X-Powered-BY: one",
            "set-cookie: theme = dark ",
            "Set-Cookie: ; Secure",
            "x-powered-by: two",
            "X-Folded: a\r\n b",
            status="404 Not Found",
        )
    )
    page = get(f"http://127.0.0.1:{port}/a?b=c")
    assert page == Page(
        url=f"http://127.0.0.1:{port}/a?b=c",
        status=404,
        headers=(
            ("Content-Type", 'Text/HTML ; x=y; charset="UTF-8"'),
            ("Set-Cookie", "sid=a=b; Path=/; SameSite=Odd"),
            ("X-Powered-BY", "one"),
            ("set-cookie", "theme = dark "),
            ("Set-Cookie", "; Secure"),
            ("x-powered-by", "two"),
            ("X-Folded", "a  b"),
        ),
        cookies={"sid": "a=b", "theme": "dark"},
        body=HTML,
        content_type="text/html",
        charset="utf-8",
        redirects=(),
        truncated=False,
    )


def test_request_names_the_callers_host_and_nothing_that_identifies_him(servers: Servers) -> None:
    port = servers.start(html())
    get(f"http://localhost:{port}/a b?c=ü#frag")
    assert servers.requests == [
        f"GET /a%20b?c=%C3%BC HTTP/1.1\r\nHost: localhost:{port}\r\nUser-Agent: bs-whatweb/1.0\r\n"
        "Accept: text/html, application/xhtml+xml\r\nAccept-Encoding: gzip\r\n"
        "Connection: close\r\n\r\n".encode()
    ]


@pytest.mark.parametrize("coding", ["gzip", "X-GZIP"])
def test_gzip_is_decoded_and_padding_after_it_ignored(servers: Servers, coding: str) -> None:
    packed = gzip.compress(HTML) + b"\0" * 8
    port = servers.start(html(f"Content-Encoding: {coding}", f"Content-Length: {len(packed)}", body=packed))
    page = get(f"http://127.0.0.1:{port}/")
    assert (page.body, page.truncated) == (HTML, False)


def test_chunked_body_is_put_together(servers: Servers) -> None:
    port = servers.start(html("Transfer-Encoding: chunked", body=b"3\r\n<ht\r\n4;x=y\r\nml>!\r\n0\r\nT: x\r\n\r\n"))
    page = get(f"http://127.0.0.1:{port}/")
    assert (page.body, page.truncated) == (b"<html>!", False)


def test_interim_answers_are_skipped(servers: Servers) -> None:
    early = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n"
    port = servers.start(early * 2 + html())
    assert get(f"http://127.0.0.1:{port}/").status == 200


@pytest.mark.parametrize("body", [b"<html>", b"\xef\xbb\xbf \n<!DOCTYPE HTML>", b"<!-- x -->", b"<p>x"])
def test_html_without_a_content_type_is_recognised(servers: Servers, body: bytes) -> None:
    page = get(f"http://127.0.0.1:{servers.start(answer(body=body))}/")
    assert (page.content_type, page.charset, page.body) == ("", None, body)


# --- redirects ---


def test_redirects_are_followed_and_told(servers: Servers) -> None:
    end = servers.start(html())
    middle = servers.start(redirect(f"http://localhost:{end}/é?x=y z"))
    start = servers.start(redirect(f"//127.0.0.1:{middle}/m"))
    page = get(f"http://127.0.0.1:{start}/")
    assert page.url == f"http://localhost:{end}/%C3%A9?x=y%20z"
    assert page.redirects == (f"http://127.0.0.1:{start}/", f"http://127.0.0.1:{middle}/m")


def test_a_redirects_body_is_never_read(servers: Servers) -> None:
    end = servers.start(html())
    start = servers.start(lambda conn: endlessly(conn, redirect(f"http://127.0.0.1:{end}/"), b"x" * 65_536))
    assert peak_memory(lambda: get(f"http://127.0.0.1:{start}/")) < 1_000_000


def test_redirect_status_without_a_location_is_the_page_itself(servers: Servers) -> None:
    assert get(f"http://127.0.0.1:{servers.start(html(status='302 Found'))}/").status == 302


def test_redirect_loop_ends(servers: Servers) -> None:
    port = servers.start(redirect("/again"))
    assert problem(f"http://127.0.0.1:{port}/").kind == "too-many-redirects"
    assert len(servers.requests) == MAX_REDIRECTS + 1


@pytest.mark.parametrize(
    ("location", "says"),
    [
        ("http://169.254.169.254/latest/meta-data/", "169.254.169.254"),
        ("http://[::ffff:169.254.169.254]/", "not public"),
        ("http://10.0.0.1/", "10.0.0.1"),
        ("file:///etc/passwd", "http://"),
        ("gopher://127.0.0.1:6379/_FLUSHALL", "http://"),
        ("http://user:secret@127.0.0.1/", "user name or password"),
        ("http://127.0.0.1:99999/", "port"),
        ("http://[", "can't be read"),
        ("http://1.1.1.1:22/", "22"),
        ("/" + "a" * 8192, "8192"),
    ],
)
def test_redirect_to_a_refused_place_is_told_as_the_sites_doing(servers: Servers, location: str, says: str) -> None:
    error = problem(f"http://127.0.0.1:{servers.start(redirect(location))}/")
    assert error.kind == "blocked-redirect"
    assert error.detail.startswith("127.0.0.1 redirects")
    assert says in error.detail
    assert "secret" not in error.detail


def test_redirect_to_a_dead_host_is_a_failure_of_that_host(servers: Servers) -> None:
    error = problem(f"http://127.0.0.1:{servers.start(redirect('http://nowhere.invalid/'))}/")
    assert (error.kind, "nowhere.invalid" in error.detail) == ("unresolvable-host", True)


# --- addresses ---


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "localhost.",
        "127.0.0.1",
        "127.1",
        "0x7f.1",
        "2130706433",
        "0177.0.0.1",
        "017700000001",
        "１２７。０。０。１",
        "0",
        "[::1]",
        "[::]",
        "[::ffff:127.0.0.1]",
        "[64:ff9b::127.0.0.1]",
        "169.254.169.254",
        "10.0.0.1",
    ],
)
def test_address_that_is_not_public_is_refused_however_it_is_written(host: str) -> None:
    assert problem(f"http://{host}/", allow_networks=()).kind == "blocked-address"


def resolve_to(monkeypatch: pytest.MonkeyPatch, *answers: list[str]) -> list[str]:
    """Lets the name server say `answers`, one after the other; returns the list of names it was asked."""
    asked: list[str] = []
    coming = iter(answers)

    def getaddrinfo(host: str, port: int, **_: object) -> list[object]:
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 0, "", (address, port)) for address in next(coming)]

    monkeypatch.setattr(gevent.socket, "getaddrinfo", getaddrinfo)
    return asked


def test_one_address_that_is_not_public_refuses_the_name_and_is_told_to_the_log_only(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    resolve_to(monkeypatch, ["93.184.215.14", "10.1.2.3"])
    error = problem("http://intranet.example/")
    assert error.kind == "blocked-address"
    assert "10.1.2.3" not in error.detail
    (record,) = caplog.records
    assert record.levelno == logging.WARNING
    assert vars(record)["destination.ip"] == "10.1.2.3"
    assert vars(record)["destination.domain"] == "intranet.example"


def test_a_name_that_changes_its_address_is_looked_up_once(servers: Servers, monkeypatch: pytest.MonkeyPatch) -> None:
    port = servers.start(html())
    asked = resolve_to(monkeypatch, ["127.0.0.1"], ["169.254.169.254"])
    assert get(f"http://rebind.example:{port}/").status == 200
    assert asked == ["rebind.example"]


def test_a_redirect_to_the_same_name_is_looked_up_and_checked_again(
    servers: Servers, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = servers.start(redirect("/again"))
    resolve_to(monkeypatch, ["127.0.0.1"], ["169.254.169.254"])
    assert problem(f"http://rebind.example:{port}/").kind == "blocked-redirect"


def test_the_next_address_is_tried_when_one_refuses(servers: Servers, monkeypatch: pytest.MonkeyPatch) -> None:
    port = servers.start(html())
    resolve_to(monkeypatch, ["127.0.0.2", "127.0.0.1"])
    assert get(f"http://two.example:{port}/").status == 200


def test_the_kernels_own_detour_is_noticed(servers: Servers) -> None:
    port = servers.start(html())
    error = problem(f"http://0.0.0.0:{port}/", allow_networks=[ip_network("0.0.0.0/8")])
    assert error.kind == "blocked-address"
    assert servers.requests == []


def test_public_hosts_are_scanned_at_web_ports_only() -> None:
    error = problem("http://1.1.1.1:22/")
    assert error.kind == "blocked-port"
    assert "80, 443, 8080, 8443" in error.detail


def test_unknown_name_is_unresolvable() -> None:
    assert problem("http://nowhere.invalid/").kind == "unresolvable-host"


# --- TLS ---


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Certificate and key in one file, for localhost and 127.0.0.1."""
    path = tmp_path_factory.mktemp("tls") / "localhost.pem"
    command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost"
    names = ["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
    key = path.with_suffix(".key")
    subprocess.run([*command.split(), *names, "-keyout", key, "-out", path], check=True, capture_output=True)
    path.write_bytes(path.read_bytes() + key.read_bytes())
    return path


@pytest.fixture
def tls(certificate: Path) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    return context


@pytest.fixture
def trusted(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Makes the certificate one of the system's own, as OpenSSL lets its environment do."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    connect._tls_context.cache_clear()
    yield
    connect._tls_context.cache_clear()


@pytest.mark.usefixtures("trusted")
def test_tls_is_verified_for_the_callers_name_at_the_checked_address(servers: Servers, tls: ssl.SSLContext) -> None:
    names: list[object] = []
    tls.sni_callback = lambda _sock, name, _context: names.append(name)
    tls.set_alpn_protocols(["h2", "http/1.1"])
    port = servers.start(html(), tls)
    assert get(f"https://localhost:{port}/").body == HTML
    assert get(f"https://127.0.0.1:{port}/").body == HTML
    assert names == ["localhost", None]  # RFC 6066: no SNI for addresses
    assert f"Host: localhost:{port}\r\n".encode() in servers.requests[0]


@pytest.mark.usefixtures("trusted")
def test_certificate_for_another_name_is_refused(
    servers: Servers, tls: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = servers.start(html(), tls)
    resolve_to(monkeypatch, ["127.0.0.1"])
    error = problem(f"https://other.example:{port}/")
    assert (error.kind, "other.example" in error.detail) == ("tls-error", True)
    assert "mismatch" in error.detail
    assert servers.requests == []


def test_certificate_that_nobody_vouches_for_is_refused(servers: Servers, tls: ssl.SSLContext) -> None:
    error = problem(f"https://127.0.0.1:{servers.start(html(), tls)}/")
    assert (error.kind, "self-signed" in error.detail) == ("tls-error", True)
    assert servers.requests == []


def test_https_to_a_plain_server_is_a_tls_error(servers: Servers) -> None:
    def plain(conn: socket.socket) -> None:
        conn.recv(65_536)  # the TLS greeting
        conn.sendall(html())

    port = servers.start(plain, head_ends=b"")
    assert problem(f"https://127.0.0.1:{port}/").kind == "tls-error"


# --- connections that fail, and answers that aren't ones ---


def test_closed_port_is_a_failed_connection() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    error = problem(f"http://127.0.0.1:{port}/")
    assert (error.kind, "refused" in error.detail) == ("connection-failed", True)


def test_reset_connection_is_a_failed_connection(servers: Servers) -> None:
    def reset(conn: socket.socket) -> None:
        conn.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        conn.close()

    assert problem(f"http://127.0.0.1:{servers.start(reset)}/").kind == "connection-failed"


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"\x00\xff" * 100,
        b"HTTP/3.0 200 OK\r\n\r\n",
        b"HTTP/1.1 abc OK\r\n\r\n",
        html(*(f"X-{n}: y" for n in range(101))),
        html("X: " + "y" * 70_000),
        html("Content-Encoding: gzip", body=b"not gzip"),
        html("Content-Encoding: gzip", body=gzip.compress(HTML)[:-8] + b"\0" * 8),
    ],
    ids=["nothing", "ssh", "noise", "version", "status", "101 headers", "long line", "no gzip", "checksum"],
)
def test_answer_that_is_not_http_is_a_bad_response(servers: Servers, sent: bytes) -> None:
    error = problem(f"http://127.0.0.1:{servers.start(sent)}/")
    assert error.kind == "bad-response"
    assert len(error.detail) < 400


@pytest.mark.parametrize(
    "headers",
    [
        ["Content-Encoding: gzip, gzip"],
        ["Content-Encoding: gzip", "Content-Encoding: gzip"],
        ["Content-Encoding: br"],
        ["Content-Encoding: deflate"],
        ["Transfer-Encoding: gzip, chunked"],
    ],
)
def test_encoding_nobody_asked_for_is_refused(servers: Servers, headers: list[str]) -> None:
    error = problem(f"http://127.0.0.1:{servers.start(html(*headers))}/")
    assert error.kind == "unsupported-encoding"
    assert headers[0].rpartition(" ")[2] in error.detail


@pytest.mark.parametrize(
    ("sent", "says"),
    [
        (answer("Content-Type: application/pdf", body=b"%PDF"), "'application/pdf'"),
        (answer("Content-Type: text/plain; charset=utf-8"), "'text/plain'"),
        (answer("Content-Type: " + "x" * 60_000), "'xxx"),
        (answer(body=b"PK\x03\x04"), "no content type"),
        (answer(body=b"<htmlx>"), "no content type"),
        (answer(status="204 No Content", body=b""), "no content type"),
    ],
)
def test_what_is_not_html_is_named(servers: Servers, sent: bytes, says: str) -> None:
    error = problem(f"http://127.0.0.1:{servers.start(sent)}/")
    assert error.kind == "not-html"
    assert says in error.detail
    assert len(error.detail) < 300


# --- size ---


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


def test_endless_bytes_that_decode_to_nothing_end_at_the_wire_limit(servers: Servers) -> None:
    empty_block = b"\0\0\0\xff\xff"  # RFC 1951, 3.2.4: a stored block of no bytes
    head = html("Content-Encoding: gzip", body=bomb(0))
    port = servers.start(lambda conn: endlessly(conn, head, empty_block * 10_000))
    page = get(f"http://127.0.0.1:{port}/", max_bytes=100_000)
    assert (page.body, page.truncated) == (HTML, True)


@pytest.mark.parametrize(
    ("head", "piece"),
    [
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 1000),
        (b"", b"HTTP/1.1 103 Early Hints\r\n\r\n" * 1000),
        (b"HTTP/1.1 200 OK\r\n", b"X: " + b"y" * 60_000 + b"\r\n"),
    ],
)
def test_endless_head_is_a_bad_response(servers: Servers, head: bytes, piece: bytes) -> None:
    port = servers.start(lambda conn: endlessly(conn, head, piece))
    used = peak_memory(lambda: problem(f"http://127.0.0.1:{port}/", max_bytes=100_000))
    assert problem(f"http://127.0.0.1:{port}/", max_bytes=100_000).kind == "bad-response"
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


# --- time ---


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
                gevent.sleep(0)

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
