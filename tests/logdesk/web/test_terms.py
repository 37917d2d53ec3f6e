"""One click on a value."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logdesk.query import parse, term
from logdesk.web.terms import begun, has, only, toggled


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", "level:error"),
        ("timeout", "timeout level:error"),
        ("level:error", ""),
        ("a level:error b", "a b"),
        ("a AND level:error", "a AND"),
        ("level:errors", "level:errors level:error"),
        ("-level:error", "level:error"),
        ("NOT level:error", "NOT level:error level:error"),
        ("a OR b", "(a OR b) level:error"),
        ('"said level:error twice"', '"said level:error twice" level:error'),
        ('"never closed', '"never closed level:error'),
    ],
)
def test_click_adds_a_term_or_takes_it_away(before: str, after: str) -> None:
    assert toggled(before, "level:error", opposite="-level:error") == after


@pytest.mark.parametrize(
    ("text", "longer"),
    [
        ("zerodivision", "zerodivision*"),
        ("zero level:error  time*", "zero* level:error  time*"),
        ('"cache miss"', ""),
        ("level:error", ""),
        ("-zero", ""),
        ('"never closed zero', ""),
        ("", ""),
    ],
)
def test_words_that_begin_so_are_asked_for(text: str, longer: str) -> None:
    assert begun(text) == longer


@given(st.text(max_size=60))
def test_words_that_begin_so_make_a_readable_query(text: str) -> None:
    assert parse(begun(text)).problem is None


@given(st.text(max_size=60), st.text(min_size=1, max_size=20))
def test_two_clicks_leave_a_readable_query_as_it_was(text: str, value: str) -> None:
    one = term("labels.x", value)
    query = " ".join(text.split())
    if one is None or parse(query).problem or has(query, one):
        return
    once = toggled(query, one)
    assert has(once, one) or parse(one).problem
    assert parse(toggled(once, one)).root == parse(query).root


def test_only_asks_for_each_value() -> None:
    assert only(("trace.id", "ab12"), ("service.name", "my service")) == 'trace:ab12 service:"my service"'
