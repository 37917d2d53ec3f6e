"""What is decided on a line itself."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from logdesk.match import fits
from logdesk.syntax import Value

few = st.text("ab*", min_size=1, max_size=8).filter(lambda text: "*" in text)


@given(few, st.text("ab", max_size=8))
def test_a_pattern_fits_as_the_regular_expression_would(pattern: str, text: str) -> None:
    expected = re.fullmatch(".*".join(pattern.split("*")), text) is not None
    assert fits(Value("labels.x", pattern, wildcard=True), text) is expected


def test_a_pattern_of_many_stars_takes_no_longer_on_equal_letters() -> None:
    assert not fits(Value("labels.x", "*a" * 50 + "b", wildcard=True), "a" * 60_000)
