"""Lines that the tests look for."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

from tests.logdesk.web.lines import STACK, Process, ago

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
REQUEST = "req-story-1"
EVENT_URL = "http://127.0.0.1:8000/issues/issue/1/event/last/"

HOSTILE = {
    "script": "<script>document.title='owned'</script><img src=x onerror=alert(1)>",
    "attribute": "\"'><svg onload=alert(1)> ' autofocus onfocus=alert(1) x=",
    "bidi": "transfer \u202e001$ \u202cto \u2066mallory\u2069",
    "ansi": "\x1b[2J\x1b[31mred\x1b]0;title\x07",
    "nul": "before\x00after",
    "zero-width": "pass\u200bword \ufeffstart",
    "lines": "first\nsecond\r\n2026-01-01 ERROR forged",
    "template": "{{ 7 * 7 }} {% raw %} ${jndi:ldap://x} %s %(x)s",
    "wide": "x" * 9000,
}


def story() -> list[dict[str, Any]]:
    """One request of service bs-story that failed a few minutes ago, in four lines of one trace; then two lines of
    another process that lost the lines 3 and 4 on their way."""
    rnd = random.Random(7)
    at = ago(300)
    ids = {"trace__id": TRACE, "http__request__id": REQUEST, "log__logger": "story.teller"}
    teller = Process("bs-story", 100, rnd)
    told = [
        teller.line(at, "info", "the story begins", **ids),
        teller.line(at + timedelta(milliseconds=10), "warning", "it grows dark", **ids, labels__mood="gloomy & cold"),
        teller.line(
            at + timedelta(milliseconds=20), "error", "the story broke", **ids, error__type="StoryError",
            error__message="no ending", error__stack_trace=STACK, labels__error_event_url=EVENT_URL,
        ),
        teller.line(
            at + timedelta(milliseconds=30), "info", "GET /story 500", trace__id=TRACE, http__request__id=REQUEST,
            http__request__method="GET", url__path="/story", http__response__status_code=500,
            event__duration=30_000_000,
        ),
    ]  # fmt: skip
    loser = Process("bs-loser", 200, rnd)
    sent = [loser.line(at + timedelta(seconds=n), "info", f"numbered {n}", log__logger="loser") for n in range(6)]
    return [*told, *sent[:2], *sent[4:]]


def hostile_lines() -> list[dict[str, Any]]:
    """What strangers get into a log, each in the message, in a field, in the logger's name and in a path."""
    sender = Process("bs-hostile", 666, random.Random(9))
    return [
        sender.line(
            ago(240 - n), "info", text, log__logger=f"hostile.{name}", labels__sent=text,
            user_agent__original=text[:200], url__path="/" + text[:50], http__response__status_code=200,
            **{f"labels__{text[:20].replace('.', '_')}": name},
        )
        for n, (name, text) in enumerate(HOSTILE.items())
    ]  # fmt: skip
