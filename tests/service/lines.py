"""What a log line must be, checked: docs/fields.md, from project/api/utils/fields.json."""

import json
import logging
import re
from pathlib import Path
from typing import Any

import project
from project.api.utils.logger import JSONFormatter

MAX_LINE = 16_000  # bytes, with the newline
SPEC: dict[str, dict[str, str]] = json.loads(
    (Path(project.__file__).parent / "api" / "utils" / "fields.json").read_text()
)
_DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
_NUMBERED = re.compile(
    r'"process\.pid":\d+,"process\.entity_id":"([0-9a-f]{16})","event\.id":"\1-(\d+)","event\.sequence":\2}$'
)
STATIC = {"service.name": "shop", "service.version": "1.2", "service.environment": "test", "host.hostname": "box"}
STATIC_JSON = (
    '"ecs.version":"8.17.0","service.name":"shop","service.version":"1.2","service.environment":"test",'
    '"host.hostname":"box"'
)


def check_line(text: str | bytes) -> dict[str, Any]:
    """The fields of one line (without its newline), which must keep the contract."""
    data = text.encode() if isinstance(text, str) else text  # strict: no surrogates
    text = data.decode()  # strict: UTF-8
    assert text.startswith('{"'), text[:200]
    assert text.endswith("}"), text[-200:]
    assert "\n" not in text
    assert "\r" not in text
    assert len(data) + 1 <= MAX_LINE, len(data)
    fields: dict[str, Any] = json.loads(text, object_pairs_hook=_without_repetition, parse_constant=_refuse)
    for name, value in fields.items():
        assert _is_of_type(SPEC[name]["type"] if name in SPEC else "any", value), (name, value)
    assert names_on("every line") <= fields.keys(), text
    if fields["event.dataset"].endswith(".access"):
        assert fields.keys().isdisjoint(names_on("all but access lines")), text
    else:
        assert names_on("all but access lines") <= fields.keys(), text
    assert fields["event.id"] == f"{fields['process.entity_id']}-{fields['event.sequence']}"
    return fields


def names_on(place: str) -> set[str]:
    return {name for name, field in SPEC.items() if field["on"] == place}


def _without_repetition(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    assert len(dict(pairs)) == len(pairs), f"a name twice in {[name for name, _ in pairs]}"
    return dict(pairs)


def _refuse(constant: str) -> None:
    raise AssertionError(f"{constant} is not JSON")


def _is_of_type(kind: str, value: Any) -> bool:
    if kind in ("keyword", "text", "wildcard"):
        return isinstance(value, str)
    if kind == "date":
        return isinstance(value, str) and _DATE.fullmatch(value) is not None
    if kind == "boolean":
        return isinstance(value, bool)
    if kind in ("long", "short"):
        bits = 63 if kind == "long" else 15
        return type(value) is int and -(2**bits) <= value < 2**bits
    assert kind in ("any", "flattened"), f"fields.json has a type that this check doesn't know: {kind}"
    return True


def record(msg: Any = "hello", *args: Any, extra: Any = None, **attributes: Any) -> logging.LogRecord:
    """A record as `Logger.info` makes it at one place and one time; other attributes may be set."""
    logger = logging.Logger(attributes.pop("name", "shop.orders"))
    made = logger.makeRecord(
        logger.name, logging.INFO, "/srv/shop/orders.py", 7, msg, args, attributes.pop("exc_info", None), "pay", extra
    )
    vars(made).update({"created": 1_700_000_000.25, **attributes})
    return made


def formatter(**fields: Any) -> JSONFormatter:
    return JSONFormatter(fields={**STATIC, **fields})


def render(made: logging.LogRecord) -> dict[str, Any]:
    """The checked fields of a record's line."""
    return check_line(formatter().format(made))


def normalised(line: str) -> str:
    """The line with what differs from process to process replaced; it must be valid."""
    check_line(line)
    assert _NUMBERED.search(line), line
    return _NUMBERED.sub("<numbered>}", line)


def line(message: str, details: str = "", level: str = "info", dataset: str = "app", name: str = "shop.orders") -> str:
    """What `normalised` makes of the line of a `record`; `message` and `details` as they stand in it."""
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
