"""Levels from the environment, and from a file that a running process watches."""

import logging
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from project.api.utils import levels
from tests.service.lines import check_line
from tests.service.programs import environment


@pytest.fixture
def handler() -> Iterator[logging.Handler]:
    """A handler named `shop-out` of a logger `shop`, whose parent `shops` is only a placeholder."""
    added = logging.NullHandler()
    added.name = "shop-out"
    logger = logging.getLogger("shops.shop")
    logger.addHandler(added)
    yield added
    logger.removeHandler(added)
    logger.setLevel(logging.NOTSET)


@pytest.mark.parametrize(
    ("text", "parsed"),
    [
        ("", {}),
        ("root=INFO", {"root": 20}),
        (" root = info ,\n\n, a.b=DEBUG\nhandler:out=WARNING,", {"root": 20, "a.b": 10, "handler:out": 30}),
        ("a=NOTSET,a=CRITICAL", {"a": 50}),
    ],
)
def test_levels_are_written_as_pairs(text: str, parsed: dict[str, int]) -> None:
    assert levels.parse(text) == parsed


@pytest.mark.parametrize("entry", ["root", "root=", "=INFO", "root=LOUD", "root=10", "root:INFO", "root=INFO=INFO"])
def test_a_typo_says_what_to_write(entry: str) -> None:
    with pytest.raises(levels.LevelError) as raised:
        levels.parse(f"a=INFO,{entry}")
    assert f"{entry!r}: write name=LEVEL, with one of NOTSET, DEBUG, INFO" in str(raised.value)


def test_levels_are_set_and_can_be_set_back(handler: logging.Handler) -> None:
    before = levels.apply({"shops.shop": 10, "handler:shop-out": 40, "root": 50})
    assert (logging.getLogger("shops.shop").level, handler.level, logging.root.level) == (10, 40, 50)
    assert levels.apply(before) == {"shops.shop": 10, "handler:shop-out": 40, "root": 50}
    assert (logging.getLogger("shops.shop").level, handler.level) == (0, 0)
    assert logging.root.level == before["root"]


@pytest.mark.usefixtures("handler")
def test_an_unknown_handler_is_named_and_the_rest_is_set(caplog: pytest.LogCaptureFixture) -> None:
    assert levels.apply({"handler:typo": 10, "shops.shop": 20}) == {"shops.shop": 0}
    assert caplog.messages == ["No log handler is named 'typo': its level is not set"]
    assert logging.getLogger("shops.shop").level == 20


def test_looking_for_handlers_makes_no_loggers(handler: logging.Handler) -> None:
    levels.apply({"handler:shop-out": 30})
    assert handler.level == 30
    assert isinstance(logging.root.manager.loggerDict["shops"], logging.PlaceHolder)


def test_the_environment_sets_levels_and_a_typo_in_it_stops_the_start(handler: logging.Handler) -> None:
    levels.from_environment({"LOG_LEVELS": "handler:shop-out=ERROR"})
    assert handler.level == 40
    levels.from_environment({})
    assert handler.level == 40
    with pytest.raises(levels.LevelError, match=r"^LOG_LEVELS: 'root=LOUD': write name=LEVEL"):
        levels.from_environment({"LOG_LEVELS": "root=LOUD"})


def test_an_unknown_handler_stops_the_start_before_anything_is_set(handler: logging.Handler) -> None:
    with pytest.raises(levels.LevelError) as raised:
        levels.from_environment({"LOG_LEVELS": "handler:shop-out=ERROR, handler:shop-oat=ERROR"})
    assert str(raised.value).startswith("LOG_LEVELS: no log handler is named 'handler:shop-oat': write one of ")
    assert "handler:shop-out" in str(raised.value)
    assert handler.level == logging.NOTSET


WATCHING = """
import logging, sys
from project.api.utils import levels
from project.api.utils.handlers import StreamLineHandler
from project.api.utils.logger import JSONFormatter
out = StreamLineHandler(sys.stdout)
out.name = "out"
out.setFormatter(JSONFormatter())
logging.basicConfig(level="WARNING", handlers=[out])
logging.getLogger("project.api.utils.levels").setLevel("INFO")
levels.from_environment()
assert levels.watch("levels", 0.01).daemon
for asked in sys.stdin:
    for name in "shop", "shop.cart":
        print(name, logging.getLevelName(logging.getLogger(name).getEffectiveLevel()), flush=True)
    print("out", logging.getLevelName(out.level), flush=True)
"""


def test_a_running_process_follows_the_file_and_goes_back(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", WATCHING], cwd=tmp_path, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        env=environment(LOG_LEVELS="shop=ERROR"),
    )  # fmt: skip
    stdin, stdout = process.stdin, process.stdout
    assert stdin is not None
    assert stdout is not None
    deadline = threading.Timer(30, process.kill)  # for when a line that is waited for doesn't come
    deadline.start()

    def shown() -> list[str]:
        stdin.write("?\n")
        stdin.flush()
        return [stdout.readline().split()[1] for _ in range(3)]

    def written(content: bytes | None) -> str:
        """What the process says of the new content."""
        if content is None:
            (tmp_path / "levels").unlink()
        else:
            (tmp_path / "new").write_bytes(content)
            (tmp_path / "new").rename(tmp_path / "levels")
        return str(check_line(stdout.readline().rstrip("\n"))["message"])

    def becomes(levels: list[str]) -> bool:
        """The change is said before it is made, at the levels of the start."""
        while shown() != levels:
            time.sleep(0.01)
        return True

    with process:
        assert shown() == ["ERROR", "ERROR", "NOTSET"]
        assert written(b"shop=DEBUG\nhandler:out=INFO\n") == "Log levels changed: shop=DEBUG handler:out=INFO"
        assert becomes(["DEBUG", "DEBUG", "INFO"])
        assert written(b"shop.cart=INFO") == "Log levels changed: shop.cart=INFO"
        assert becomes(["ERROR", "INFO", "NOTSET"])
        complaint = written(b"shop=LOUD")
        assert complaint.startswith("levels: 'shop=LOUD': write name=LEVEL, with one of NOTSET, DEBUG,")
        assert complaint.endswith(". Levels stay as they were.")
        assert shown() == ["ERROR", "INFO", "NOTSET"]
        assert written(b"\xff\xfe") == "Log levels changed: back to those of the start"
        assert written(b"shop=INFO") == "Log levels changed: shop=INFO"
        assert written(None) == "Log levels changed: back to those of the start"
        assert shown() == ["ERROR", "ERROR", "NOTSET"]
        stdin.close()
    deadline.cancel()
    assert process.returncode == 0
