"""The formatters in a configuration: static fields, and the text format for reading by eye."""

from typing import Any

import pytest

from project.api.utils.logger import JSONFormatter, TextFormatter
from tests.service.lines import STATIC, caught, check_line, formatter, line, normalised, record
from tests.service.programs import run

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
