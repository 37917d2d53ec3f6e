"""Answers of web servers as detection sees them, read by the service's own code."""

import http.client
import io
import json
from pathlib import Path

import project.whatweb
from project.whatweb.detect import Technology
from project.whatweb.page import Page, read_page
from project.whatweb.signatures import load_signatures
from project.whatweb.target import parse_url

FIXTURES = Path(__file__).parent / "fixtures"
SIGNATURES_FILE = Path(next(iter(project.whatweb.__path__))) / "signatures.json"
SIGNATURES = load_signatures(SIGNATURES_FILE)


def page_of(answer: bytes, url: str = "http://site.example/") -> Page:
    """The page that fetch would make of `answer`: status line, headers, empty line, body."""

    class Wire:
        def makefile(self, _mode: str) -> io.BytesIO:
            return io.BytesIO(answer)

    response = http.client.HTTPResponse(Wire())  # type: ignore[arg-type]  # it asks a socket for makefile alone
    response.begin()
    return read_page(response, parse_url(url), (), max_bytes=2 << 20)


def recordings() -> dict[str, Page]:
    """Name → page of real software; fixtures/pages/ORIGIN.md says of which."""
    return {path.stem: page_of(path.read_bytes()) for path in (FIXTURES / "pages").glob("*.http")}


def examples() -> list[tuple[Page, list[str]]]:
    """Pages written after real software that could not be run here, and what detection must find in them."""
    pages = []
    for example in json.loads((FIXTURES / "examples.json").read_bytes()):
        head = ["HTTP/1.1 200 OK", "Content-Type: text/html", *example.get("headers", [])]
        answer = "\r\n".join([*head, "", example.get("html", "")]).encode()
        pages.append((page_of(answer, example.get("url", "http://site.example/")), example["finds"]))
    return pages


def summary(technologies: list[Technology]) -> set[str]:
    """`Name/version:confidence<implied by`, without what is absent or a confidence of 100."""
    return {
        technology.name
        + (f"/{technology.version}" if technology.version else "")
        + (f":{technology.confidence}" if technology.confidence < 100 else "")
        + (f"<{technology.implied_by}" if technology.implied_by else "")
        for technology in technologies
    }
