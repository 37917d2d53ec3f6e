"""Records that want to break the line, and whatever comes: one valid line each."""

import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from project.api.utils import redact
from project.api.utils.fields import KNOWN
from tests.service.lines import caught, record, render


class Broken:
    def __str__(self) -> str:
        raise RuntimeError("no str")

    __repr__ = __str__


class BrokenDict(dict[str, Any]):
    def items(self) -> Any:
        raise RuntimeError("no items")


class BrokenError(Exception):
    def __str__(self) -> str:
        raise RuntimeError("no str")


recursive: dict[str, Any] = {"list": []}
recursive["list"].append(recursive)

HOSTILE: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "unserialisable": ({"extra": {"x": {1, 2}, "y": complex(1, 2)}}, {"labels.x": [1, 2], "labels.y": "(1+2j)"}),
    "recursive": ({"extra": {"x": recursive}}, {}),
    "not a number": ({"extra": {"x": [float("nan"), float("inf")]}}, {"labels.x": ["nan", "inf"]}),
    "bytes": ({"extra": {"x": b"\xff\0"}}, {"labels.x": r"b'\xff\x00'"}),
    "surrogates": ({"extra": {"x": "\ud800", "\udfff": 1}}, {"labels.x": r"\ud800", r"labels.\udfff": 1}),
    "huge integers": ({"extra": {"x": 2**63, "y": -(2**63)}}, {"labels.x": str(2**63), "labels.y": -(2**63)}),
    "integers beyond str": ({"extra": {"x": 10**5000}}, {"labels.x": "<int: repr failed>"}),
    "broken values": ({"extra": {"x": Broken(), "y": BrokenDict(a=1)}}, {"labels.x": "<Broken: repr failed>"}),
    "broken keys": ({"extra": {"x": {Broken(): 1}}}, {"labels.x": {"<Broken: repr failed>": 1}}),
    "100 kB message": ({"msg": "x" * 100_000}, {"log.truncated": True}),
    "100 kB of separators": ({"msg": "a=" * 50_000}, {"log.truncated": True}),
    "1 MB exception": ({"exc_info": (ValueError, ValueError("y" * 2**20), None)}, {"log.truncated": True}),
    "2 000 labels": ({"extra": {f"k{n}": n for n in range(2000)}}, {"log.truncated": True}),
    "2 000 ECS fields": ({"extra": {f"a.k{n}": n for n in range(2000)}}, {"log.truncated": True}),
    "2 000 surrogates": ({"extra": {f"\ud800{n}": "\ud800" for n in range(2000)}}, {"log.truncated": True}),
    "many long texts": ({"extra": {"x": ["z" * 200] * 1900}}, {"labels.dropped_fields": "1: labels.x"}),
    "a key longer than a line": ({"extra": {"a." + "k" * 20_000: 1}}, {}),
    "exception without str": ({"exc_info": (BrokenError, BrokenError(), None)}, {
        "error.message": "<BrokenError: str failed>"}),
    "exception of which only the text came": ({"exc_text": "Traceback: x"}, {"error.stack_trace": "Traceback: x"}),
    "chained and grouped exceptions": (
        {"exc_info": caught("raise ExceptionGroup('g', [ValueError(1)]) from KeyError('k')")},
        {"error.type": "ExceptionGroup", "error.message": "g (1 sub-exception)"},
    ),
    "no place": ({"pathname": "", "filename": "", "lineno": None, "funcName": None}, {
        "log.origin.file.line": 0, "log.origin.function": "(unknown function)"}),
}  # fmt: skip


@pytest.mark.parametrize(("hostile", "expected"), HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_record_makes_one_valid_line(hostile: dict[str, Any], expected: dict[str, Any]) -> None:
    fields = render(record(**hostile))
    assert fields.items() >= expected.items() if not expected.get("labels.x") else fields | expected == fields


def test_a_long_message_keeps_its_beginning_and_its_end() -> None:
    message = render(record("begin " + "x" * 100_000 + " end"))["message"]
    assert re.fullmatch(r"begin x+…\[\d+ characters cut\]…x+ end", message)
    cut = int(re.findall(r"\[(\d+) characters", message)[0])
    assert len(re.sub("….*…", "", message)) + cut == len("begin  end") + 100_000


UNRENDERABLE: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "wrong arguments": ({"msg": "%d of %d", "args": ("x", 1)}, {
        "message": "A log call failed: TypeError: %d format: a real number is required, not str",
        "labels.log_template": "%d of %d", "labels.log_arguments": ["x", 1]}),
    "too few arguments": ({"msg": "%s %s", "args": ("x",)}, {"labels.log_template": "%s %s"}),
    "message without str": ({"msg": Broken()}, {"labels.log_template": "<Broken: str failed>"}),
    "secret arguments": ({"msg": "%d", "args": {"password": "hunter2"}}, {
        "labels.log_arguments": {"password": "[REDACTED]"}}),
    "time that is none": ({"created": float("nan")}, {"labels.log_template": "hello"}),
    "time in milliseconds": ({"created": 1_700_000_000_250.0}, {"labels.log_template": "hello"}),
    "time that is far away": ({"created": 1e300}, {"labels.log_template": "hello"}),
    "exc_info that is none": ({"exc_info": 5}, {"labels.log_template": "hello"}),
    "line number that can't be": ({"lineno": []}, {"labels.log_template": "hello"}),
    "level that is none": ({"levelname": None}, {"labels.log_template": "hello"}),
}  # fmt: skip


@pytest.mark.parametrize(("broken", "expected"), UNRENDERABLE.values(), ids=UNRENDERABLE)
def test_a_record_that_cannot_be_rendered_is_not_dropped(broken: dict[str, Any], expected: dict[str, Any]) -> None:
    made = record()
    vars(made).update(broken)
    fields = render(made)
    assert fields["message"].startswith("A log call failed: ")
    assert fields["log.logger"] == "shop.orders"
    assert fields.items() >= expected.items()


def test_a_record_that_cannot_be_rendered_keeps_its_traceback_its_extra_and_its_one_number() -> None:
    made = record("%d", "x", exc_info=caught("raise ValueError('no')"), extra={"order": 7})
    first, second = render(made), render(made)
    assert (first["error.type"], first["labels.order"], first["log.level"]) == ("ValueError", 7, "info")
    assert first["event.id"] == second["event.id"]


def test_what_fails_takes_no_number() -> None:
    before = render(record())["event.sequence"]
    for broken in ({"created": float("nan")}, {"levelname": None}, {"exc_info": 5}):
        render(record(**broken))
    assert render(record())["event.sequence"] == before + 4


# Whatever comes.

any_text = st.text(st.characters(exclude_categories=()))
scalars = (
    st.none() | st.booleans() | st.integers() | st.floats() | any_text | st.binary() | st.datetimes()
    | st.decimals(allow_nan=False) | st.uuids() | st.timedeltas() | st.complex_numbers()
)  # fmt: skip
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner) | st.tuples(inner, inner) | st.dictionaries(any_text | st.integers() | st.binary(), inner)
        | st.frozensets(scalars)
    ),
)  # fmt: skip
reserved = {*vars(record()), "message", "asctime", *KNOWN}
extras = st.dictionaries(any_text.filter(lambda key: key not in reserved), values, max_size=5)
errors = st.builds(lambda text: (ValueError, ValueError(text), None), any_text)


@settings(deadline=None)  # the machine may be busy
@given(msg=any_text, args=st.lists(values, max_size=3), extra=extras, exc_info=st.none() | errors)
def test_any_record_makes_one_valid_line(msg: str, args: list[Any], extra: dict[str, Any], exc_info: Any) -> None:
    render(record(msg, *args, extra=extra, exc_info=exc_info))


@settings(deadline=None)  # the machine may be busy
@given(any_text, any_text, st.integers(1, 20_000))
def test_texts_come_back_as_they_were(message: str, value: str, times: int) -> None:
    plain = re.sub("[^a-z0-9]", "", f"{message}{value}".lower())
    harmless = "@" not in message + value and not any(word in plain for word in redact.SECRET_WORDS)
    fields = render(record("%s", message * times, extra={"key": value}, exc_info=(OSError, OSError(message), None)))
    if harmless and "log.truncated" not in fields:
        shown = message.encode("utf-8", "backslashreplace").decode()
        assert fields["message"] == shown * times
        assert fields["error.message"] == shown
        assert fields["labels.key"] == value.encode("utf-8", "backslashreplace").decode()
