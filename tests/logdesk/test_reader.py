from __future__ import annotations

import subprocess
import sys
import threading

import pytest

from logdesk import reader, sample
from logdesk.query import parse
from logdesk.reader import IndexMissing, TooSlow, open_index, stats
from logdesk.search import find
from logdesk.summary import count
from tests.logdesk.place import ALL, Place, line, us
from tests.logdesk.process import environment


def test_without_an_index_it_says_how_to_make_one(place: Place) -> None:
    with pytest.raises(IndexMissing, match="python -m logdesk index"):
        open_index(place.settings)


def test_a_question_that_takes_too_long_is_stopped(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    place.write(*(line(n, "word " * 20) for n in range(3000)))
    place.index()
    monkeypatch.setattr(reader, "MAX_SECONDS", 0.0)
    monkeypatch.setattr(reader, "_OPCODES_A_LOOK", 10)
    with open_index(place.settings) as db, pytest.raises(TooSlow, match="choose a shorter time"):
        count(db, parse("word"), ALL)
    monkeypatch.setattr(reader, "MAX_SECONDS", 10.0)
    with open_index(place.settings) as db:
        assert count(db, parse("word"), ALL).n == 3000


def test_a_search_that_reads_long_for_few_gives_what_it_has_and_goes_on(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    for day in ("2026-03-14", "2026-03-15"):  # the times of both days' lines run through each other
        odd = day == "2026-03-15"
        lines = (line(n, f"n{n}", http__response__body__bytes=n % 500) for n in range(odd, 2000, 2))
        place.write(*lines, day=day)
    place.index()
    monkeypatch.setattr("logdesk.search._SECONDS", 0.004)
    query = parse("http.response.body.bytes:<3")
    messages, before, pages = [], None, 0
    with open_index(place.settings) as db:
        while True:
            page = find(db, query, ALL, before=before)
            messages += [hit.message for hit in page.hits]
            pages += 1
            if page.next is None:
                break
            before = page.next
    assert messages == [f"n{n}" for n in range(1999, -1, -1) if n % 500 < 3]
    assert pages > 2


def test_stats_say_what_there_is(place: Place) -> None:
    path = place.write(line(1), line(3))
    place.write(line(2, service__name="bill"), service="bill")
    place.index()
    place.write(line(4), b"half a line")
    with open_index(place.settings) as db:
        found = stats(db)
    assert (found.events, found.services) == (3, ["bill", "shop"])
    assert (found.first_us, found.last_us) == (us(1), us(3))
    assert found.archive_bytes == path.stat().st_size + place.file("bill").stat().st_size
    assert found.lag_bytes == len(path.read_bytes()) // 3 + 4 or 0 < found.lag_bytes < found.archive_bytes
    assert found.index_bytes > 10_000


def test_searches_read_while_lines_are_written(place: Place) -> None:
    place.write(line(0, "start"))
    place.index()
    done, failures = threading.Event(), []

    def search() -> None:
        last = 0
        while not done.is_set():
            try:
                with open_index(place.settings) as db:
                    hits = find(db, parse(""), ALL, limit=10_000).hits
                    assert len(hits) >= last
                    assert count(db, parse("n*"), ALL).n >= len([hit for hit in hits if hit.message != "start"])
                    last = len(hits)
            except BaseException as error:
                failures.append(error)
                raise

    threads = [threading.Thread(target=search) for _ in range(3)]
    for thread in threads:
        thread.start()
    for n in range(1, 60):
        place.write(*(line(n, f"n{n}") for _ in range(20)))
        place.index()
    done.set()
    for thread in threads:
        thread.join()
    assert failures == []
    assert len(place.hits(limit=10_000)) == 59 * 20 + 1


def test_prefixes_are_counted_whole_beyond_the_budget(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sample, "_BUDGET", 10)
    place.write(*(line(n, f"word{n}") for n in range(200)))
    place.index()
    with open_index(place.settings) as db:
        assert count(db, parse("word*"), ALL) == count(db, parse("level:info"), ALL)


def run(place: Place, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "logdesk", *arguments],
        env=environment(place.settings),
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )


def test_the_command_says_what_to_do_without_an_index(place: Place) -> None:
    done = run(place, "search", "x")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("logdesk: There is no index")
