from __future__ import annotations

from datetime import date

import pytest

from logdesk.reader import IndexMissing, open_index, stats
from logdesk.retention import too_old
from tests.logdesk.place import Place, line, numbered

TODAY = date(2026, 3, 14)
DAYS = {f"2026-03-{day:02}": 100 for day in range(5, 15)}


@pytest.mark.parametrize(
    ("sizes", "keep_days", "keep_bytes", "removed"),
    [
        (DAYS, 0, 0, []),
        (DAYS, 10, 0, []),
        (DAYS, 7, 0, ["2026-03-05", "2026-03-06", "2026-03-07"]),
        (DAYS, 1, 0, sorted(DAYS)[:-1]),
        (DAYS, 0, 1000, []),
        (DAYS, 0, 750, ["2026-03-05", "2026-03-06", "2026-03-07"]),
        (DAYS, 0, 1, sorted(DAYS)[:-1]),
        (DAYS, 9, 850, ["2026-03-05", "2026-03-06"]),
        ({"2026-03-14": 100}, 1, 1, []),
        ({}, 1, 1, []),
        ({**DAYS, "2026-99-99": 100}, 10, 0, []),
        # a clock that jumped ahead: one far day removes nothing, a second one bears it out
        ({**DAYS, "2099-01-01": 100}, 7, 0, []),
        ({**DAYS, "2099-01-01": 100, "2099-01-02": 100}, 7, 0, sorted(DAYS)),
        # a day ahead of the clock
        ({**DAYS, "2026-03-15": 100}, 10, 0, []),
    ],
)
def test_the_oldest_days_go_first_and_the_latest_stays(
    sizes: dict[str, int], keep_days: int, keep_bytes: int, removed: list[str]
) -> None:
    today = date(2100, 1, 1) if "2099-01-02" in sizes else TODAY
    assert too_old(sizes, today, keep_days, keep_bytes) == removed


def test_a_clock_set_back_removes_nothing_more() -> None:
    assert too_old(DAYS, date(2020, 1, 1), 7, 0) == []


def fill(place: Place, days: int = 4) -> None:
    for day in range(days):
        name = f"2026-03-{11 + day:02}"
        stamp = f"{name}T10:00:00.000000Z"
        place.write(*({**numbered(10 * day + n), "@timestamp": stamp} for n in range(1, 11)), day=name)
        place.write({**line(0, f"plain {day}"), "@timestamp": stamp}, service="bill", day=name)


def clean(place: Place) -> None:
    place.indexer._cleaned = -1000.0  # a minute passes
    place.index()


def test_days_are_removed_from_archive_index_and_rollups(place: Place) -> None:
    fill(place)
    place.index()
    place.keep(days=2)
    clean(place)
    assert sorted(path.stem for path in place.archive.rglob("*.jsonl")) == ["2026-03-13"] * 2 + ["2026-03-14"] * 2
    assert sorted({hit.fields["@timestamp"][:10] for hit in place.hits()}) == ["2026-03-13", "2026-03-14"]
    with open_index(place.settings) as db:
        assert stats(db).events == 22
    assert sorted(path.name for path in place.settings.index.glob("v*/*.db")) == ["2026-03-13.db", "2026-03-14.db"]


def test_bytes_count_archive_and_index_together(place: Place) -> None:
    fill(place)
    place.index()
    place.restart()
    with open_index(place.settings) as db:
        counted = stats(db)
    place.keep(bytes=(counted.index_bytes + counted.archive_bytes) * 3 // 4 + 1000)
    clean(place)
    assert min(hit.fields["@timestamp"][:10] for hit in place.hits()) == "2026-03-12"
    place.keep(bytes=1)
    clean(place)
    assert {hit.fields["@timestamp"][:10] for hit in place.hits()} == {"2026-03-14"}


def test_what_was_removed_is_not_taken_for_lost(place: Place) -> None:
    fill(place)
    place.index()
    assert place.audit()["e1"].received == 40
    place.keep(days=2)
    clean(place)
    found = place.audit()["e1"]
    assert (found.first, found.last, found.received, found.missing) == (21, 40, 20, [])
    place.keep(days=1)
    clean(place)
    assert place.audit()["e1"].missing == []


def test_a_gap_in_what_is_kept_is_still_found(place: Place) -> None:
    fill(place)
    place.write({**numbered(43), "@timestamp": "2026-03-14T11:00:00Z"}, day="2026-03-14")
    place.index()
    place.keep(days=2)
    clean(place)
    assert place.audit()["e1"].missing == [(41, 42)]


def test_a_day_removed_is_not_indexed_again_and_a_crash_between_is_mended(place: Place) -> None:
    fill(place)
    place.index()
    for path in place.archive.rglob("2026-03-11.jsonl"):  # as if it had crashed after the files
        path.unlink()
    place.keep(days=3)
    clean(place)
    clean(place)
    assert not list(place.settings.index.glob("v*/2026-03-11.db*"))
    assert len(place.hits()) == 33


def test_the_first_look_of_all_removes_before_it_indexes(place: Place) -> None:
    fill(place)
    place.keep(days=1)
    with pytest.raises(IndexMissing):
        open_index(place.settings)
    clean(place)
    assert {hit.fields["@timestamp"][:10] for hit in place.hits()} == {"2026-03-14"}
