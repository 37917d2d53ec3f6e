"""Any Python value as JSON: what it looks like, and that looking at it ends."""

import json
from collections import OrderedDict, namedtuple
from datetime import UTC, date, datetime, time
from decimal import Decimal
from enum import Enum, IntEnum, StrEnum
from pathlib import PurePosixPath
from types import MappingProxyType
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from project.api.utils import encode


class Colour(Enum):
    RED = "red"


class Size(IntEnum):
    BIG = 3


class Kind(StrEnum):
    ODD = "odd"


class Text(str):
    def __str__(self) -> str:
        return "something else"

    __repr__ = __str__


class Number(float):
    def __repr__(self) -> str:
        return "np.float64(1.5)"


class Secretive:
    def __repr__(self) -> str:
        return "Secretive(user='bob', password='hunter2')"


class Liar:
    @property  # type: ignore[misc]
    def __class__(self) -> Any:
        raise RuntimeError("no class")


Point = namedtuple("Point", "x y")
Login = namedtuple("Login", "user password")

SHOWN = {
    "none": (None, None),
    "numbers": ([1, -1, 0.5, 2**63 - 1, -(2**63)], [1, -1, 0.5, 2**63 - 1, -(2**63)]),
    "numbers beyond 64 bits": ([2**63, -(2**63) - 1], [str(2**63), str(-(2**63) - 1)]),
    "numbers that JSON lacks": ([float("nan"), float("-inf")], ["nan", "-inf"]),
    "times": (
        [datetime(2023, 1, 2, 3, 4, 5, tzinfo=UTC), date(2023, 1, 2), time(3, 4)],
        ["2023-01-02T03:04:05+00:00", "2023-01-02", "03:04:00"],
    ),
    "id": (UUID(int=1), "00000000-0000-0000-0000-000000000001"),
    "enums": ([Colour.RED, Size.BIG, Kind.ODD], ["red", 3, "odd"]),
    "subclasses are what they are": ([Text("text"), Number(1.5), True], ["text", 1.5, True]),
    "containers": (
        [(1, 2), {3}, frozenset({4}), Point(5, 6), OrderedDict(a=7), MappingProxyType({"b": 8})],
        [[1, 2], [3], [4], {"x": 5, "y": 6}, {"a": 7}, {"b": 8}],
    ),
    "the rest is its repr": (
        [Decimal("1.5"), PurePosixPath("/x"), b"\xff", int, 1j],
        ["Decimal('1.5')", "PurePosixPath('/x')", r"b'\xff'", "<class 'int'>", "1j"],
    ),
    "a repr without its secrets": (Secretive(), "Secretive(user='bob', password='[REDACTED]')"),
    "keys": (
        {1: 1, None: 2, (3, 4): 5, b"x": 6, Text("t"): 7},
        {"1": 1, "None": 2, "(3, 4)": 5, "b'x'": 6, "something else": 7},
    ),
    "lone surrogates": (["\ud800", {"\udc80": "€\udfff"}], [r"\ud800", {r"\udc80": r"€\udfff"}]),
    "no class": (Liar(), object),
}


@pytest.mark.parametrize(("value", "shown"), SHOWN.values(), ids=SHOWN)
def test_a_value_is_shown_as(value: Any, shown: Any) -> None:
    clean = encode.clean(value)
    assert json.loads(encode.dumps(clean)) == clean  # JSON can hold it
    assert isinstance(clean, str) if shown is object else clean == shown


SECRETS: dict[str, tuple[Any, Any]] = {
    "at any depth": (
        {"user": {"name": "bob", "logins": [{"Pass-Word": "x", "api key": ["y"]}]}},
        {"user": {"name": "bob", "logins": [{"Pass-Word": "[REDACTED]", "api key": "[REDACTED]"}]}},
    ),
    "of any type": (
        {"token": None, "pwd": 5, "session": {"id": 1}},
        {"token": "[REDACTED]", "pwd": "[REDACTED]", "session": "[REDACTED]"},
    ),
    "in texts": ({"note": "token=abc, a=b"}, {"note": "token=[REDACTED], a=b"}),
    "in pairs": (
        [("Authorization", "Bearer x"), (b"cookie", b"a=b"), ["token", 5], ("Host", "x")],
        [["Authorization", "[REDACTED]"], ["b'cookie'", "[REDACTED]"], ["token", "[REDACTED]"], ["Host", "x"]],
    ),
    "in tuples with names": ({"login": Login("bob", "x")}, {"login": {"user": "bob", "password": "[REDACTED]"}}),
    "under keys that are no strings": ({b"password": 1}, {"b'password'": "[REDACTED]"}),
}  # fmt: skip


@pytest.mark.parametrize(("value", "shown"), SECRETS.values(), ids=SECRETS)
def test_secrets_are_redacted(value: Any, shown: Any) -> None:
    assert encode.clean(value) == shown


def test_a_value_under_a_secret_name_is_redacted() -> None:
    assert encode.clean({"a": 1}, "labels.api_key") == "[REDACTED]"


def nested(depth: int) -> Any:
    return [nested(depth - 1)] if depth else "deep"


def test_a_walk_goes_eight_levels_deep() -> None:
    assert "deep" in encode.dumps(encode.clean(nested(8)))
    assert "deep" not in encode.dumps(encode.clean(nested(9)))


def many_branches() -> Any:
    root: dict[str, Any] = {}
    root.update({f"k{n}": root for n in range(50)})
    return root


@pytest.mark.parametrize(
    "endless", [many_branches(), list(range(10**6)), {n: n for n in range(10**6)}, [["x" * 1000]] * 10**5, nested(900)]
)  # fmt: skip
def test_a_walk_ends_after_a_number_of_nodes_that_no_line_could_hold(endless: Any) -> None:
    assert len(encode.dumps(encode.clean(endless))) < 200_000


def test_the_budget_of_a_walk_is_one_for_all_values_of_a_record() -> None:
    walk = encode.Walk()
    shown = [walk.clean(["x" * 20_000]) for _ in range(100)]
    assert shown[0] == ["x" * 20_000]
    assert len(str(shown)) < 200_000


def test_what_was_not_cleaned_before_is_when_it_must() -> None:
    assert encode.dumps({"a": "\ud800", "b": 2**64}) == r'{"a":"\\ud800","b":"18446744073709551616"}'
    assert encode.members({}) == ""
    assert encode.members({"a": 1}) == ',"a":1'


def test_a_text_of_more_than_two_lines_is_cut_before_it_is_searched() -> None:
    assert encode.text("x" * 32_000) == "x" * 32_000
    assert encode.text("a" * 50_000 + "b" * 50_000) == "a" * 8000 + "…[84000 characters cut]…" + "b" * 8000


def test_a_text_that_is_cut_again_says_how_much_is_gone_in_all() -> None:
    once = encode.cut("x" * 10_000, 1000)
    twice = encode.cut(once, 100)
    kept = twice.count("x")
    assert f"…[{10_000 - kept} characters cut]…" in twice


FORMS = ["token={}", "token = '{}'", 'a {{"password": "{}"}}', "Cookie: a={}", "http://bob:{}@x/", "('jwt', '{}')"]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("half", [encode.MAX_TEXT // 2, encode.MAX_TEXT // 4])
def test_no_secret_shows_at_a_cut(form: str, half: int) -> None:
    for offset in range(0, 250, 3):
        secret = form.format("hunter2" * (30 if offset % 2 else 1))
        head, tail = ("x " * half)[: half - offset], (" y" * half)[: half - offset]
        assert "hunter2" not in encode.text(head + secret + " y" * 40_000)
        assert "hunter2" not in encode.text("x " * 40_000 + secret + tail)


@settings(deadline=None)
@given(st.text(min_size=1), st.integers(1, 2000), st.integers(0, 5000))
def test_a_cut_keeps_the_ends_and_counts_what_went(text: str, times: int, size: int) -> None:
    value = text.replace("…", "") * times
    if len(value) > size:
        shown = encode.cut(value, size)
        head, rest = shown.split("…[", 1)
        count, tail = rest.split(" characters cut]…", 1)
        assert value.startswith(head)
        assert value.endswith(tail)
        assert len(head) + int(count) + len(tail) == len(value)
