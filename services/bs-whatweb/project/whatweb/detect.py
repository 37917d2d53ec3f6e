"""Which technologies made a page, how sure that is, and what says so."""

from collections import deque
from dataclasses import dataclass, field

from project.whatweb.html import read_html
from project.whatweb.page import Page
from project.whatweb.signatures import Signatures

# Patterns for the whole page are searched one after the other and block the worker meanwhile, so they see only
# its beginning. What names the software stands in the head or soon after it.
MAX_SEARCHED = 512 * 1024  # bytes
MAX_MATCHED = 100  # characters of evidence that are worth showing


@dataclass(frozen=True, slots=True)
class Evidence:
    where: str  # "header:Server", "meta:generator", "cookie:PHPSESSID", "script", "html" or "url"
    pattern: str
    matched: str  # at most MAX_MATCHED characters; "" where the name's presence is the evidence


@dataclass(frozen=True, slots=True)
class Technology:
    name: str
    version: str | None
    categories: tuple[str, ...]
    confidence: int  # 0..100: the sum of what the patterns that matched are worth
    implied_by: str | None  # the technology that the confidence comes from, when it is not from the evidence
    evidence: tuple[Evidence, ...]


@dataclass(slots=True)
class _Finding:
    confidence: int = 0
    version: str | None = None
    implied_by: str | None = None
    evidence: list[Evidence] = field(default_factory=list)


def detect(page: Page, signatures: Signatures) -> list[Technology]:
    """The surest first, then by name."""
    findings = _match(page, signatures)
    _imply(findings, signatures)
    technologies = [
        Technology(
            name,
            finding.version,
            signatures.technologies[name].categories,
            finding.confidence,
            finding.implied_by,
            tuple(finding.evidence),
        )
        for name, finding in findings.items()
    ]
    return sorted(technologies, key=lambda technology: (-technology.confidence, technology.name.lower()))


def _match(page: Page, signatures: Signatures) -> dict[str, _Finding]:
    findings: dict[str, _Finding] = {}
    for where, texts in _texts(page).items():
        for pattern in signatures.patterns.get(where, ()):
            match = next(filter(None, map(pattern.regex.search, texts)), None)
            if match is None:
                continue
            finding = findings.setdefault(pattern.technology, _Finding())
            finding.confidence = min(100, finding.confidence + pattern.confidence)
            matched = match[0].decode(errors="replace")[:MAX_MATCHED]
            finding.evidence.append(Evidence(pattern.where, pattern.source, matched))
            version = pattern.version_of(match)
            # "5.2.1" from one place says more than "5" from another.
            if version and len(version) > len(finding.version or ""):
                finding.version = version
    return findings


def _texts(page: Page) -> dict[str, list[bytes]]:
    """Where → the UTF-8 texts that its patterns look at. Keys are those of Signatures.patterns."""
    html = read_html(page.body, page.charset)
    texts = {"url": [page.url.encode(errors="replace")], "html": [html.text[:MAX_SEARCHED]]}
    found = [(f"header:{name}", value) for name, value in page.headers]
    found += [(f"cookie:{name}", value) for name, value in page.cookies.items()]
    found += [(f"meta:{name}", content) for name, content in html.metas]
    found += [("script", source) for source in html.scripts]
    for where, text in found:
        texts.setdefault(where.lower(), []).append(text.encode(errors="replace"))
    return texts


def _imply(findings: dict[str, _Finding], signatures: Signatures) -> None:
    """Follow `implies`, in chains too. Confidence only grows, so circles in the file end."""
    queue = deque(findings)
    while queue:
        name = queue.popleft()
        for implied, percent in signatures.technologies[name].implies:
            confidence = findings[name].confidence * percent // 100
            finding = findings.setdefault(implied, _Finding())
            if confidence > finding.confidence:
                finding.confidence = confidence
                finding.implied_by = name
                queue.append(implied)
