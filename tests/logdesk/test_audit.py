from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from logdesk import report
from logdesk.audit import audit
from logdesk.process_audit import ProcessAudit
from logdesk.reader import Span, open_index
from tests.logdesk.place import Place, line, numbered, us

NEXT = "2026-03-15"


def test_a_gap_is_found_wherever_it_is(place: Place) -> None:
    place.write(*(numbered(n) for n in (3, 4, 5, 8, 9)), numbered(12, event__action="log-end"))
    place.index()
    found = place.audit()["e1"]
    assert (found.first, found.last, found.received) == (3, 12, 6)
    assert found.missing == [(1, 2), (6, 7), (10, 11)]
    assert found.missing_count == 6
    assert (found.service, found.host, found.pid, found.ended, found.final) == ("shop", "web1", 7, "cleanly", 12)
    assert (found.first_us, found.last_us) == (us(0.03), us(0.12))


def test_only_the_last_line_tells_what_is_missing_after_the_last_received(place: Place) -> None:
    place.write(numbered(1), numbered(2))
    place.index()
    found = place.audit()["e1"]
    assert (found.missing, found.ended, found.final) == ([], "cut", None)


def test_a_process_that_wrote_just_now_is_running(place: Place) -> None:
    import time
    from datetime import UTC, datetime

    now = datetime.fromtimestamp(time.time(), UTC).isoformat().replace("+00:00", "Z")
    place.write({**numbered(1), "@timestamp": now})
    place.index()
    assert place.audit()["e1"].ended == "running"


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(st.integers(1, 30), max_size=12), min_size=1, max_size=4))
def test_whatever_arrives_in_whatever_order_the_sums_are_right(
    tmp_path_factory: pytest.TempPathFactory, batches: list[list[int]]
) -> None:
    place = Place(tmp_path_factory.mktemp("audit"))
    for batch in batches:
        place.write(line(0), *(numbered(n) for n in batch))
        place.index()
    place.restart()
    arrived = [n for batch in batches for n in batch]
    if not arrived:
        assert place.audit() == {}
        return
    found = place.audit()["e1"]
    assert found.received == len(set(arrived))
    assert found.duplicates == len(arrived) - len(set(arrived))
    missing = {n for low, high in found.missing for n in range(low, high + 1)}
    assert missing == set(range(1, max(arrived) + 1)) - set(arrived)
    assert sorted(place.messages("line")) == sorted(f"line {n}" for n in set(arrived))


def test_processes_are_told_apart_by_service_and_entity(place: Place) -> None:
    place.write(numbered(1, "a"), numbered(1, "b"))
    place.write(numbered(1, "a", service__name="bill"), numbered(2, "a", service__name="bill"), service="bill")
    place.index()
    with open_index(place.settings) as db:
        assert {(one.service, one.entity_id, one.received) for one in audit(db)} == {
            ("shop", "a", 1), ("shop", "b", 1), ("bill", "a", 2),
        }  # fmt: skip
        assert [one.service for one in audit(db, "bill")] == ["bill"]


def test_a_process_that_lives_for_days_is_one(place: Place) -> None:
    place.write(*(numbered(n) for n in range(1, 50)))
    place.write(*(numbered(n, **{"@timestamp": "2026-03-15T01:00:00Z"}) for n in range(60, 100)), day=NEXT)
    place.index()
    found = place.audit()["e1"]
    assert (found.received, found.missing, found.duplicates) == (89, [(50, 59)], 0)


def test_a_span_chooses_processes_that_wrote_in_it(place: Place) -> None:
    place.write(numbered(1, "early"), {**numbered(1, "late"), "@timestamp": "2026-03-14T12:00:00Z"})
    place.index()
    with open_index(place.settings) as db:
        assert [one.entity_id for one in audit(db, span=Span(us(0), us(3600)))] == ["early"]
        assert [one.entity_id for one in audit(db)] == ["late", "early"]


def one(**fields: object) -> ProcessAudit:
    known = {
        "service": "shop", "entity_id": "e1", "host": "web1", "pid": 7, "first": 1, "last": 1200, "received": 1197,
        "missing": [(5, 5), (7, 8)], "missing_count": 3, "duplicates": 2, "first_us": us(1), "last_us": us(61.5),
        "ended": "running", "final": None,
    }  # fmt: skip
    return ProcessAudit(**{**known, **fields})  # type: ignore[arg-type]


def test_the_table_is_aligned_and_says_what_is_missing() -> None:
    text = report.table([one(), one(entity_id="longer", missing=[], missing_count=0, duplicates=0, ended="cut")])
    first, last = "2026-03-14 00:00:01.000", "2026-03-14 00:01:01.500"
    assert text.splitlines() == [
        f"service  process  host  pid  {'first seen':<23}  {'last seen':<23}  lines  received  missing  doubled",
        f"shop     e1       web1    7  {first}  {last}  1,200     1,197        3        2  running; missing 5, 7-8",
        f"shop     longer   web1    7  {first}  {last}  1,200     1,197        0        0  cut",
        "",
        "2,394 numbered lines of 2 processes: 3 are missing, 2 came twice and were refused. 1 ended without a last line"
        " (killed, or silent for 15 minutes): what they wrote after the last line received is not known.",
    ]


def test_a_hostile_name_reaches_no_terminal() -> None:
    assert "\x1b" not in report.table([one(host="\x1b[2J", service="a\nb")])
