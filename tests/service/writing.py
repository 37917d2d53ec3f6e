"""Several processes that write lines, and what must have come out."""

import logging
import os
import time
from collections.abc import Callable
from typing import Any

from tests.service.lines import check_line, formatter, record

LONG, SHORT = 15_000, 10  # characters of a message: more than PIPE_BUF (4 096), and less


def forked(work: Callable[[int], None], processes: int = 4) -> list[int]:
    """The children's pids, each having done `work` with its number."""
    children = []
    for number in range(processes):
        if (child := os.fork()) == 0:
            try:
                work(number)
                os._exit(0)
            finally:
                os._exit(1)
        children.append(child)
    return children


def joined(children: list[int]) -> None:
    assert [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children] == [0] * len(children)


def until(condition: Callable[[], bool], problem: str) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline, problem
        time.sleep(0.01)


def with_json(handler: Any) -> Any:
    handler.setFormatter(formatter())
    return handler


def write(handler: logging.Handler, number: int, count: int) -> None:
    for line in range(count):
        handler.handle(record(f"{number}-{line} " + "x" * (LONG if line % 2 else SHORT)))


def written(lines: list[bytes]) -> list[str]:
    """The start of each message, `<process>-<line>`; every line must be whole."""
    return [check_line(line)["message"].split(" ")[0] for line in lines]


def expected(processes: int, count: int) -> list[str]:
    return [f"{number}-{line}" for number in range(processes) for line in range(count)]
