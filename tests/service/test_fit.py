"""Lines of at most 16 000 bytes."""

import json
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from project.api.utils import fit
from project.api.utils.fields import KNOWN
from tests.service.lines import MAX_LINE, formatter, record, render

OURS = {"event.sequence": 7, "event.id": "0123456789abcdef-7"}


def fitted(**fields: Any) -> dict[str, Any]:
    line = fit.fit(orjson.dumps({**fields, **OURS}).decode())
    assert len(line.encode()) + 1 <= MAX_LINE
    shown: dict[str, Any] = json.loads(line)
    assert shown.items() >= OURS.items()
    return shown


def test_the_limit_is_exact() -> None:
    bare = len(formatter().format(record("")).encode()) + 20  # numbers may grow by a digit
    for room in range(MAX_LINE - bare - 30, MAX_LINE - bare + 30):
        fields = render(record("x" * room))
        assert ("log.truncated" in fields) == (fields["message"] != "x" * room)


@pytest.mark.parametrize("letter", ["x", "é", "€", "💶", '"', "\\", "\n", "\0"])
def test_whatever_a_character_costs_the_line_is_nearly_full(letter: str) -> None:
    line = formatter().format(record(letter * 30_000))
    assert MAX_LINE - 700 < len(line.encode()) < MAX_LINE


def test_long_texts_share_evenly_what_short_ones_leave() -> None:
    shown = fitted(a="a" * 20_000, b="b" * 20_000, c="c" * 2000, d="d" * 100, e=[{"f": "f" * 9000}])
    assert shown["c"] == "c" * 2000
    assert shown["d"] == "d" * 100
    sizes = [len(shown["a"]), len(shown["b"]), len(shown["e"][0]["f"])]
    assert max(sizes) - min(sizes) < 50
    assert sum(sizes) > MAX_LINE - 2000 - 100 - 300


def test_short_texts_stay_whole_beside_a_long_one() -> None:
    shown = render(record("m" * 50_000, extra={"user": "u" * 140}))
    assert shown["labels.user"] == "u" * 140
    assert shown["log.origin.function"] == "pay"


def test_too_many_fields_lose_the_heaviest_and_say_which() -> None:
    shown = render(
        record("hello", extra={**{f"k{n}": n for n in range(1500)}, "big": list(range(1500)), "a.b": [1] * 400})
    )
    assert shown["message"] == "hello"
    assert "labels.big" not in shown
    assert shown["labels.dropped_fields"].split(",")[0].endswith(": labels.big")
    dropped = int(shown["labels.dropped_fields"].split(":")[0])
    left = sum(name.startswith("labels.k") for name in shown)
    assert left + dropped == 1500 + 2
    assert left > 500


def test_a_long_text_is_cut_rather_than_dropped() -> None:
    shown = render(record("hello", extra={"text": "t" * 20_000, "numbers": list(range(10_000, 11_000))}))
    assert shown["labels.numbers"] == list(range(10_000, 11_000))
    assert "characters cut" in shown["labels.text"]


def test_the_records_own_fields_are_never_dropped() -> None:
    with_error = record(
        "hello", exc_info=(ValueError, ValueError("no"), None), extra={f"a.k{n}": n for n in range(2000)}
    )
    shown = render(with_error)
    assert shown["error.message"] == "no"
    assert int(shown["labels.dropped_fields"].split(":")[0]) + sum(name.startswith("a.k") for name in shown) == 2000


def test_a_known_name_with_a_structure_under_it_can_be_dropped() -> None:
    assert "url.path" not in fitted(**{"url.path": list(range(10_000))})


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False)
    | st.text() | st.builds(lambda text, n: text * n, st.text(), st.integers(0, 500)),
    lambda inner: (
        st.lists(inner) | st.dictionaries(st.text(), inner)
        | st.builds(lambda value, n: [value] * n, inner, st.integers(0, 40))
    ),
    max_leaves=8,
)  # fmt: skip
names = st.text() | st.builds(lambda text, n: text * n, st.text(), st.integers(0, 500))


@settings(deadline=None)
@given(st.dictionaries(names.filter(lambda name: name not in KNOWN), json_values))
def test_anything_fits(fields: dict[str, Any]) -> None:
    shown = fitted(**fields)
    if len(orjson.dumps({**fields, **OURS})) < MAX_LINE:
        assert shown == orjson.loads(orjson.dumps({**fields, **OURS}))
    else:
        assert shown["log.truncated"] is True
