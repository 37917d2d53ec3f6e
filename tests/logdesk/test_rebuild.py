from __future__ import annotations

import io
import re
import threading

import pytest

from logdesk import generations, rebuild
from logdesk.reader import open_index, stats
from logdesk.rebuild import Progress
from tests.logdesk.place import Place, line, numbered
from tests.logdesk.process import Writer, end, start, wait_for
from tests.logdesk.test_retention import clean, fill


def state(place: Place) -> list[object]:
    return [place.hits(limit=10**6), place.audit()]


def test_a_rebuilt_index_is_the_same(place: Place) -> None:
    fill(place)
    place.write(b"bad line\n", numbered(3), line(5, "same time"), line(5, "same time"), day="2026-03-14")
    place.index()
    before = state(place)
    old = generations.current(place.settings.index)
    rebuild.rebuild(place.settings, io.StringIO())
    assert generations.current(place.settings.index) != old
    assert state(place) == before


def test_searching_goes_on_in_an_index_that_was_open(place: Place) -> None:
    fill(place)
    place.index()
    with open_index(place.settings) as db:
        before = stats(db).events
        rebuild.rebuild(place.settings, io.StringIO())
        assert stats(db).events == before


def test_numbers_of_days_long_removed_are_remembered(place: Place) -> None:
    fill(place)
    place.index()
    place.keep(days=2)
    clean(place)
    rebuild.rebuild(place.settings, io.StringIO())
    assert place.audit()["e1"].missing == []


def test_the_old_index_is_removed_when_nobody_writes_it(place: Place) -> None:
    fill(place)
    place.index()
    place.restart()
    rebuild.rebuild(place.settings, io.StringIO())
    assert len(list(place.settings.index.glob("v*"))) == 1


def test_a_second_rebuild_refuses(place: Place) -> None:
    with generations.rebuild_lock(place.settings.index), pytest.raises(generations.InUse, match="A rebuild"):
        rebuild.rebuild(place.settings, io.StringIO())


def test_a_rebuild_that_fails_leaves_no_trace(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(place)
    place.index()
    before = state(place)

    def fails(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(rebuild, "_carry_expired", fails)
    with pytest.raises(OSError, match="No space"):
        rebuild.rebuild(place.settings, io.StringIO())
    assert len(list(place.settings.index.glob("v*"))) == 1
    assert state(place) == before


def test_the_indexer_changes_over_and_loses_no_line(place: Place) -> None:
    writer = Writer(place)
    writer.start()
    process = start(place.settings)
    try:
        wait_for(lambda: generations.current(place.settings.index) is not None)
        done = threading.Event()
        counts = []

        def search() -> None:
            while not done.wait(0.01):
                with open_index(place.settings) as db:
                    counts.append(stats(db).events)

        searching = threading.Thread(target=search)
        wait_for(lambda: bool(list(place.settings.index.glob("v*/*.db"))))
        searching.start()
        for _ in range(2):
            old = generations.current(place.settings.index)
            rebuild.rebuild(place.settings, io.StringIO())
            wait_for(lambda old=old: old is not None and not old.exists())  # type: ignore[misc]
        done.set()
        searching.join()
    finally:
        writer.stop()

    def all_indexed() -> bool:
        with open_index(place.settings) as db:
            return stats(db).events == 2 * writer.written

    wait_for(all_indexed)
    end(process)
    found = place.audit()["e1"]
    assert (found.received, found.missing, found.duplicates) == (writer.written, [], 0)
    assert min(counts) > 0 or counts[0] == 0


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_progress_is_a_bar_on_a_terminal_and_ten_lines_elsewhere() -> None:
    for out in (Terminal(), io.StringIO()):
        progress = Progress(out)
        for done in range(1001):
            progress.show(done * 1000, 1_000_000)
        progress.done()
        text = out.getvalue()
        if isinstance(out, Terminal):
            assert re.search(r"\r\[#{20}\.{20}\]  50%  0 of 1 MB", text)
            assert "\n" not in text[: text.rindex("\n") - 30]
        else:
            assert [entry.split(",")[0] for entry in text.splitlines()[:-1]] == [
                f"rebuilding: {tenth * 10} %" for tenth in range(1, 11)
            ]
