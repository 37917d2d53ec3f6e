from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from logdesk.ranges import Ranges

numbers = st.lists(st.integers(1, 60), max_size=80)


@given(numbers)
def test_ranges_are_the_set_of_what_was_added(added: list[int]) -> None:
    ranges, seen = Ranges(), set()
    for number in added:
        assert ranges.add(number) == (number not in seen)
        seen.add(number)
    assert {n for n in range(70) if n in ranges} == seen
    assert ranges.total() == len(seen)
    assert all(low <= high for low, high in ranges.pairs())
    assert all(a[1] + 1 < b[0] for a, b in zip(ranges.pairs(), ranges.pairs()[1:], strict=False))
    assert Ranges(ranges.pairs()).pairs() == ranges.pairs()


@given(numbers, st.integers(1, 70), st.integers(0, 70))
def test_missing_is_what_is_not_there_between_the_bounds(added: list[int], first: int, last: int) -> None:
    missing = Ranges((n, n) for n in added).missing(first, last)
    assert {n for low, high in missing for n in range(low, high + 1)} == set(range(first, last + 1)) - set(added)


@given(st.lists(st.tuples(st.integers(1, 40), st.integers(0, 10)), max_size=12))
def test_overlapping_pairs_are_joined(pairs: list[tuple[int, int]]) -> None:
    ranges = Ranges((low, low + length) for low, length in pairs)
    assert {n for n in range(60) if n in ranges} == {n for low, length in pairs for n in range(low, low + length + 1)}
