"""The audit's logic, on lines that the real formatter wrote, against logdesk's audit of the same lines.

What answers is no Elasticsearch but its documented aggregations over a list (aggregations.py).
"""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import logdesk.report
from elastic_setup import audit as elastic_audit
from elastic_setup import report
from elastic_setup.server import Server
from logdesk.audit import audit as logdesk_audit
from logdesk.process_audit import ProcessAudit
from logdesk.reader import open_index
from tests.elastic.aggregations import Document, count, search
from tests.elastic.answering import Answering, Asked, run
from tests.logdesk.place import Place, numbered

SERVICE = Path(__file__).parents[2] / "services/bs-whatweb"
# A process that logs with the real formatter: N lines, and its last one if it ends as it should.
PROGRAM = """
import logging, sys
from project.api.utils.lifecycle import log_end
from project.api.utils.logger import JSONFormatter
handler = logging.StreamHandler(sys.stdout)
handler.setFormatter(JSONFormatter(fields={"service.name": sys.argv[1]}))
logging.basicConfig(level=logging.INFO, handlers=[handler])
for number in range(int(sys.argv[2])):
    logging.getLogger("shop").info("line %d", number)
if sys.argv[3] == "ends":
    log_end()
"""


def lines_of(service: str, lines: int, end: str = "ends") -> list[bytes]:
    arguments = [sys.executable, "-c", PROGRAM, service, str(lines), end]
    return subprocess.run(arguments, cwd=SERVICE, check=True, capture_output=True).stdout.splitlines(keepends=True)


class Streams:
    """Documents as Elasticsearch keeps them: in each index one for an id, a second is refused (409)."""

    def __init__(self, *indices: list[bytes]) -> None:
        self.documents: list[Document] = []
        for index in indices:
            by_id = {line["event.id"]: line for line in map(json.loads, reversed(index))}
            self.documents += by_id.values()
        self.collisions = 0
        self.failed = 0

    def __call__(self, asked: Asked) -> tuple[int, Any]:
        path = asked.path.partition("?")[0]
        if path == "/logs-*/_count":
            return 200, {"count": count(self.documents, asked.json["query"])}
        assert path == "/logs-*/_search"
        answer = search(self.documents, asked.json, collisions=self.collisions)
        answer["_shards"]["failed"] = self.failed
        return 200, answer

    def audit(self, keep_days: int = 30) -> list[ProcessAudit]:
        with Answering(self).running() as server:
            return elastic_audit.audit(Server("Elasticsearch", server.url), keep_days)


def rows(table: str) -> list[str]:
    """Without the sentences that sum up, which speak of another store."""
    return table.split("\n\n", maxsplit=1)[0].splitlines()


def test_it_answers_as_logdesk_does_on_the_same_lines(tmp_path: Path) -> None:
    place = Place(tmp_path)
    shop, bill, killed = lines_of("shop", 2600), lines_of("bill", 3), lines_of("bill", 1001, "is killed")
    lost = {0, 1, 998, 999, 1000, 1700, 2599}  # at both sides of a slice's end, and the line before the last
    shop = [line for at, line in enumerate(shop) if at not in lost]
    for service, lines in (("shop", shop), ("bill", bill + killed)):
        place.write(*lines, service=service)
    place.index()
    place.restart()
    with open_index(place.settings) as db:
        expected = logdesk.report.table(logdesk_audit(db))
    found = Streams(shop + bill + killed).audit()
    assert rows(report.table(found, 0)) == rows(expected)
    assert [one.missing for one in found if one.service == "shop"] == [
        [(1, 2), (999, 1001), (1701, 1701), (2600, 2600)]
    ]
    assert report.table(found, 0).endswith("3,599 numbered lines of 3 processes: 7 are missing, none is stored twice.")


@settings(max_examples=60, deadline=None)
@given(
    st.dictionaries(st.tuples(st.sampled_from("ab"), st.sampled_from("pq")), st.sets(st.integers(1, 40), min_size=1)),
    st.integers(0, 2),
)
def test_whatever_is_there_all_that_is_not_is_found(numbers: dict[tuple[str, str], set[int]], collisions: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(elastic_audit, "SLICE", 4)
        patch.setattr(elastic_audit, "_PAGE", 3)
        lines = [
            json.dumps(numbered(number, entity, service__name=service, event__id=f"{service}{entity}{number}")).encode()
            for (service, entity), those in numbers.items()
            for number in those
        ]
        streams = Streams(lines)
        streams.collisions = collisions
        found = {(one.service, one.entity_id): one for one in streams.audit(keep_days=100_000)}
    assert found.keys() == numbers.keys()
    for key, there in numbers.items():
        missing = {number for low, high in found[key].missing for number in range(low, high + 1)}
        assert missing == set(range(1, max(there) + 1)) - there
        assert (found[key].received, found[key].last) == (len(there), max(there))
        assert found[key].duplicates == 0


def test_a_complete_process_costs_one_bucket_for_each_thousand_lines() -> None:
    streams = Streams([json.dumps(numbered(n)).encode() for n in range(1, 5001)])
    with Answering(streams).running() as server:
        (found,) = elastic_audit.audit(Server("Elasticsearch", server.url), 100_000)
    assert (found.received, found.missing) == (5000, [])
    assert len(server.asked) == 2  # the page, and the empty one that ends it


def test_a_line_that_two_indices_have_is_stored_twice_and_hides_no_gap() -> None:
    yesterday = [json.dumps(numbered(n)).encode() for n in (1, 2, 3)]
    today = [json.dumps(numbered(n)).encode() for n in (3, 5)]
    (found,) = Streams(yesterday, today).audit(keep_days=100_000)
    assert (found.received, found.duplicates, found.missing) == (4, 1, [(4, 4)])
    assert "1 are missing, 1 are stored twice." in report.table([found], 0)


@pytest.mark.parametrize(
    ("after", "expected"), [([1, 2, 3], [(3, 0, [])]), ([], [])], ids=["a late line comes", "the index is deleted"]
)
def test_what_changes_while_it_asks_is_neither_doubled_nor_a_failure(
    after: list[int], expected: list[tuple[int, int, list[tuple[int, int]]]]
) -> None:
    streams = Streams([json.dumps(numbered(n)).encode() for n in (1, 3)])

    def changing(asked: Asked) -> tuple[int, Any]:
        answer = streams(asked)
        streams.documents = [numbered(n) for n in after]
        return answer

    with Answering(changing).running() as server:
        found = elastic_audit.audit(Server("Elasticsearch", server.url), 100_000)
    assert [(one.received, one.duplicates, one.missing) for one in found] == expected


def test_lines_without_a_service_are_a_process_too() -> None:
    lines = [numbered(n) for n in (1, 3)]
    for line in lines:
        del line["service.name"]
    (found,) = Streams([json.dumps(line).encode() for line in lines]).audit(keep_days=100_000)
    assert (found.service, found.missing) == ("-", [(2, 2)])


def test_what_was_deleted_for_its_age_is_not_missing() -> None:
    def at(days: float, number: int) -> bytes:
        moment = datetime.now(UTC) - timedelta(days=days)
        return json.dumps({**numbered(number), "@timestamp": moment.isoformat().replace("+00:00", "Z")}).encode()

    (old,) = Streams([at(6.5, 100), at(0, 102)]).audit(keep_days=7)
    assert old.missing == [(101, 101)]
    (young,) = Streams([at(5.5, 100), at(0, 102)]).audit(keep_days=7)
    assert young.missing == [(1, 99), (101, 101)]


def test_an_answer_without_a_shard_is_no_audit() -> None:
    streams = Streams([json.dumps(numbered(1)).encode()])
    streams.failed = 1
    with Answering(streams).running() as server:
        done = run("audit", ELASTICSEARCH_URL=server.url)
    assert (done.returncode, done.stdout) == (1, "")
    assert "a part of the data only" in done.stderr


@pytest.mark.parametrize("numbers", [[1, 2, 3], [1, 3]], ids=["complete", "with a gap"])
def test_the_command_prints_a_table_and_fails_when_lines_are_missing(numbers: list[int]) -> None:
    streams = Streams([json.dumps(numbered(n)).encode() for n in numbers])
    streams.documents += [{"message": '{"no": JSON', "error.message": "invalid"}, {"event.original": "refused"}]
    with Answering(streams).running() as server:
        done = run(
            "audit", ELASTICSEARCH_URL=server.url, LOGS_READER_PASSWORD="reader-secret", ELASTIC_KEEP_DAYS="9999"
        )
    assert {asked.user for asked in server.asked} == {"logs_reader:reader-secret"}
    assert done.returncode == (0 if numbers == [1, 2, 3] else 1), done.stderr
    assert ("missing 2" in done.stdout) == (numbers == [1, 3])
    assert "2 lines are kept as text" in done.stdout


def test_no_index_is_an_empty_table() -> None:
    with Answering(Streams()).running() as server:
        done = run("audit", ELASTICSEARCH_URL=server.url)
    assert done.returncode == 0
    assert "0 numbered lines of 0 processes: none is missing" in done.stdout
