"""What can happen to the archive's files while they are followed."""

from __future__ import annotations

import gzip
import os
import shutil
from pathlib import Path

import pytest

from logdesk.reader import open_index, stats
from tests.logdesk.place import DAY, Place, encode, line, numbered

NEXT = "2026-03-15"


@pytest.fixture(params=["same indexer", "restarted"])
def again(request: pytest.FixtureRequest, place: Place) -> Place:
    """The place, indexed on by the running indexer or by one that knows only what the index says."""
    if request.param == "restarted":
        index = place.index

        def restarting() -> None:
            place.restart()
            index()

        place.index = restarting  # type: ignore[method-assign]
    return place


def lag(place: Place) -> int:
    with open_index(place.settings) as db:
        return stats(db).lag_bytes


def test_lines_are_indexed_once_however_often_it_starts(again: Place) -> None:
    again.write(line(1, "one"))
    again.index()
    again.write(line(2, "two"))
    again.index()
    again.index()
    assert again.messages() == ["two", "one"]


def test_a_line_being_written_waits_for_its_end(again: Place) -> None:
    whole = encode([line(2, "second")])
    path = again.write(line(1, "first"), whole[:40])
    again.index()
    assert again.messages() == ["first"]
    assert lag(again) == 40
    with path.open("ab") as file:
        file.write(whole[40:])
    again.index()
    assert again.messages() == ["second", "first"]
    assert lag(again) == 0


def test_a_file_that_begins_with_half_a_line_waits_for_its_end(again: Place) -> None:
    whole = encode([line(1, "first")])
    path = again.write(whole[:40])
    again.index()
    with path.open("ab") as file:
        file.write(whole[40:])
    again.index()
    assert again.messages() == ["first"]


def test_new_services_and_days_are_found(again: Place) -> None:
    again.write(line(1, "one"))
    again.index()
    again.write(line(2, "two"), service="bill")
    again.write(line(90_000, "three"), day=NEXT)
    again.index()
    assert again.messages() == ["three", "two", "one"]


def test_a_deleted_file_is_read_to_its_end(place: Place) -> None:
    place.write(line(1, "one"))
    place.index()
    path = place.write(line(2, "two"))
    path.unlink()
    place.index()
    assert [hit.ts_us for hit in place.hits("two OR one")] != []
    assert len(place.hits()) == 2


def test_a_deleted_file_s_name_can_be_used_again(again: Place) -> None:
    path = again.write(line(1, "old"))
    again.index()
    path.unlink()
    again.write(line(2, "new"))
    again.index()
    assert again.messages("new") == ["new"]
    assert len(again.hits()) == 2


def test_a_file_emptied_in_place_is_read_from_its_new_beginning(again: Place) -> None:
    path = again.write(line(1, "one"), line(2, "two"))
    again.index()
    os.truncate(path, 0)
    again.index()
    again.write(line(3, "new"))
    again.index()
    assert again.messages("new") == ["new"]
    assert len(again.hits()) == 3


def test_a_file_emptied_and_filled_beyond_its_old_size_is_read_from_its_beginning(again: Place) -> None:
    path = again.write(line(1, "one"))
    again.index()
    path.write_bytes(encode(line(n, f"new{n}") for n in range(10, 20)))
    again.index()
    assert [m for m in again.messages() if m] == [f"new{n}" for n in range(19, 9, -1)]


def test_a_file_cut_at_its_end_goes_on_from_there(again: Place) -> None:
    path = again.write(line(1, "one"), line(2, "two"), line(3, "three"))
    again.index()
    os.truncate(path, path.stat().st_size // 3 * 2)
    again.index()
    again.write(line(4, "four"))
    again.index()
    assert again.messages("four") == ["four"]
    assert len(again.hits()) == 4


def test_a_replaced_file_is_another_file(again: Place, tmp_path: Path) -> None:
    path = again.write(line(1, "one"))
    again.index()
    (tmp_path / "new").write_bytes(encode([line(2, "two"), line(3, "three")]))
    (tmp_path / "new").replace(path)
    again.index()
    again.write(line(4, "four"))
    again.index()
    assert again.messages("two OR three OR four") == ["four", "three", "two"]
    assert len(again.hits()) == 4


def test_a_rotated_file_keeps_its_place(again: Place) -> None:
    path = again.write(line(1, "one"))
    again.index()
    again.write(line(2, "unread when it was rotated"))
    path.rename(again.file(end=".jsonl.1"))
    again.write(line(3, "in the new file"))
    again.index()
    assert again.messages() == ["in the new file", "unread when it was rotated", "one"]


def test_a_file_copied_and_emptied_keeps_its_place(again: Place) -> None:
    path = again.write(line(1, "one"), line(2, "two"))
    again.index()
    shutil.copy(path, again.file(end=".jsonl.1"))
    again.index()
    assert again.messages() == ["two", "one"]
    os.truncate(path, 0)
    again.write(line(3, "three"))
    again.index()
    assert again.messages() == ["three", "two", "one"]


def compress(path: Path, *, keep: bool = False) -> Path:
    packed = path.with_name(path.name + ".gz")
    with path.open("rb") as source, gzip.open(packed, "wb") as target:
        shutil.copyfileobj(source, target)
    if not keep:
        path.unlink()
    return packed


def test_a_compressed_file_keeps_its_place(again: Place) -> None:
    path = again.write(line(1, "one"))
    again.index()
    again.write(line(2, "unread when it was compressed"))
    compress(path, keep=True)
    again.index()
    path.unlink()
    again.index()
    assert again.messages() == ["unread when it was compressed", "one"]
    assert lag(again) == 0


def test_a_compressed_file_that_was_never_seen_is_indexed(again: Place) -> None:
    compress(again.write(*(line(n, f"n{n}") for n in range(500))))
    again.index()
    again.index()
    assert len(again.hits()) == 500
    assert again.messages("n7") == ["n7"]
    assert lag(again) == 0


def test_a_compressed_file_cut_short_gives_what_it_has(again: Place) -> None:
    packed = compress(again.write(*(line(n, f"n{n}", labels__noise=os.urandom(40).hex()) for n in range(500))))
    whole = packed.read_bytes()
    packed.write_bytes(whole[: len(whole) // 2])
    again.index()
    some = len(again.hits())
    assert 50 < some < 500
    packed.write_bytes(whole)
    again.index()
    assert len(again.hits()) == 500


def test_a_file_of_junk_named_as_compressed_stops_nothing(again: Place) -> None:
    again.file(end=".jsonl.gz").write_bytes(b"junk" * 100)
    again.write(line(1, "one"), service="bill")
    again.index()
    assert again.messages() == ["one"]


def test_other_files_are_left_alone(again: Place) -> None:
    again.write(line(1, "one"))
    for name in ("notes.txt", f"{DAY}.jsonl.swp", "2026-3-1.jsonl", f"{DAY}.jsonl.zst"):
        (again.archive / "shop" / name).write_bytes(encode([line(2, "foreign")]))
    (again.archive / f"{DAY}.jsonl").write_bytes(encode([line(2, "foreign")]))
    (again.archive / "shop" / f"{NEXT}.jsonl").mkdir()
    again.index()
    assert again.messages() == ["one"]


def test_a_file_that_may_not_be_read_is_taken_up_when_it_may(again: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    again.write(line(1, "one"))
    path = again.archive / "shop" / f"{DAY}.jsonl"
    hidden = path.with_name("hidden")
    path.rename(hidden)
    path.symlink_to(again.archive / "nowhere")
    again.index()
    path.unlink()
    hidden.rename(path)
    again.index()
    assert again.messages() == ["one"]


def test_no_archive_yet_is_no_error(place: Place) -> None:
    place.archive.rmdir()
    place.index()
    place.archive.mkdir()
    place.write(line(1, "one"))
    place.index()
    assert place.messages() == ["one"]


def test_lines_without_a_line_break_for_megabytes_do_not_fill_the_memory(place: Place) -> None:
    place.write(line(1, "before"), b"x" * 5_000_000, b"\n", line(2, "after"))
    place.index()
    assert place.messages("after OR before") == ["after", "before"]
    assert 2 <= len(place.hits("kind:pipeline_error")) <= 6


def test_numbered_lines_read_from_two_files_are_one(again: Place) -> None:
    again.write(numbered(1), numbered(2), numbered(3))
    again.index()
    again.write(numbered(2), numbered(3), numbered(4), service="relay")
    again.index()
    assert again.messages() == ["line 4", "line 3", "line 2", "line 1"]
    assert again.audit()["e1"].duplicates == 2


def test_a_line_repeated_after_midnight_is_one(again: Place) -> None:
    again.write(numbered(1), numbered(2))
    again.index()
    again.write(numbered(2), numbered(3), day=NEXT)
    again.index()
    assert again.messages() == ["line 3", "line 2", "line 1"]
    found = again.audit()["e1"]
    assert (found.received, found.duplicates, found.missing) == (3, 1, [])


def test_lines_of_many_days_come_in_turn(again: Place) -> None:
    days = [f"2026-03-{day:02}" for day in range(1, 10)]
    for n in range(2):
        for day in days:
            again.write({**line(n, f"{day} {n}"), "@timestamp": f"{day}T00:00:0{n}Z"}, day=day)
        again.index()
    assert again.messages() == [f"{day} {n}" for day in reversed(days) for n in (1, 0)]


def test_an_archive_of_many_files_holds_none_of_them_open(again: Place) -> None:
    def open_files() -> int:
        return len(list(Path("/proc/self/fd").iterdir()))

    for number in range(300):
        os.utime(again.write(line(number), service=f"s{number}"), (0, 0))  # quiet for long
    again.index()
    again.index()
    before = open_files()
    again.restart()
    again.index()
    assert len(again.hits()) == 300
    assert open_files() < before + 20
