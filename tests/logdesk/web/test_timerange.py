"""The `from` and `to` of a URL."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logdesk.reader import Span
from logdesk.web import timerange

NOW = 1_780_000_000_123_456
MINUTE = 60_000_000


def test_nothing_given_is_the_last_15_minutes() -> None:
    times = timerange.parse(None, None, now_us=NOW)
    assert (times.start, times.end, times.problem) == ("now-15m", "now", None)
    assert times.span == Span(NOW - 15 * MINUTE, NOW)
    assert times.follows_now


@pytest.mark.parametrize(
    ("text", "minutes"),
    [("now-90s", 1.5), ("now-1h", 60), ("now-24h", 1440), ("now-7d", 10080), ("now-2w", 20160)],
)
def test_relative_times(text: str, minutes: float) -> None:
    assert timerange.parse(text, "now", now_us=NOW).span.start_us == NOW - int(minutes * MINUTE)


@pytest.mark.parametrize(
    ("text", "us"),
    [
        ("1970-01-02", 86_400_000_000),
        ("1970-01-01 00:01", 60_000_000),
        ("1970-01-01T00:00:01Z", 1_000_000),
        ("1970-01-01T00:00:00.000001Z", 1),
        ("1970-01-01T02:00:00+02:00", 0),
    ],
)
def test_absolute_times_are_utc_unless_they_say_otherwise(text: str, us: int) -> None:
    times = timerange.parse(text, "now", now_us=NOW)
    assert times.problem is None
    assert times.span.start_us == us


@pytest.mark.parametrize(
    ("start", "end", "says"),
    [
        ("yesterday", "now", "“yesterday” is not a time. Write now-15m"),
        ("now-15 minutes", "now", "not a time"),
        ("2026-13-01", "now", "not a time"),
        ("1969-12-31", "now", "before 1970"),
        ("0001-01-01T00:00:00+23:00", "now", "not a time"),
        ("now", "now-1h", "ends before it starts"),
        ("now", "now", "ends before it starts"),
    ],
)
def test_what_cannot_be_read_is_said_and_the_default_is_used(start: str, end: str, says: str) -> None:
    times = timerange.parse(start, end, now_us=NOW)
    assert says in (times.problem or "")
    assert times.span == Span(NOW - 15 * MINUTE, NOW)


@given(st.text(), st.text())
def test_no_text_makes_it_raise(start: str, end: str) -> None:
    span = timerange.parse(start, end, now_us=NOW).span
    assert 0 <= span.start_us < span.end_us


@given(st.integers(0, 4_000_000_000_000_000))
def test_what_is_written_into_a_link_is_read_back_to_the_microsecond(us: int) -> None:
    for text in (timerange.instant(us), timerange.short(us)):
        assert timerange.parse(text, timerange.instant(us + 1), now_us=NOW).span == Span(us, us + 1)


def test_range_is_shown_as_a_person_writes_it() -> None:
    assert timerange.parse("now-1h", "2030-01-01T02:30:00.000000+02:00", now_us=NOW).shown == (
        "now-1h",
        "2030-01-01 00:30:00",
    )


def test_zooming_out_doubles_the_range_and_stays_before_now() -> None:
    span = Span(NOW - 10 * MINUTE, NOW)
    wide = timerange.wider(span, NOW)
    assert timerange.parse(wide["from"], wide["to"], now_us=NOW).span == Span(NOW - 20 * MINUTE, NOW)
    past = timerange.wider(Span(NOW - 100 * MINUTE, NOW - 90 * MINUTE), NOW)
    assert past == {"from": timerange.instant(NOW - 105 * MINUTE), "to": timerange.instant(NOW - 85 * MINUTE)}
