"""Which addresses are connected to, and how TLS is verified."""

import logging
import socket
import ssl
import struct
import subprocess
from collections.abc import Iterator
from ipaddress import ip_network
from pathlib import Path

import pytest

from project.whatweb import connect
from tests.whatweb.fetch.origin import HTML, Servers, get, html, problem, redirect, resolve_to


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
