"""Every process numbers its lines."""

import json
import os
import threading

from project.api.utils.sequence import PROCESS
from tests.service.lines import check_line, formatter, record


def lines(count: int) -> list[dict[str, object]]:
    json_formatter = formatter()
    return [check_line(json_formatter.format(record())) for _ in range(count)]


def test_numbers_follow_each_other_and_ids_are_made_of_them() -> None:
    written = lines(100)
    first = written[0]["event.sequence"]
    assert isinstance(first, int)
    assert [line["event.sequence"] for line in written] == list(range(first, first + 100))
    assert {line["event.id"] for line in written} == {f"{PROCESS.entity_id}-{first + n}" for n in range(100)}
    assert {line["process.pid"] for line in written} == {os.getpid()}


def test_threads_neither_share_nor_skip_a_number() -> None:
    numbers: list[object] = []
    ready = threading.Barrier(8)

    def work() -> None:
        ready.wait()
        numbers.extend(line["event.sequence"] for line in lines(300))

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(numbers) == len(set(numbers)) == 2400
    assert max(numbers) - min(numbers) == 2399  # type: ignore[operator, type-var]


def in_child(*records: object) -> list[dict[str, object]]:
    """The lines of three records in a forked child, after those given."""
    reading, writing = os.pipe()
    if (child := os.fork()) == 0:
        json_formatter = formatter()
        written = [json_formatter.format(made) for made in (*records, record(), record(), record())]  # type: ignore[arg-type]
        os.write(writing, json.dumps(written).encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        text = pipe.read()
    os.waitpid(child, 0)
    return [check_line(line) for line in json.loads(text)]


def test_a_forked_child_is_a_process_of_its_own_and_its_parent_goes_on() -> None:
    before = lines(1)[0]
    children = [in_child() for _ in range(3)]
    after = lines(1)[0]
    for written in children:
        assert [line["event.sequence"] for line in written] == [1, 2, 3]
        assert {line["process.pid"] for line in written} != {os.getpid()}
    entities = {str(line["process.entity_id"]) for written in children for line in written}
    assert len(entities) == 3
    assert str(before["process.entity_id"]) not in entities
    assert after["process.entity_id"] == before["process.entity_id"]
    assert after["event.sequence"] == before["event.sequence"] + 1  # type: ignore[operator]


def test_a_record_numbered_by_the_parent_and_written_by_the_child_is_the_childs() -> None:
    made = record()
    formatter().format(made)
    assert [line["event.sequence"] for line in in_child(made)] == [1, 2, 3, 4]
