"""A caller's URL either is a target or a problem `invalid-url`: nothing else comes out."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from project.whatweb.errors import FetchError
from project.whatweb.target import Target, parse_url


@pytest.mark.parametrize(
    ("url", "target", "normalised"),
    [
        ("http://example.com", ("http", "example.com", 80, "/"), "http://example.com/"),
        (
            "HTTPS://Example.COM./a?b=c#d",
            ("https", "example.com", 443, "/a?b=c"),
            "https://example.com/a?b=c",
        ),
        ("http://example.com:8080/", ("http", "example.com", 8080, "/"), "http://example.com:8080/"),
        ("http://example.com:/", ("http", "example.com", 80, "/"), "http://example.com/"),
        ("  http://example.com/ \n", ("http", "example.com", 80, "/"), "http://example.com/"),
        (
            "http://bücher.example/",
            ("http", "xn--bcher-kva.example", 80, "/"),
            "http://xn--bcher-kva.example/",
        ),
        ("http://[2001:DB8::1]:81/", ("http", "2001:db8::1", 81, "/"), "http://[2001:db8::1]:81/"),
        ("http://a_b.example/", ("http", "a_b.example", 80, "/"), "http://a_b.example/"),
        (
            "http://h/ä b/%41?q=ü x&a[]=%zz",
            ("http", "h", 80, "/%C3%A4%20b/%41?q=%C3%BC%20x&a[]=%zz"),
            "http://h/%C3%A4%20b/%41?q=%C3%BC%20x&a[]=%zz",
        ),
        ("http://h?q", ("http", "h", 80, "/?q"), "http://h/?q"),
        ("http://127。0。0。1/", ("http", "127.0.0.1", 80, "/"), "http://127.0.0.1/"),
    ],
)
def test_url_is_taken_apart(url: str, target: tuple[str, str, int, str], normalised: str) -> None:
    assert parse_url(url) == Target(*target)
    assert parse_url(url).url == normalised


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("", "http://"),
        ("example.com", "http://"),
        ("ftp://example.com/", "http://"),
        ("file:///etc/passwd", "http://"),
        ("javascript:alert(1)", "http://"),
        ("http://", "no host"),
        ("http:///path", "no host"),
        ("http:example.com", "no host"),
        ("http://:80/", "no host"),
        ("http://user@example.com/", "user name or password"),
        ("http://user:secret@example.com/", "user name or password"),
        ("http://@example.com/", "user name or password"),
        ("http://example.com\\@127.0.0.1/", "user name or password"),
        ("http://exam\tple.com/", "control characters"),
        ("http://example.com/\r\nX: y", "control characters"),
        ("http://example.com/\x00", "control characters"),
        ("http://example.com:0/", "port is 0"),
        ("http://example.com:65536/", "port"),
        ("http://example.com:http/", "port"),
        ("http://example.com:-80/", "port"),
        ("http://[::1/", "brackets"),
        ("http://[fe80::1%25eth0]/", "characters that no host name has"),
        ("http://[::g]/", "can't be read"),
        ("http://exa mple.com/", "characters that no host name has"),
        ("http://ex%61mple.com/", "characters that no host name has"),
        ("http://a\\b/", "characters that no host name has"),
        ("http://.example.com/", "can't be read"),
        ("http://a..b/", "can't be read"),
        ("http://" + "a" * 64 + ".com/", "can't be read"),
        ("http://" + "a." * 127 + "com/", "253"),
        ("http://" + "ü" * 70 + ".com/", "can't be read"),
        ("http://example.com/" + "a" * 2030, "2048"),
        ("http://example.com/\ud800", "can't be read"),
    ],
)
def test_bad_url_is_refused_with_what_to_change(url: str, says: str) -> None:
    with pytest.raises(FetchError) as refused:
        parse_url(url)
    assert (refused.value.kind, refused.value.status) == ("invalid-url", 422)
    assert says in refused.value.detail
    assert "secret" not in refused.value.detail


def test_redirect_is_resolved_against_its_page_and_may_be_longer_than_a_callers_url() -> None:
    assert parse_url("../b?c", base="http://h:81/a/x").url == "http://h:81/b?c"
    assert parse_url("//other/", base="https://h/").url == "https://other/"
    assert len(parse_url("/" + "a" * 8000, base="https://h/").path) == 8001
    with pytest.raises(FetchError, match="8192"):
        parse_url("/" + "a" * 8192, base="https://h/")


PIECES = st.sampled_from(
    [
        "http",
        "https",
        "://",
        ":",
        "//",
        "/",
        "@",
        "[",
        "]",
        "::1",
        "%",
        "%25",
        "?",
        "#",
        "\\",
        ".",
        "。",
        "xn--",
        "ß",
    ]
)
URLS = st.one_of(
    st.text(),
    st.text().map("http://".__add__),
    st.lists(st.one_of(PIECES, st.text(max_size=3)), max_size=12).map("".join),
    st.lists(st.one_of(PIECES, st.text(max_size=3)), max_size=12).map("".join).map("https://".__add__),
)


@given(URLS, st.sampled_from(["", "http://example.com/a/b?c"]))
@example("http://[", "")
@example("http://xn--\u06fa", "")
@example("//[", "http://example.com/")
def test_any_text_is_a_target_or_an_invalid_url(url: str, base: str) -> None:
    try:
        target = parse_url(url, base)
    except FetchError:  # of kind invalid-url, as the target module makes no other
        return
    request_line = f"GET {target.path} HTTP/1.1"
    assert request_line.isascii()
    assert request_line.isprintable()
    assert len(request_line.split(" ")) == 3
    assert target.path.startswith("/")
    assert set(target.host) <= set("abcdefghijklmnopqrstuvwxyz0123456789-_.:")
    assert parse_url(target.url) == target
