"""Redaction: what must never leave the process, for log lines, query strings and error events alike."""

import re
from functools import lru_cache
from urllib.parse import unquote

REDACTED = "[REDACTED]"

# Searched in the key in lower case without its separators, so "Set-Cookie", "API key" and "apiKey" all match.
# Too much rather than too little: "token_count" is redacted as well.
SECRET_WORDS = (
    "password", "passwd", "passphrase", "passcode", "pwd", "secret", "token", "apikey", "accesskey", "privatekey",
    "signature", "authorization", "credential", "cookie", "session", "csrf", "creditcard", "cardnumber", "cvv",
    "sessid", "jwt",
)  # fmt: skip
# Short words, which stand in harmless ones ("compass", "author"), as a key's last: "DB_PASS", "proxyAuth", "sig".
SECRET_LAST_WORDS = frozenset({"pass", "auth", "bearer", "otp", "pin", "sig"})

_PUNCTUATION = re.compile(r"[^a-z0-9]+")
_LAST_WORD = re.compile(r"([A-Z]?[a-z]+|[A-Z]+)[^A-Za-z]*\Z")
_LONGEST_KEY = 128  # characters of a key that are looked at, the last ones

# A pair in free text: `k=v`, `k: v`, `"k": "v"`, `\"k\": \"v\"`, `\\\"k\\\": …`, `('k', 'v')`, `k%3Dv`,
# `k%253Dv`. What stands between is searched, then the key read backwards from it: `\w+=` would be quadratic on long
# words. Each alternative begins with a character of its own, which `re` finds fast.
_SEPARATOR = re.compile(r"""=|:(?!//)|%(?:25){0,3}3[AaDd]|,(?<=["'],)""")
_KEY_BACKWARDS = re.compile(r"""\s{0,4}\]?["']?\\{0,7}([\w.%\[\]-]+)""")
_BEFORE_KEY = re.compile(r".*[&?=;:,{]", re.DOTALL)  # in an encoded URL: the other pairs
_OPENING = re.compile(r"""[=>]{0,2}\s*(?:(?P<escape>\\{0,7})[bru]{0,2}(?P<quote>["']))?""", re.IGNORECASE)
_WORD = re.compile(r"""(?:(?:bearer|basic|digest|token)\s+)?(?:(?!%(?:25){0,3}26)[^\s&"',;}\]])*""", re.IGNORECASE)
_LINE = re.compile(r"[^\r\n]*")
_QUOTED = {'"': re.compile(r'(?:[^"\\]|\\.)*', re.DOTALL), "'": re.compile(r"(?:[^'\\]|\\.)*", re.DOTALL)}
_QUOTED_ESCAPED = {'"': re.compile(r'(?:(?!\\").)*', re.DOTALL), "'": re.compile(r"(?:(?!\\').)*", re.DOTALL)}
_HEADERS = ("authorization", "cookie")
_USERINFO = re.compile(
    r"(://|%(?:25){0,3}3A(?:%(?:25){0,3}2F){2})(?:(?!%(?:25){0,3}(?:2F|3F|23|26))[^/?#&\s]){1,256}(?:@|%(?:25){0,3}40)",
    re.IGNORECASE,
)


@lru_cache(maxsize=4096)
def is_secret(key: str) -> bool:
    """Whether the value under `key` must not be shown. Keys are remembered: don't ask for endless ones."""
    plain = _PUNCTUATION.sub("", key.lower())
    if any(word in plain for word in SECRET_WORDS):
        return True
    last = _LAST_WORD.search(key[-_LONGEST_KEY:])
    return last is not None and last[1].lower() in SECRET_LAST_WORDS


def text(value: str) -> str:
    """Free text without the values of pairs under secret keys, nor the `user:password@` of URLs."""
    if plain(value) and "=" not in value:
        return value
    if "@" in value or "40" in value:
        value = _USERINFO.sub(rf"\1{REDACTED}@", value)
    parts = []
    done = start = 0
    while separator := _SEPARATOR.search(value, start):
        start = separator.end()
        key = _key_before(value, separator.start())
        if not key or not is_secret(_decoded(key)):
            continue
        opening = _OPENING.match(value, start)
        if opening is None or (separator[0] == "," and not opening["quote"]):
            continue
        parts += [value[done : opening.end()], REDACTED]
        done = start = _end_of_secret(value, key.lower(), separator[0], opening)
    return "".join((*parts, value[done:])) if parts else value


def plain(value: str) -> bool:
    """Whether there is nothing to search, which is so for most texts: at most `=` can be a separator."""
    return not (":" in value or "%" in value or "'" in value or '"' in value)


def _key_before(value: str, end: int) -> str:
    match = _KEY_BACKWARDS.match(value[max(0, end - _LONGEST_KEY) : end][::-1])
    return match[1][::-1] if match else ""


def _decoded(key: str) -> str:
    if "%" not in key:
        return key
    for _ in range(4):  # as often as a separator may be, and once before
        key = unquote(key)
    return _BEFORE_KEY.sub("", key)


def _end_of_secret(value: str, key: str, separator: str, opening: re.Match[str]) -> int:
    start = opening.end()
    if value.startswith(REDACTED, start):
        return start + len(REDACTED)
    if mark := opening["quote"]:
        pattern = (_QUOTED_ESCAPED if opening["escape"] else _QUOTED)[mark]
    elif value[start : start + 1] in "[({" or (separator == ":" and any(name in key for name in _HEADERS)):
        pattern = _LINE  # a structure, or a header: several words, several pairs
    else:
        pattern = _WORD
    match = pattern.match(value, start)
    return match.end() if match else start


def query(value: str) -> str:
    """A URL's query string, still percent-encoded, without its secrets.

    Keys are decoded first (`pass%77ord`), and a value that is a URL itself is searched too, however often encoded.
    """
    if "=" not in value and "%" not in value:
        return value
    return "&".join(_pair(pair) for pair in value.split("&"))


def _pair(pair: str) -> str:
    key, equals, value = pair.partition("=")
    if equals and is_secret(_decoded(key[-_LONGEST_KEY:])):
        return key + equals + REDACTED
    return pair if plain(pair) and "=" not in value else text(pair)
