"""What Python would print by itself becomes log lines."""

import signal
from typing import Any

import pytest

from tests.service.lines import check_line
from tests.service.programs import run

SETUP = """
import gc, logging, sys, threading, warnings
from project.api.utils import capture, lifecycle
from project.api.utils.handlers import StreamLineHandler
from project.api.utils.logger import JSONFormatter
handler = StreamLineHandler(sys.stderr)
handler.setFormatter(JSONFormatter())
logging.basicConfig(level="INFO", handlers=[handler])
capture.capture()
"""


def lines(code: str, code_expected: int = 0) -> list[dict[str, Any]]:
    return [check_line(line) for line in run(SETUP + code, code_expected=code_expected).stderr.splitlines()]


WORK = """
def work():
    raise ValueError("no")
"""
UNCAUGHT = {
    "main program": (WORK + "work()", "critical", "Uncaught exception", 1),
    "thread": (
        WORK + 'thread = threading.Thread(target=work, name="job"); thread.start(); thread.join()',
        "error", "Uncaught exception in thread job", 0,
    ),
    "destructor": (
        WORK + "class Thing:\n    __del__ = lambda self: work()\nThing(); gc.collect()",
        "error", "Exception ignored in: <function Thing.<lambda> at", 0,
    ),
    "greenlet": (
        "import gevent; capture.capture_greenlets()\n" + WORK + "gevent.spawn(work).join()",
        "error", "Uncaught exception in <Greenlet at", 0,
    ),
}  # fmt: skip


@pytest.mark.parametrize(("code", "level", "message", "exit_code"), UNCAUGHT.values(), ids=UNCAUGHT)
def test_an_uncaught_exception_is_one_line(code: str, level: str, message: str, exit_code: int) -> None:
    [line] = lines(code, exit_code)
    assert line["log.level"] == level
    assert line["message"].startswith(message)
    assert (line["error.type"], line["error.message"]) == ("ValueError", "no")
    assert "in work" in line["error.stack_trace"]


def test_a_warning_is_one_line() -> None:
    [line] = lines('warnings.warn("old way", DeprecationWarning)')
    assert line["log.level"] == "warning"
    assert line["log.logger"] == "py.warnings"
    assert "DeprecationWarning: old way" in line["message"]


QUIET = {
    "a thread that ends itself": ("thread = threading.Thread(target=sys.exit); thread.start(); thread.join()", 0),
    "an interrupt": ("raise KeyboardInterrupt", -signal.SIGINT),
    "a program that ends itself": ("sys.exit(3)", 3),
    "a greenlet that is killed": (
        "import gevent; capture.capture_greenlets()\njob = gevent.spawn(gevent.sleep, 9); gevent.sleep(0); job.kill()",
        0,
    ),
}  # fmt: skip


@pytest.mark.parametrize(("code", "exit_code"), QUIET.values(), ids=QUIET)
def test_what_python_does_not_print_is_no_line(code: str, exit_code: int) -> None:
    assert lines(code, exit_code) == []


def test_an_exception_class_that_cannot_be_made_twice_is_one_line_too() -> None:
    [line] = lines("""
class Odd(Exception):
    def __init__(self, needed): pass
    def __bool__(self): return False
def work(): raise Odd(1)
thread = threading.Thread(target=work); thread.start(); thread.join()
""")
    assert line["error.type"] == "__main__.Odd"


def test_the_last_line_of_a_process_says_how_many_it_wrote_whatever_the_level() -> None:
    written = lines("""
logging.getLogger("shop").info("one")
logging.getLogger().setLevel("CRITICAL")
lifecycle.log_end()
lifecycle.log.disabled = True
lifecycle.log_end()
""")
    assert [line["event.sequence"] for line in written] == [1, 2]
    assert written[1]["event.action"] == "log-end"
    assert (written[1]["log.origin.file.name"], written[1]["log.origin.function"]) == ("lifecycle.py", "log_end")
    assert written[1]["log.origin.file.line"] > 0


def test_a_worker_that_is_stopped_says_where_it_was() -> None:
    [line] = lines("def busy():\n    lifecycle.log_abort()\nbusy()")
    assert line["log.level"] == "warning"
    assert "in busy" in line["error.stack_trace"]
