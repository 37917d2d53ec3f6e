"""error.stack_trace says what Python says."""

import traceback
from typing import Any

import pytest

from project.api.utils import tracebacks


class OddError(Exception):
    def __str__(self) -> str:
        raise RuntimeError("no str")


class ChainedError(Exception):
    pass


def simple() -> None:
    {}["missing"]  # type: ignore[index]


def caused() -> None:
    try:
        simple()
    except KeyError as error:
        raise ChainedError("it \U0001f4b6\nhas lines") from error


def in_context() -> None:
    try:
        caused()
    except ChainedError:
        simple()


def suppressed() -> None:
    try:
        simple()
    except KeyError:
        raise ChainedError("alone") from None


def noted() -> None:
    error = ChainedError("with")
    error.add_note("a note\nof lines")
    raise error


def grouped() -> None:
    raise ExceptionGroup("both", [ValueError(1), ExceptionGroup("inner", [OSError(2, "no")])])


def group_in_context() -> None:
    try:
        grouped()
    except ExceptionGroup as error:
        raise ChainedError("after a group") from error


def circular() -> None:
    first, second = ChainedError("first"), ChainedError("second")
    first.__cause__, second.__cause__ = second, first
    raise first


def endless(depth: int = 0) -> None:
    endless(depth + 1)


def several_on_a_line() -> None:
    str(1), str(1 / len("")), str(2)


def odd() -> None:
    raise OddError


def no_syntax() -> None:
    compile("a b\n", "typed.py", "exec")


def generated() -> None:
    exec(compile("\nraise ValueError('x' * 100)", "generated.py", "exec"))


def interrupted() -> None:
    raise KeyboardInterrupt


RAISING = [
    simple, caused, in_context, suppressed, noted, grouped, group_in_context, circular, endless, several_on_a_line, odd,
    no_syntax, generated, interrupted,
]  # fmt: skip


def caught(function: Any) -> BaseException:
    with pytest.raises(BaseException) as raised:  # noqa: PT011 - which one is the caller's matter
        function()
    return raised.value


@pytest.mark.parametrize("function", RAISING, ids=lambda function: function.__name__)
def test_a_traceback_reads_as_pythons_own(function: Any) -> None:
    for _ in range(2):  # the second time from what was remembered
        error = caught(function)
        assert tracebacks.text(error, error.__traceback__) == "".join(traceback.format_exception(error))


def test_an_exception_that_was_never_raised_has_no_frames() -> None:
    assert tracebacks.text(ValueError("x"), None) == "ValueError: x\n"


def test_a_traceback_shows_no_secret() -> None:
    error = caught(lambda: exec(compile("raise ValueError('token=hunter2')", "login.py", "exec")))
    error.add_note("Cookie: hunter2")
    assert "hunter2" not in tracebacks.text(error, error.__traceback__)


def test_two_places_on_one_line_are_told_apart() -> None:
    def either(second: bool) -> None:
        (simple if second else odd)(), (odd if second else simple)()

    def twice(second: bool) -> None:
        str(1 / (0 if second else 1)), str(1 / (1 if second else 0))

    for function in (either, twice):
        for second in (False, True):
            error = caught(lambda: function(second))  # noqa: B023 - called at once
            assert tracebacks.text(error, error.__traceback__) == "".join(traceback.format_exception(error))


def test_what_is_remembered_of_frames_is_bounded() -> None:
    for number in range(5000):
        error = caught(lambda: exec(compile("raise ValueError", f"made-up-{number}.py", "exec")))  # noqa: B023
        tracebacks.text(error, error.__traceback__)
    assert len(tracebacks._texts) <= 4096
