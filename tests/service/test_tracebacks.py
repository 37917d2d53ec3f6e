"""Tracebacks are Python's own, word for word, but for their secrets."""

import linecache
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from project.api.utils import tracebacks


def plain() -> None:
    dict[str, int]()["key"]


def caused() -> None:
    try:
        plain()
    except KeyError as error:
        raise ValueError("of the\ncaller") from error


def in_handler() -> None:
    try:
        caused()
    except ValueError:
        int("x")


def context_suppressed() -> None:
    try:
        plain()
    except KeyError:
        raise ValueError from None


def noted() -> None:
    error = ValueError("wrong")
    error.add_note("seen at noon")
    raise error


def misspelt() -> None:
    tracebaks.text(ValueError())  # type: ignore[name-defined]  # noqa: F821


def not_python() -> None:
    compile("a = (1,\nb = 2", "made.py", "exec")


def recursion(depth: int = 100) -> None:
    return recursion(depth - 1) if depth else plain()


def group() -> None:
    errors: list[Exception] = []
    for fail in (caused, noted):
        try:
            fail()
        except ValueError as error:
            errors.append(error)
    raise ExceptionGroup("several", errors)


def after_a_group() -> None:
    try:
        group()
    except ExceptionGroup:
        plain()


def circle() -> None:
    first, second = ValueError("first"), ValueError("second")
    first.__cause__, second.__cause__ = second, first
    raise first


def without_words() -> None:
    class SilentError(Exception):
        def __str__(self) -> str:
            raise RuntimeError

    raise SilentError


def without_source() -> None:
    exec("def made():\n    raise ValueError\n\nmade()", {})


def raised(fail: Callable[[], Any]) -> BaseException:
    try:
        fail()
    except BaseException as error:
        return error
    raise AssertionError(f"{fail} didn't")


FAILURES = (
    plain, caused, in_handler, context_suppressed, noted, misspelt, not_python, recursion, group, after_a_group, circle,
    without_words, without_source,
)  # fmt: skip


@pytest.mark.parametrize("fail", FAILURES, ids=lambda fail: fail.__name__)
def test_the_text_is_pythons(fail: Callable[[], Any]) -> None:
    error = raised(fail)
    expected = "".join(traceback.format_exception(error))
    assert tracebacks.text(error, error.__traceback__) == expected
    assert tracebacks.text(error, error.__traceback__) == expected  # what is remembered is the same


def test_an_error_that_was_never_raised_has_no_traceback() -> None:
    assert tracebacks.text(ValueError("new"), None) == "ValueError: new\n"


def test_two_places_of_one_line_are_told_apart() -> None:
    def either(first: bool) -> int:
        return int("x") if first else int("y")

    for first in (True, False):
        error = raised(lambda: either(first))  # noqa: B023
        assert tracebacks.text(error, error.__traceback__) == "".join(traceback.format_exception(error))


def test_secrets_are_redacted_in_source_lines_and_messages() -> None:
    def log_in(password: str) -> None:
        raise ValueError(f"refused, password={password}")

    error = raised(lambda: log_in(password="hunter2"))
    text = tracebacks.text(error, error.__traceback__)
    assert "hunter2" not in text
    assert text.endswith("ValueError: refused, password=[REDACTED]\n")


def test_a_frame_is_looked_up_once(tmp_path: Path) -> None:
    source = tmp_path / "made.py"
    source.write_text("raise ValueError")
    code = compile(source.read_text(), source, "exec")
    first, second = raised(lambda: exec(code)), raised(lambda: exec(code))
    text = tracebacks.text(first, first.__traceback__)
    source.unlink()
    linecache.clearcache()
    assert "raise ValueError" in text
    assert tracebacks.text(second, second.__traceback__) == text


def test_what_is_remembered_is_bounded() -> None:
    for number in range(5000):
        error = raised(lambda: exec(compile("raise ValueError", f"made-{number}.py", "exec")))  # noqa: B023
        tracebacks.text(error, error.__traceback__)
    assert len(tracebacks._texts) <= 4096


def test_an_endless_source_line_is_cut(tmp_path: Path) -> None:
    source = tmp_path / "endless.py"
    source.write_text("raise ValueError(" + "1," * 100_000 + ")")
    error = raised(lambda: exec(compile(source.read_text(), source, "exec")))
    error.args = ()
    text = tracebacks.text(error, error.__traceback__)
    assert "characters cut" in text
    assert len(text) < 10_000
