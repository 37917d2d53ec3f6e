"""Fields of one request stay with it."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

import gevent
import pytest

from project.api.utils import context
from tests.service.lines import record, render

IDS = {"trace.id": "t", "http.request.id": "r"}


def shown() -> dict[str, str]:
    return {name: value for name, value in render(record()).items() if name in (*IDS, "labels.job")}


def test_bound_fields_are_on_every_line_until_they_are_unbound() -> None:
    token = context.bind(IDS)
    assert shown() == IDS
    context.unbind(token)
    assert shown() == {}


def test_inner_fields_add_to_the_outer_ones_and_go_when_the_block_ends_by_an_exception() -> None:
    def inner() -> None:
        with context.bound({"labels.job": "7", "trace.id": "inner"}):
            assert shown() == {"trace.id": "inner", "http.request.id": "r", "labels.job": "7"}
            raise KeyError

    with context.bound(IDS):
        with pytest.raises(KeyError):
            inner()
        assert shown() == IDS
    assert shown() == {}


def test_a_thread_does_not_see_the_fields_of_another() -> None:
    seen = []
    with context.bound(IDS):
        thread = threading.Thread(target=lambda: seen.append(shown()))
        thread.start()
        thread.join()
    assert seen == [{}]


def test_each_greenlet_has_its_own() -> None:
    def work(name: str) -> None:
        with context.bound({"trace.id": name}):
            for _ in range(5):
                gevent.sleep(0)
                assert shown() == {"trace.id": name}

    jobs = [gevent.spawn(work, f"{number}") for number in range(20)]
    gevent.joinall(jobs, raise_error=True, timeout=20)
    assert all(job.successful() for job in jobs)


def test_each_task_has_its_own() -> None:
    async def work(name: str) -> None:
        with context.bound({"trace.id": name}):
            for _ in range(5):
                await asyncio.sleep(0)
                assert shown() == {"trace.id": name}

    async def main() -> None:
        await asyncio.gather(*(work(f"{number}") for number in range(20)))

    with ThreadPoolExecutor(1) as pool:  # a browser test before this one leaves an event loop running in ours
        pool.submit(asyncio.run, main()).result()


def test_no_fields_add_nothing() -> None:
    assert context.encode({}).encoded == context.EMPTY.encoded == ""
