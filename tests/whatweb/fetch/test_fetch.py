"""What an answer becomes: a page, another request, or a problem."""

import gzip

import pytest

from project.whatweb.fetch import MAX_REDIRECTS, Page
from tests.whatweb.fetch.origin import HTML, Servers, answer, endlessly, get, html, peak_memory, problem, redirect


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


def test_request_carries_the_callers_host_and_our_own_name(servers: Servers) -> None:
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
