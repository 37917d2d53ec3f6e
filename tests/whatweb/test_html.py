"""Reading HTML: which text, which tags, and never for long."""

import multiprocessing
from collections.abc import Iterator

import pytest

from project.whatweb.detect import detect
from project.whatweb.html import MAX_METAS, MAX_SCRIPTS, MAX_VALUE, PIECE, read_html
from project.whatweb.page import Page
from tests.whatweb.answers import SIGNATURES


def test_scripts_and_metas_are_read_as_browsers_read_them() -> None:
    html = read_html(
        b"<META NAME=generator CONTENT='A &amp; B'><meta property=og:type content=site><meta charset=utf-8>"
        b"<meta name=empty content=''><script src=//a/b.js></script><script>let inline = '<script src=no>'</script>"
        b"<!-- <script src=no> --><textarea><script src=no></script></textarea><script src=c.js",
        None,
    )
    assert html.metas == [("generator", "A & B"), ("og:type", "site")]
    assert html.scripts == ["//a/b.js"]


@pytest.mark.parametrize("body", [b"", b"\0", b"<", b"text", b"<!--", b"\xff\xfe", b"<script src=", b"<?xml?>"])
def test_what_is_hardly_html_has_no_tags(body: bytes) -> None:
    html = read_html(body, None)
    assert (html.metas, html.scripts) == ([], [])


def test_tags_after_the_oddest_bytes_are_found() -> None:
    for odd in (b"\0" * 9, b"\xff\xff", b"\x1b[2J", b"<div>" * 200, b"</p>" * 5000, b"<a:b ::='x'>"):
        assert read_html(odd + b"<script src=found.js></script>", None).scripts == ["found.js"]


META = "<meta name=a content='ž'>"


@pytest.mark.parametrize(
    ("body", "charset"),
    [
        (META.encode(), None),
        (META.encode(), "utf-8"),
        (META.encode("iso-8859-2"), "ISO-8859-2"),
        (META.encode("windows-1250"), "windows-1250"),
        (b"<meta charset=windows-1250>" + META.encode("windows-1250"), None),
        (b"<meta http-equiv=Content-Type content='text/html; charset=iso-8859-2'>" + META.encode("iso-8859-2"), None),
        (b"<meta charset=utf-16>" + META.encode(), None),  # it can't be: it was readable
        (b"<meta charset=iso-8859-2>" + META.encode(), "utf-8"),  # the header wins
        (META.encode("utf-16le"), "utf-16le"),
        (META.encode("utf-16"), None),  # with a byte order mark
        (META.encode("utf-8-sig"), "iso-8859-2"),  # the mark wins
        (META.encode(), "no-such-charset"),
        (META.encode(), "punycode"),  # Python knows it, pages don't
    ],
)
def test_charset_comes_from_mark_header_or_meta(body: bytes, charset: str | None) -> None:
    assert read_html(body, charset).metas == [("a", "ž")]


def test_bytes_that_the_charset_has_not_become_replacement_characters() -> None:
    assert read_html(b"<meta name=a content='\xff\xfex'>", "utf-8").metas == [("a", "\ufffd\ufffdx")]


def test_what_is_kept_of_a_page_is_bounded() -> None:
    long = b"x" * (MAX_VALUE + 1)
    tags = b"<meta name=%b content=%b><script src=%b></script>" % (long, long, long)
    html = read_html(tags * (max(MAX_METAS, MAX_SCRIPTS) + 1), None)
    assert html.metas == [("x" * MAX_VALUE, "x" * MAX_VALUE)] * MAX_METAS
    assert html.scripts == ["x" * MAX_VALUE] * MAX_SCRIPTS


def hostile_bodies() -> Iterator[bytes]:
    """2 MiB each of what stalls parsers, backtracking regular expressions, or tables of names."""
    for piece in (
        b"<div>", b"<b><i><u>", b"<table><tr><td>", b"<svg><math>", b"<select><option>", b"</p>", b"<p a='", b"<title>",
        b"<", b"\0", b"&", b"\xff", b"<!--", b"<?", b"<![CDATA[", b"<script src=a></script>", b"<script src=",
        b"<script src='" + b"/jquery-1.1" * 900 + b"'></script>", b"<meta name=a content=b>", b"<link ",
        b"<link href=", b"<a ", b"<a class=\" svelte-abcdef", b"<input name=",
    ):  # fmt: skip
        yield piece * ((2 << 20) // len(piece))
    yield b"<p " + b" ".join(b"a%d=1" % number for number in range(200_000)) + b">"
    yield b"<meta name=generator content='" + b"WordPress " * 200_000 + b"'>"
    yield b"<" + b"a" * (2 << 20)
    for opening, closing in ((b"<div>", b"</a>"), (b"<b>", b"</p>")):
        yield opening * ((1 << 20) // len(opening)) + closing * ((1 << 20) // len(closing))


def test_a_page_is_read_as_deep_as_pages_are() -> None:
    script = b"<script src=a></script>"
    assert read_html(b"<div>" * 200 + script, None).scripts == ["a"]
    assert read_html((b"<div>" * 200 + b"</div>" * 200) * 100 + script, None).scripts == ["a"]
    assert read_html(b"<div>" * PIECE + script, None).scripts == []


def scan_hostile_bodies() -> None:
    for body in hostile_bodies():
        detect(Page("http://a/", 200, (), {}, body, "text/html", None, (), False), SIGNATURES)


def test_hostile_pages_take_bounded_time() -> None:
    """All take 3 s here. Backtracking patterns, a tree-building parser or endless depth take minutes for one."""
    process = multiprocessing.get_context("spawn").Process(target=scan_hostile_bodies)
    process.start()
    process.join(60)
    process.kill()  # the parser and RE2 are C code, which no exception can interrupt
    assert process.exitcode == 0
