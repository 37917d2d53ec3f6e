"""The indexer as a process: ended, killed, doubled, out of disk."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from logdesk import generations, index
from logdesk.reader import IndexMissing, open_index, stats
from logdesk.settings import Settings
from tests.logdesk.place import Place, encode, line, numbered
from tests.logdesk.process import Writer, end, start, wait_for


def indexed(place: Place) -> int:
    try:
        with open_index(place.settings) as db:
            return stats(db).events
    except (IndexMissing, sqlite3.OperationalError):
        return 0


def test_ten_kills_under_load_lose_no_line_and_double_none(place: Place) -> None:
    writer = Writer(place)
    writer.start()
    rnd = random.Random(7)
    try:
        for _ in range(10):
            before = indexed(place)
            process = start(place.settings)
            wait_for(lambda before=before: indexed(place) > before)  # type: ignore[misc]
            with suppress(subprocess.TimeoutExpired):
                process.wait(rnd.random() / 5)  # any moment of its work
            end(process, signal.SIGKILL)
    finally:
        writer.stop()
    place.index()
    hits = place.hits(limit=10**6)
    assert sorted(hit.message for hit in hits) == sorted(
        [f"line {n + 1}" for n in range(writer.written)] + [f"plain {n + 1}" for n in range(writer.written)]
    )
    found = place.audit()["e1"]
    assert (found.received, found.missing, found.duplicates) == (writer.written, [], 0)
    with open_index(place.settings) as db:
        assert stats(db).events == 2 * writer.written


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_cleanly(place: Place, number: int) -> None:
    place.write(line(1, "one"))
    process = start(place.settings)
    wait_for(lambda: indexed(place) == 1)
    _, said = end(process, number)
    assert process.returncode == 0
    assert said == ""


def test_a_new_line_is_searchable_without_a_restart(place: Place) -> None:
    process = start(place.settings)
    try:
        for n in range(1, 4):
            place.write(line(n, f"n{n}"), service=f"service{n}")
            wait_for(lambda n=n: indexed(place) == n)  # type: ignore[misc]
    finally:
        end(process)


def test_a_second_indexer_refuses_and_says_which_one_runs(place: Place) -> None:
    place.write(line(1, "one"))
    first = start(place.settings)
    wait_for(lambda: indexed(place) == 1)
    second = start(place.settings)
    _, said = second.communicate(timeout=20)
    end(first)
    assert second.returncode == 2
    assert f"running already (process {first.pid}" in said
    assert "Stop it first" in said
    assert len(said.splitlines()) == 1


def test_an_index_of_another_version_is_begun_anew(place: Place) -> None:
    place.write(line(1, "one"))
    old = place.settings.index / "v0-abc"
    old.mkdir(parents=True)
    (place.settings.index / "current").write_text("v0-abc\n")
    with pytest.raises(IndexMissing, match="python -m logdesk index"):
        open_index(place.settings)
    place.index()
    assert place.messages() == ["one"]
    assert not old.exists()


def test_a_damaged_index_says_how_to_mend_it(place: Place) -> None:
    place.write(line(1, "one"))
    place.index()
    place.restart()
    generation = generations.current(place.settings.index)
    assert generation is not None
    (generation / "2026-03-14.db").write_bytes(b"no database " * 500)
    process = start(place.settings)
    _, said = process.communicate(timeout=20)
    assert process.returncode == 2
    assert "damaged" in said
    assert "python -m logdesk rebuild" in said
    rebuilding = start(place.settings, "rebuild")
    rebuilding.communicate(timeout=20)
    assert rebuilding.returncode == 0
    assert place.messages() == ["one"]


def test_a_day_of_the_index_that_somebody_removed_is_read_again(place: Place) -> None:
    place.write(line(1, "one"))
    process = start(place.settings)
    wait_for(lambda: indexed(place) == 1)
    generation = generations.current(place.settings.index)
    assert generation is not None
    for path in generation.glob("2026-03-14.db*"):
        path.unlink()
    place.write(line(2, "two"))
    wait_for(lambda: indexed(place) == 2)
    assert place.messages() == ["two", "one"]
    _, said = end(process)
    assert "a day of the index was removed" in said


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 3 MB."""
    folder = tmp_path / "small"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=3m", "none", folder], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip(f"needs the right to mount: {mounted.stderr.decode().strip()}")
    yield folder
    subprocess.run(["umount", "--lazy", folder], check=True)


def test_a_full_disk_stops_it_once_and_room_lets_it_go_on(
    place: Place, small_disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    filling = small_disk / "filling"
    filling.write_bytes(b"x" * 2_000_000)
    place.settings = Settings(place.archive, small_disk / "index", keep_days=0)
    place.write(*(numbered(n, labels__noise=os.urandom(200).hex()) for n in range(1, 4001)))
    process = start(place.settings)
    try:
        said = process.stderr.readline()  # type: ignore[union-attr]
        assert "is full: free some, or lower LOGDESK_KEEP_BYTES" in said
        some = indexed(place)
        assert some < 4000
        assert process.poll() is None
        filling.unlink()
        subprocess.run(["mount", "-o", "remount,size=50m", small_disk], check=True)
        wait_for(lambda: indexed(place) == 4000)
    finally:
        _, rest = end(process)
    assert rest.splitlines() == ["logdesk: indexing goes on"]
    found = place.audit()["e1"]
    assert (found.received, found.missing, found.duplicates) == (4000, [], 0)


def test_waiting_readers_do_not_make_the_log_of_writes_grow(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("logdesk.day._MAX_WAL", 1_000_000)
    monkeypatch.setattr("logdesk.day._CHECKPOINT_SECONDS", 0)
    place.write(line(1, "one"))
    place.index()
    (database,) = place.settings.index.glob("v*/*.db")
    sizes = []
    for n in range(6):
        with open_index(place.settings) as db:  # a reader that holds its view while lines are written
            rows = db.shards()[0].rows("SELECT id FROM line")
            rows.fetchone()
            place.write(*(line(n, os.urandom(200).hex()) for _ in range(500)))
            place.index()
            del rows
        place.write(line(n, "small"))
        place.index()
        sizes.append(database.with_name(database.name + "-wal").stat().st_size)
    assert max(sizes) < 2_000_000


def test_indexing_says_once_why_it_waits(
    place: Place, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    stop = threading.Event()
    tries = []

    def fails(*_: object) -> None:
        tries.append(1)
        if len(tries) == 3:
            stop.set()
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(index, "_RETRY_SECONDS", 0.01)
    monkeypatch.setattr(generations, "current", fails)
    index.run(place.settings, stop)
    assert len(tries) == 3
    assert len(caplog.records) == 1


def test_it_catches_up_without_a_pause(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index, "POLL_SECONDS", 60)
    place.write(*(numbered(n, labels__noise=os.urandom(300).hex()) for n in range(1, 4001)))  # 4 MB
    stop = threading.Event()
    running = threading.Thread(target=index.run, args=(place.settings, stop))
    running.start()
    try:
        wait_for(lambda: indexed(place) == 4000)
    finally:
        stop.set()
        running.join()


def test_half_a_long_line_holds_up_no_other_file(place: Place) -> None:
    place.write(line(0, "one", service__name="a"), b'{"message":"' + b"x" * 900_000, service="a")
    place.index()
    place.write(*(line(2, os.urandom(300).hex(), service__name="bill") for _ in range(1000)), service="bill")
    place.index()
    assert indexed(place) == 1001


def test_what_is_written_while_it_is_down_is_indexed_when_it_is_back(place: Place) -> None:
    place.write(line(1, "one"))
    place.index()
    place.restart()
    place.file().open("ab").write(encode([line(2, "two")]))
    place.index()
    assert place.messages() == ["two", "one"]
