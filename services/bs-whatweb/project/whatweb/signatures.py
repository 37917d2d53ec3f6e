r"""Signatures: what the answers of known software look like, in the JSON schema that Wappalyzer made common.

    {"categories":   {"1": {"name": "Web server"}},
     "technologies": {"Nginx": {"cats": [1],
                                "headers": {"Server": "^nginx(?:/([\\d.]+))?\\;version:\\1"},
                                "implies": "C\\;confidence:50"}}}

Patterns are regular expressions, case ignored; an empty one asks for presence alone. `headers`, `cookies` and
`meta` are keyed by name; `scriptSrc` (`script` in old files), `scripts`, `html` and `url` are not. Every value may
be one string or a list. The other keys (`js`, `dom`, `dns`, `excludes` …) need a browser, a resolver or a list of
contradictions: files that have them load, and those keys are left alone.
"""

import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import re2

log = logging.getLogger(__name__)

_KEYED = {"headers": "header", "cookies": "cookie", "meta": "meta"}
_UNKEYED = {"scriptSrc": "script", "script": "script", "scripts": "html", "html": "html", "url": "url"}

_OPTIONS = re2.Options()
_OPTIONS.case_sensitive = False
_OPTIONS.log_errors = False  # RE2 would write to stderr by itself, and that line would not be JSON

_MAX_VERSION = 40  # characters; a longer match is not a version
# `\1`, or with a choice `\1?then:else`, where both sides may hold references again.
_REFERENCE = re2.compile(r"\\([1-9])(?:\?([^:]*):(.*))?")


class SignatureError(ValueError):
    """The signature file is wrong; the message names the technology, the field, the pattern and the fault."""


class _UnusableError(Exception):
    """One pattern can't be used; the rest of the file can."""


@dataclass(frozen=True, slots=True)
class Pattern:
    technology: str
    where: str  # "header:Server", "meta:generator", "cookie:PHPSESSID", "script", "html" or "url"
    source: str  # the regular expression as the file has it
    regex: Any  # compiled by RE2, which has no types; it searches UTF-8 bytes
    confidence: int  # 0..100: what a match says about the technology's presence
    version: str  # template with references to groups; "" when a match doesn't tell the version

    def version_of(self, match: Any) -> str | None:
        """The version that this match reveals."""
        version = _fill(self.version, match).strip(" .-")
        return version if 0 < len(version) <= _MAX_VERSION else None


@dataclass(frozen=True, slots=True)
class Signature:
    categories: tuple[str, ...]
    implies: tuple[tuple[str, int], ...]  # (technology, confidence in percent of the implying one's)


@dataclass(frozen=True, slots=True)
class Signatures:
    technologies: dict[str, Signature]
    patterns: dict[str, list[Pattern]]  # by `where` in lower case: names of headers and meta tags have no case
    skipped: tuple[str, ...]  # the patterns that can't be used, each with its reason


def load_signatures(path: Path) -> Signatures:
    """SignatureError when the file can't be read or breaks the schema.

    Patterns that RE2 can't use are skipped, with one warning for the whole file: such files are written for
    JavaScript, whose look-around and back-references have no bounded running time.
    """
    try:
        data = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise SignatureError(f"{path}: cannot be read as JSON: {error}") from error
    try:
        signatures = _signatures(data)
    except SignatureError as error:
        raise SignatureError(f"{path}: {error}") from None
    if signatures.skipped:
        total = len(signatures.skipped) + sum(map(len, signatures.patterns.values()))
        log.warning(
            "%d of %d patterns in %s can't be used and are skipped; the first: %s",
            len(signatures.skipped),
            total,
            path,
            signatures.skipped[0],
        )
    return signatures


def _signatures(data: Any) -> Signatures:
    categories = {key: _object(value, f"category {key}") for key, value in _part(data, "categories").items()}
    entries = {name: _object(value, f"technology {name!r}") for name, value in _part(data, "technologies").items()}
    technologies: dict[str, Signature] = {}
    patterns: dict[str, list[Pattern]] = {}
    skipped: list[str] = []
    for name, entry in entries.items():
        technologies[name] = Signature(_categories(name, entry, categories), _implies(name, entry, entries))
        for where, place, text in _places(name, entry):
            try:
                pattern = _pattern(name, where, place, text)
            except _UnusableError as error:
                skipped.append(f"{place}, pattern {text!r}: {error}")
            else:
                patterns.setdefault(where.lower(), []).append(pattern)
    return Signatures(technologies, patterns, tuple(skipped))


def _part(data: Any, key: str) -> dict[str, Any]:
    if not isinstance(data, dict) or key not in data:
        raise SignatureError(f"the file must be an object with {key!r}; merge the parts if the data is split")
    return _object(data[key], key)


def _object(value: Any, place: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise SignatureError(f"{place}: must be an object, not {value!r:.80}")
    return value


def _strings(value: Any, place: str) -> list[str]:
    values = value if isinstance(value, list) else [value]
    for item in values:
        if not isinstance(item, str):
            raise SignatureError(f"{place}: must be a string or a list of strings, not {item!r:.80}")
    return values


def _categories(name: str, entry: dict[str, Any], known: dict[str, dict[str, Any]]) -> tuple[str, ...]:
    place = f"technology {name!r}, field cats"
    try:
        return tuple(str(known[str(key)]["name"]) for key in entry.get("cats", ()))
    except KeyError as error:
        raise SignatureError(f"{place}: no category {error} with a name in `categories`") from None
    except TypeError:
        raise SignatureError(f"{place}: must be a list of category ids") from None


def _implies(name: str, entry: dict[str, Any], known: dict[str, Any]) -> tuple[tuple[str, int], ...]:
    place = f"technology {name!r}, field implies"
    implied = []
    for text in _strings(entry.get("implies", []), place):
        other, confidence, _ = _tags(text, place)
        if other not in known:
            raise SignatureError(f"{place}: no technology {other!r} in the file")
        implied.append((other, confidence))
    return tuple(implied)


def _places(name: str, entry: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    """(where, the place's name in messages, pattern with its tags) of every pattern of a technology."""
    for field, value in entry.items():
        place = f"technology {name!r}, field {field}"
        if field in _UNKEYED:
            yield from ((_UNKEYED[field], place, text) for text in _strings(value, place))
        elif field in _KEYED:
            for key, texts in _object(value, place).items():
                where, inner = f"{_KEYED[field]}:{key}", f"{place}.{key}"
                yield from ((where, inner, text) for text in _strings(texts, inner))


def _pattern(name: str, where: str, place: str, text: str) -> Pattern:
    source, confidence, version = _tags(text, place)
    try:
        regex = re2.compile(source, _OPTIONS)
    except re2.error as error:
        raise _UnusableError(error.args[0].decode(errors="replace")) from None
    if any(int(reference[1]) > regex.groups for reference in _REFERENCE.finditer(version)):
        raise _UnusableError("its version refers to a group that it has not")
    return Pattern(name, where, source, regex, confidence, version)


def _tags(text: str, place: str) -> tuple[str, int, str]:
    r"""`body\;confidence:50\;version:\1` → (body, 50, "\1"). Unknown tags are left alone."""
    body, *pairs = text.split(r"\;")
    tags = dict(pair.partition(":")[::2] for pair in pairs)
    confidence = tags.get("confidence", "100").strip()
    if not (confidence.isascii() and confidence.isdigit() and int(confidence) <= 100):
        raise SignatureError(f"{place}, pattern {text!r}: confidence must be 0 to 100")
    return body, int(confidence), tags.get("version", "")


def _fill(template: str, match: Any) -> str:
    def value(reference: Any) -> str:
        group = (match[int(reference[1])] or b"").decode(errors="replace")
        if reference[3] is None:
            return str(group)
        return _fill(reference[2] if group else reference[3], match)

    return str(_REFERENCE.sub(value, template))
