from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logdesk.rollups import bucket, middle, percentile, route


@given(st.integers(1000, 10**15))
def test_a_bucket_s_middle_is_near_every_duration_in_it(duration: int) -> None:
    assert abs(middle(bucket(duration)) - duration) <= 0.08 * duration


@given(st.integers(0, 2**63 - 1), st.integers(0, 2**63 - 1))
def test_longer_durations_are_in_later_buckets(one: int, other: int) -> None:
    assert (bucket(one) <= bucket(other)) == (one <= other) or bucket(one) == bucket(other)


@given(st.lists(st.integers(1000, 10**11), min_size=1, max_size=200), st.sampled_from([0.5, 0.95, 0.99]))
def test_percentiles_are_within_eight_percent(durations: list[int], share: float) -> None:
    counts: dict[int, int] = {}
    for duration in durations:
        counts[bucket(duration)] = counts.get(bucket(duration), 0) + 1
    exact = next(d for n, d in enumerate(sorted(durations), 1) if n >= share * len(durations))
    assert abs((percentile(counts.items(), share) or 0) - exact) <= 0.08 * exact


def test_no_counts_have_no_percentile() -> None:
    assert percentile([], 0.5) is None


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("/", "/"),
        ("/api/v1/whatweb", "/api/v1/whatweb"),
        ("/orders/4711/items", "/orders/{id}/items"),
        ("/users/0b7f9c1e-1c5e-4a6b-9a54-0242ac120002", "/users/{id}"),
        ("/commit/9fceb02d0ae598e95dc970b74767f19372d61af8", "/commit/{id}"),
        ("/static/app.js", "/static/app.js"),
        ("/wp-login.php", "/wp-login.php"),
        ("/search/a long free text", "/search/{id}"),
        ("/<script>alert(1)</script>", "/{id}/{id}"),
        ("/" + "a/" * 100, "/" + "a/" * 10 + "a"),
    ],
)
def test_variable_parts_of_a_path_become_one(path: str, shown: str) -> None:
    assert route(path) == shown
