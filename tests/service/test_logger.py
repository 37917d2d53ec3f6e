"""JSONFormatter: each record is exactly this line, wherever it comes from."""

import copy
import logging
import logging.handlers
import pickle
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from subprocess import SubprocessError
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from project.api.utils import context
from project.api.utils.fields import OWN
from tests.service.lines import caught, check_line, formatter, line, normalised, record, render

EXACT = {
    "plain": (record("hello"), line('"hello"')),
    "arguments": (record("%s has %d", "bob", 3), line('"bob has 3"')),
    "not a string": (record(42), line('"42"')),
    "quotes and backslashes": (record('a "b" \\ c'), line(r'"a \"b\" \\ c"')),
    "control characters": (record("a\nb\r\t\0\x1b[31m\x7f"), line(r'"a\nb\r\t\u0000\u001b[31m' + "\x7f" + '"')),
    "unicode": (record("prix 5 € 💶 \u2028"), line('"prix 5 € 💶 \u2028"')),
    "lone surrogate": (record("file \udcff"), line(r'"file \\udcff"')),
    "secret": (record("login with password=hunter2"), line('"login with password=[REDACTED]"')),
    "gunicorn's own": (record("ready", name="gunicorn.error"), line('"ready"', dataset="error", name="gunicorn.error")),
    "uvicorn's own": (record("ready", name="uvicorn.error"), line('"ready"', dataset="error", name="uvicorn.error")),
    "level of one's own": (record("x", levelname="Notice"), line('"x"', level="notice")),
    "extra": (
        record("paid", extra={"order": 17, "event.action": "pay", "items": ["a", 1.5, None, True], "token": "abc"}),
        line(
            '"paid"',
            ',"labels.order":17,"event.action":"pay","labels.items":["a",1.5,null,true],"labels.token":"[REDACTED]"',
        ),
    ),
    "exception": (
        record("failed", exc_info=caught("raise ValueError('no')")),
        line(
            '"failed"',
            ',"error.type":"ValueError","error.message":"no","error.stack_trace":"Traceback (most recent call last):'
            r'\n  File \"shop.py\", line 1, in <module>\nValueError: no"',
        ),
    ),
    "exception of a module": (
        record("failed", exc_info=(SubprocessError, SubprocessError("no"), None)),
        line(
            '"failed"',
            ',"error.type":"subprocess.SubprocessError","error.message":"no",'
            '"error.stack_trace":"subprocess.SubprocessError: no"',
        ),
    ),
    "stack": (record("here", stack_info="Stack:\n  x"), line('"here"', r',"error.stack_trace":"Stack:\n  x"')),
    "no exception at all": (record("x", exc_info=(None, None, None)), line('"x"')),
    "reserved names stay the record's": (
        record("x", extra={"event.id": 1, "@timestamp": 2, "log.level": 3, "service.name": 4, "process.pid": 5}),
        line(
            '"x"',
            ',"labels.event.id":1,"labels.@timestamp":2,"labels.log.level":3,"labels.service.name":4,'
            '"labels.process.pid":5',
        ),
    ),
    "error fields of extra beside an exception": (
        record("x", exc_info=(KeyError, KeyError("k"), None), extra={"error.type": "mine", "error.code": "E1"}),
        line(
            '"x"',
            ',"error.type":"KeyError","error.message":"\'k\'","error.stack_trace":"KeyError: \'k\'",'
            '"labels.error.type":"mine","error.code":"E1"',
        ),
    ),
    "error fields of extra alone": (record("x", extra={"error.type": "mine"}), line('"x"', ',"error.type":"mine"')),
    "keys that are no strings": (
        record("x", extra={1: "a", None: "b"}),
        line('"x"', ',"labels.1":"a","labels.None":"b"'),
    ),
    "the name that the number is kept under": (record("x", extra={"_event.id": ("},{", "0")}), line('"x"')),
    "what other formatters leave": (record("x", asctime="t", taskName="Task-1", message="y"), line('"x"')),
}


@pytest.mark.parametrize(("made", "expected"), EXACT.values(), ids=EXACT)
def test_a_record_is_exactly_this_line(made: logging.LogRecord, expected: str) -> None:
    assert normalised(formatter().format(made)) == expected


def test_a_line_of_nothing_but_a_message_has_each_of_the_formatters_own_fields() -> None:
    assert set(render(record())) == OWN - {"log.truncated"}


EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECONDS = st.integers(0, 4 * 10**9 * 10**6)  # to 2096: there a float of seconds still tells microseconds apart


@settings(deadline=None)
@given(st.lists(MICROSECONDS | st.builds(lambda second, more: 1_700_000_000_000_000 + second * 1_000_000 + more,
                                         st.integers(0, 2), st.sampled_from([0, 1, 2, 999_998, 999_999]))))  # fmt: skip
def test_a_timestamp_is_the_records_microsecond_in_utc(times: list[int]) -> None:
    json = formatter()
    for time in times:
        shown = check_line(json.format(record(created=time / 1e6)))["@timestamp"]
        assert shown == f"{EPOCH + timedelta(microseconds=time):%Y-%m-%dT%H:%M:%S.%f}Z"


@pytest.mark.parametrize(
    ("created", "shown"),
    [(0.0, "1970-01-01T00:00:00.000000Z"), (-0.5, "1969-12-31T23:59:59.500000Z"), (-1.0, "1969-12-31T23:59:59.000000Z"),
     (-62135596800.0, "0001-01-01T00:00:00.000000Z"), (253402300799.5, "9999-12-31T23:59:59.500000Z")],
)  # fmt: skip
def test_a_timestamp_far_away_is_valid_too(created: float, shown: str) -> None:
    assert render(record(created=created))["@timestamp"] == shown


def test_a_request_id_of_extra_does_not_overwrite_the_requests() -> None:
    extra = {"trace.id": "forged", "http.request.id": "forged"}
    assert render(record(extra=extra))["trace.id"] == "forged"  # outside of a request it is the caller's to set
    with context.bound({"trace.id": "t", "http.request.id": "r"}):
        inside = render(record(extra=extra))
    assert (inside["trace.id"], inside["http.request.id"]) == ("t", "r")
    assert inside["labels.trace.id"] == inside["labels.http.request.id"] == "forged"


def test_records_of_one_place_that_differ_are_not_confused() -> None:
    json = formatter()
    for made in (
        record(),
        record(levelname="ERROR"),
        record(name="other"),
        record(funcName="refund"),
        record(lineno=8),
    ):
        fields = check_line(json.format(made))
        assert fields["log.level"] == made.levelname.lower()
        assert fields["log.logger"] == made.name
        assert fields["log.origin.function"] == made.funcName
        assert fields["log.origin.file.line"] == made.lineno


def test_what_is_remembered_of_places_and_keys_is_bounded() -> None:
    json = formatter()
    for number in range(10_000):
        json.format(record(name=f"job.{number}", extra={f"key{number}": 1}))
    assert len(json._sites) <= 4096
    assert len(json._names) <= 4096
    assert render(record(name="job.1"))["log.logger"] == "job.1"


# Records that come from elsewhere.


def test_two_handlers_write_the_same_line_with_the_same_number() -> None:
    made = record("paid", extra={"order": 1}, exc_info=caught("raise ValueError"))
    assert formatter().format(made) == formatter().format(made)


def test_a_copied_record_keeps_its_number_and_a_pickled_one_gets_the_receivers() -> None:
    made = record("%s", "hello")
    first = render(made)
    assert render(copy.copy(made))["event.id"] == first["event.id"]
    sent = pickle.loads(logging.handlers.SocketHandler("127.0.0.1", 1).makePickle(made)[4:])
    received = render(logging.makeLogRecord(sent))
    assert received["message"] == "hello"
    assert received["event.sequence"] == first["event.sequence"] + 1
    assert not {name for name in received if name.startswith("labels.")}


def test_a_record_from_a_queue_handler_is_whole() -> None:
    made = record("%s", "hello", extra={"order": 7}, exc_info=caught("raise ValueError('no')"))
    fields = render(logging.handlers.QueueHandler(None).prepare(made))  # type: ignore[arg-type]
    assert fields["message"].startswith("hello\nTraceback")
    assert fields["labels.order"] == 7


def test_a_record_of_nothing_but_a_message() -> None:
    fields = render(logging.makeLogRecord({"msg": "hello", "levelname": "INFO"}))
    assert (fields["message"], fields["log.level"], fields["log.origin.file.line"]) == ("hello", "info", 0)


@pytest.fixture
def own_factory() -> Iterator[None]:
    class Record(logging.LogRecord):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            self.before = 1
            super().__init__(*args, **kwargs)
            self.user = "bob"

    logging.setLogRecordFactory(Record)
    yield
    logging.setLogRecordFactory(logging.LogRecord)


@pytest.mark.usefixtures("own_factory")
def test_what_a_record_factory_adds_is_a_label_and_no_standard_attribute_is() -> None:
    fields = render(record(extra={"order": 7}))
    labels = {name: value for name, value in fields.items() if name.startswith("labels.")}
    assert labels == {"labels.user": "bob", "labels.order": 7}


def test_task_names_are_no_labels() -> None:
    assert "labels.taskName" not in render(record(taskName="Task-1"))
