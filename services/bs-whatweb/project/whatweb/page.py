"""What a scan sees of an answer: headers, cookies, and the decoded beginning of an HTML page."""

import contextlib
import http.client
import re
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from project.whatweb.errors import FetchError
from project.whatweb.exchange import READ_BYTES, WireLimitError
from project.whatweb.target import Target

HTML_TYPES = frozenset({"text/html", "application/xhtml+xml"})

_CHARSET = re.compile(r";\s*charset\s*=\s*[\"']?([\w.:+-]{1,40})", re.IGNORECASE)
# How browsers recognise HTML that comes without a type: https://mimesniff.spec.whatwg.org/, section 7.1.
_HTML_START = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*<(?:!--|(?:!doctype html|html|head|script|iframe|h1|div|font|table|a|style|title|b"
    rb"|body|br|p)[\s>])",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Page:
    """One answer, whatever its status: error pages tell technologies too."""

    url: str  # the final one, after redirects
    status: int
    headers: tuple[tuple[str, str], ...]  # in wire order, names as sent, repeated ones separate
    cookies: dict[str, str]  # Set-Cookie: name -> value
    body: bytes  # decoded, at most max_bytes
    content_type: str  # media type without parameters, lower case; "" when absent
    charset: str | None  # as the Content-Type header names it, lower case
    redirects: tuple[str, ...]  # the URLs passed through before `url`
    truncated: bool  # `body` is only the page's beginning: it was too long, or broke off


def read_page(answer: http.client.HTTPResponse, target: Target, passed: Sequence[Target], max_bytes: int) -> Page:
    """FetchError `not-html` or `unsupported-encoding`; what reading the body raises is passed on."""
    declared = answer.headers.get("Content-Type", "")
    content_type = declared.partition(";")[0].strip().lower()
    if content_type and content_type not in HTML_TYPES:
        raise _not_html(target, f"is {content_type[:100]!r}")
    body, truncated = _read_body(answer, target, max_bytes)
    if not content_type and not _HTML_START.match(body):
        raise _not_html(target, "has no content type and doesn't begin as HTML does")
    charset = _CHARSET.search(declared)
    return Page(
        url=target.url,
        status=answer.status,
        # RFC 9112, 5.2: a folded header line is one line with a space at the fold.
        headers=tuple((name, " ".join(value.splitlines())) for name, value in answer.headers.items()),
        cookies=_cookies(answer.headers.get_all("Set-Cookie", [])),
        body=body,
        content_type=content_type,
        charset=charset[1].lower() if charset else None,
        redirects=tuple(hop.url for hop in passed),
        truncated=truncated,
    )


def _not_html(target: Target, what: str) -> FetchError:
    return FetchError("not-html", f"What {target.host} sent {what}; scan the address of a web page.")


def _read_body(answer: http.client.HTTPResponse, target: Target, max_bytes: int) -> tuple[bytes, bool]:
    """The decoded body, cut at max_bytes, and whether anything of it is missing."""
    coding = ", ".join(answer.headers.get_all("Content-Encoding", [])).strip().lower()
    transfer = ", ".join(answer.headers.get_all("Transfer-Encoding", [])).strip().lower()
    if coding not in ("", "identity", "gzip", "x-gzip") or transfer not in ("", "chunked"):
        detail = f"{target.host} encoded the page as {(coding or transfer)[:100]!r}, which was not asked for"
        raise FetchError("unsupported-encoding", f"{detail}; only gzip can be read. Its owner must fix it.")
    unzip = zlib.decompressobj(wbits=31) if coding.endswith("gzip") else None
    body = bytearray()
    whole = False
    # A page that breaks off is scanned as far as it came. read1, because read would drop that part.
    with contextlib.suppress(http.client.IncompleteRead, WireLimitError):
        while len(body) <= max_bytes and (piece := answer.read1(READ_BYTES)):
            # One byte more than is kept tells a page that is too long from one that just fits.
            body += unzip.decompress(piece, max_bytes + 1 - len(body)) if unzip else piece
            if unzip and unzip.eof:  # what may follow is padding; browsers ignore it too
                break
        whole = unzip.eof if unzip else not answer.length
    return bytes(body[:max_bytes]), len(body) > max_bytes or not whole


def _cookies(headers: Iterable[str]) -> dict[str, str]:
    """Names and values alone: http.cookies gives a whole header up for one odd attribute."""
    pairs = (header.partition(";")[0].partition("=") for header in headers)
    return {name.strip(): value.strip() for name, _, value in pairs if name.strip()}
