"""Redaction: what must never leave the process, for log lines, query strings and error events alike."""

import re
from functools import lru_cache
from urllib.parse import quote, unquote, unquote_plus

REDACTED = "[REDACTED]"

# Searched in the key in lower case without its separators, so "Set-Cookie", "API key" and "apiKey" all match.
# Too much rather than too little: "token_count" is redacted as well.
SECRET_WORDS = (
    "password", "passwd", "passphrase", "pwd", "secret", "token", "apikey", "accesskey", "privatekey", "signature",
    "authorization", "credential", "cookie", "session", "csrf", "creditcard", "cardnumber", "cvv",
)  # fmt: skip

_PUNCTUATION = re.compile(r"[^a-z0-9]+")
# What stands between a key and its value: `k=v`, `k: v`, `"k": "v"`, `\"k\": \"v\"`, `k%3Dv`. Each pattern below
# starts at a fixed character, not at a run of them: `\w+=` would be quadratic on long words.
_SEPARATOR = re.compile(r"""\\?["']?\s{0,4}(?:[=:]|%3[AaDd])\s{0,4}\\?(?P<quote>["'])?""")
_KEY = re.compile(r"[\w.%-]+$")
_KEY_LENGTH = 64
_WORD = re.compile(r"""(?:(?:bearer|basic|digest|token)\s+)?(?:(?!%26)[^\s&"',;}\]])*""", re.IGNORECASE)
_LINE = re.compile(r"[^\r\n]*")
_QUOTED = {'"': re.compile(r'[^"]*'), "'": re.compile(r"[^']*")}
_USERINFO = re.compile(r"://[^/\s@]{1,256}@")


@lru_cache(maxsize=4096)
def is_secret(key: str) -> bool:
    """Whether the value under `key` must not be shown."""
    plain = _PUNCTUATION.sub("", key.lower())
    return any(word in plain for word in SECRET_WORDS)


def text(value: str) -> str:
    """Free text without the values of `key=value` and `key: value` pairs under secret keys, nor `//user:password@`."""
    if "=" not in value and ":" not in value and "%3" not in value:
        return value
    if "@" in value:
        value = _USERINFO.sub(f"://{REDACTED}@", value)
    parts = []
    done = start = 0
    while separator := _SEPARATOR.search(value, start):
        start = separator.end()
        key = _KEY.search(value[max(0, separator.start() - _KEY_LENGTH) : separator.start()])
        if key is None or not is_secret(unquote(key.group())):
            continue
        end = _end_of_secret(value, key.group().lower(), separator)
        parts += [value[done : separator.end()], REDACTED]
        done = start = end
    return "".join((*parts, value[done:])) if parts else value


def _end_of_secret(value: str, key: str, separator: re.Match[str]) -> int:
    if separator["quote"]:
        pattern = _QUOTED[separator["quote"]]
    elif ":" in separator.group() and key.endswith(("cookie", "authorization")):
        pattern = _LINE  # a header: several words, several pairs
    else:
        pattern = _WORD
    match = pattern.match(value, separator.end())
    return match.end() if match else separator.end()


def query(value: str) -> str:
    """A URL's query string, still percent-encoded, without its secrets.

    Keys are decoded first (`pass%77ord`), and a value that is a URL itself is searched too.
    """
    if "=" not in value:
        return value
    return "&".join(_pair(pair) for pair in value.split("&"))


def _pair(pair: str) -> str:
    key, equals, value = pair.partition("=")
    if equals and is_secret(unquote_plus(key)):
        return key + equals + REDACTED
    decoded = unquote(value)
    shown = text(decoded)
    return pair if shown == decoded else key + equals + quote(shown, safe="/:?=[]@")
