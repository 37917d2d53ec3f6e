"""What tells technologies in an HTML page, read in bounded time and memory however the page is made."""

import codecs
from collections.abc import Mapping
from dataclasses import dataclass, field

import gevent
import re2
from lxml import etree

# Real pages have far fewer and shorter ones; a page made to keep the worker busy has not.
MAX_METAS = 100
MAX_SCRIPTS = 100
MAX_VALUE = 1_000  # characters
# Elements inside of one another, where reading ends: libxml2 looks for what an end tag closes in all that are open, so
# 1 MiB of <div> and then of </a> takes minutes.
MAX_DEPTH = 256
PIECE = 16_384  # bytes read at once

# Only these labels reach Python's codecs: `punycode` takes quadratic time, `idna` and `unicode_escape` are no
# charsets of pages, and every unknown label stays in the codec registry's cache for good.
_CHARSETS = frozenset(
    ["utf-8", "utf8", "utf-16", "utf-16le", "utf-16be", "us-ascii", "koi8-r", "koi8-u", "shift_jis", "euc-jp", "euc-kr"]
    + ["gb2312", "gbk", "gb18030", "big5"]
    + [f"iso-8859-{part}" for part in range(1, 17) if part != 12]
    + [f"windows-{page}" for page in range(1250, 1259)]
)
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16le"), (codecs.BOM_UTF16_BE, "utf-16be"))
_META_CHARSET = re2.compile(rb"(?i)<meta[^>]+charset\s*=\s*[\"']?([\w-]{1,40})")


@dataclass(slots=True)
class Html:
    text: bytes  # the page in UTF-8
    metas: list[tuple[str, str]] = field(default_factory=list)  # (name or property, content)
    scripts: list[str] = field(default_factory=list)  # src of script elements


def read_html(body: bytes, charset: str | None) -> Html:
    """`charset` is the one of the Content-Type header."""
    html = Html(_utf8(body, charset))
    # A target parser keeps no tree, so the size of the page costs no memory. Parsers that build a tree need minutes for
    # 1 MiB of nested <div>.
    target = _Target(html)
    parser = etree.HTMLParser(target=target, encoding="utf-8")  # type: ignore[arg-type]  # asks for all methods
    for at in range(0, len(html.text) or 1, PIECE):  # a parser that got nothing can't be closed
        if target.depth > MAX_DEPTH:
            break
        parser.feed(html.text[at : at + PIECE])
        gevent.sleep(1e-9)  # parsing all of a page made for it takes half a second: let others run (see exchange.py)
    parser.close()
    return html


def _utf8(body: bytes, charset: str | None) -> bytes:
    """By byte order mark, Content-Type or <meta> (WHATWG's order), else as UTF-8; bad bytes become U+FFFD."""
    for bom, name in _BOMS:
        if body.startswith(bom):
            return body[len(bom) :].decode(name, "replace").encode()
    label = charset
    if label is None and (declared := _META_CHARSET.search(body[:1024])):
        label = declared[1].decode("ascii")
        if label.lower().startswith("utf-16"):  # a tag that could be read as ASCII is none of UTF-16
            label = None
    if label is None or label.lower() not in _CHARSETS:
        label = "utf-8"
    return body.decode(label, "replace").encode()


class _Target:
    """lxml calls start() for every opening tag and end() for every element that ends, with a tag of its own or without.
    What it has no method for, such as text, costs no call."""

    def __init__(self, html: Html) -> None:
        self._html = html
        self.depth = 0

    def end(self, _tag: str) -> None:
        self.depth -= 1

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        self.depth += 1
        if tag == "script" and len(self._html.scripts) < MAX_SCRIPTS:
            if source := attributes.get("src"):
                self._html.scripts.append(source[:MAX_VALUE])
        elif tag == "meta" and len(self._html.metas) < MAX_METAS:
            name = attributes.get("name") or attributes.get("property")
            if name and (content := attributes.get("content")):
                self._html.metas.append((name[:MAX_VALUE], content[:MAX_VALUE]))

    def close(self) -> None:
        pass
