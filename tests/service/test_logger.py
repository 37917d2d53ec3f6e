"""JSONFormatter: exact lines, every way of configuring it, and records that want to break it."""

import copy
import logging
import logging.handlers
import pickle
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from subprocess import SubprocessError
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from project.api.utils import context, redact
from project.api.utils.fields import KNOWN, OWN
from project.api.utils.logger import JSONFormatter, TextFormatter
from tests.service.lines import STATIC, STATIC_JSON, check_line, formatter, normalised, record, render
from tests.service.programs import run


def line(message: str, details: str = "", level: str = "info", dataset: str = "app", name: str = "shop.orders") -> str:
    return (
        f'{{"@timestamp":"2023-11-14T22:13:20.250000Z","log.level":"{level}","message":{message}{details},{STATIC_JSON},'
        f'"event.dataset":"shop.{dataset}","log.logger":"{name}","log.origin.file.name":"orders.py",'
        '"log.origin.file.line":7,"log.origin.function":"pay",<numbered>}'
    )


def caught(code: str) -> Any:
    """exc_info of what `code` raises, its traceback of one line in shop.py."""
    try:
        exec(compile(code, "shop.py", "exec"), {})
    except BaseException as error:
        return type(error), error, error.__traceback__ and error.__traceback__.tb_next
    raise AssertionError("nothing raised")


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


# Static fields and configuration.

INI = """
[loggers]
keys = root
[handlers]
keys = out
[formatters]
keys = json
[logger_root]
level = INFO
handlers = out
[handler_out]
class = StreamHandler
formatter = json
args = (sys.stdout,)
[formatter_json]
class = project.api.utils.logger.JSONFormatter
"""
DICT = """
import logging, logging.config
logging.config.dictConfig({{
    "version": 1,
    "formatters": {{"json": {formatter}}},
    "handlers": {{"out": {{"class": "logging.StreamHandler", "formatter": "json", "stream": "ext://sys.stdout"}}}},
    "root": {{"level": "INFO", "handlers": ["out"]}},
}})
"""
FILE = 'import logging, logging.config; logging.config.fileConfig("log.ini")'
NAME = '"project.api.utils.logger.JSONFormatter"'
CONFIGURED = {
    "INI file": (FILE, 'format = {"service.name": "shop", "cloud.region": "eu"}'),
    "dictConfig with a factory": (
        DICT.format(formatter=f'{{"()": {NAME}, "fields": {{"service.name": "shop", "cloud.region": "eu"}}}}'), "",
    ),
    "dictConfig with a class": (
        DICT.format(formatter=f"""{{"class": {NAME}, "format": '{{"service.name": "shop", "cloud.region": "eu"}}'}}"""),
        "",
    ),
    "by hand": (
        """
import logging, sys
from project.api.utils.logger import JSONFormatter
handler = logging.StreamHandler(sys.stdout)
handler.setFormatter(JSONFormatter(fields={"service.name": "shop", "cloud.region": "eu"}))
logging.basicConfig(level="INFO", handlers=[handler])
""",
        "",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("code", "section"), CONFIGURED.values(), ids=CONFIGURED)
def test_configured_in_every_way_with_static_fields(code: str, section: str, tmp_path: Any) -> None:
    (tmp_path / "log.ini").write_text(INI + section)
    out = run(f'{code}\nlogging.getLogger("shop").info("hello")', tmp_path, SERVICE_VERSION="7").stdout
    fields = check_line(out.removesuffix("\n"))
    assert fields["message"] == "hello"
    assert (fields["service.name"], fields["cloud.region"], fields["service.version"]) == ("shop", "eu", "7")


def test_static_fields_default_to_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NAME", "VERSION", "ENVIRONMENT"):
        monkeypatch.setenv(f"SERVICE_{name}", name.lower())
    fields = check_line(JSONFormatter().format(record()))
    assert (fields["service.name"], fields["service.version"], fields["service.environment"]) == (
        "name", "version", "environment",
    )  # fmt: skip
    assert fields["event.dataset"] == "name.app"


@pytest.mark.parametrize("fmt", [None, "", "%(asctime)s %(message)s", "{message}", " { asctime } {message}", "{}"])
def test_text_formats_of_a_configuration_are_ignored(fmt: str | None) -> None:
    json = JSONFormatter(fmt, "%H:%M", "%", True, defaults={"a": 1}, fields=STATIC)
    assert normalised(json.format(record())) == line('"hello"')


def test_a_broken_static_field_says_what_is_wrong() -> None:
    with pytest.raises(ValueError, match=r"format is not a JSON object of static fields .*\{\"a\": \}"):
        JSONFormatter('{"a": }')
    with pytest.raises(ValueError, match=r"can't be \['message', 'trace.id'\]: each line has its own"):
        JSONFormatter(fields={"message": "x", "trace.id": "y"})


def test_static_fields_are_cleaned_as_any_other_value() -> None:
    fields = check_line(formatter(**{"labels.api_key": "s3cret", "labels.ratio": float("nan")}).format(record()))
    assert (fields["labels.api_key"], fields["labels.ratio"]) == ("[REDACTED]", "nan")


def test_an_extra_does_not_repeat_a_static_field() -> None:
    fields = check_line(formatter(**{"cloud.region": "eu"}).format(record(extra={"cloud.region": "us"})))
    assert (fields["cloud.region"], fields["labels.cloud.region"]) == ("eu", "us")


# Records that want to break the line.


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


# For reading by eye.


def test_the_text_format_keeps_to_one_line_shows_no_secret_and_leaves_the_terminal_alone() -> None:
    text = TextFormatter("[%(levelname)s] [%(name)s]: %(message)s")
    made = record("a\nb\x1b[31m\x9b password=hunter2", name="shop\n")
    assert text.format(made) == r"[INFO] [shop\x0a]: a\x0ab\x1b[31m\x9b password=[REDACTED]"
    made = record("failed", exc_info=caught(r"raise ValueError('a\nb\x1b token=abc')"))
    assert text.format(made).split("\n") == [
        "[INFO] [shop.orders]: failed",
        "Traceback (most recent call last):",
        '  File "shop.py", line 1, in <module>',
        "ValueError: a",
        r"b\x1b token=[REDACTED]",
    ]
