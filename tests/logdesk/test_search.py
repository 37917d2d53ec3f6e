"""What a search finds is checked against a reading of every line."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from logdesk import record, sample
from logdesk.match import matches
from logdesk.query import parse
from logdesk.reader import Index, Span, open_index
from logdesk.search import event, find, newer
from logdesk.summary import Count, count, facets, histogram
from tests.logdesk.place import ALL, DAY, Place, encode, line, numbered, stamp, us

NEXT = "2026-03-15"


def some_lines(seed: int = 1, count: int = 150) -> list[dict[str, Any]]:
    """Lines of few words and values, so that a random query finds some."""
    rnd = random.Random(seed)
    lines = []
    for n in range(count):
        made = line(
            n * 703 + rnd.random(),
            " ".join(rnd.choices(("timeout", "cache", "miss", "Café", "10.0.0.1", "a_b"), k=rnd.randrange(1, 5))),
            log__level=rnd.choice(("info", "warning", "error", "ERROR")),
            service__name=rnd.choice(("shop", "bill")),
        )
        made["@timestamp"] = stamp(n * 703 + rnd.random())
        if rnd.random() < 0.5:
            made |= {
                "http.request.method": rnd.choice(("GET", "POST")),
                "http.response.status_code": rnd.choice((200, 404, 500, 503)),
                "url.path": rnd.choice(("/api/users/1", "/api/users", "/Api/x_y", "/Api/x-y", "/", "/100%", "/100/x")),
                "event.duration": rnd.choice((0, 1, 999, 250_000_000, 10**10)),
            }
        if rnd.random() < 0.5:
            made |= {"log.logger": rnd.choice(("app", "app.db", "urllib3")), "log.origin.function": "fetch"}
        if rnd.random() < 0.4:
            made |= {
                "labels.customer": rnd.choice(("c1", "c12", "big c1")),
                "labels.n": rnd.choice((1, 2.5, "7", None)),
                "trace.id": rnd.choice(("abc", "def")),
                "host.hostname": "web1",
                "error.type": rnd.choice(("KeyError", "OSError")),
                "labels.list": ["x", "y z"],
            }
        if rnd.random() < 0.5:
            made |= {"process.entity_id": "e", "event.sequence": n + 1, "event.id": f"e-{n + 1}", "process.pid": n % 3}
        lines.append(made)
    return lines


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    place = Place(tmp_path_factory.mktemp("desk"))
    for one in some_lines():
        day = one["@timestamp"][:10]
        place.write(one, day=day)
    place.index()
    yield place
    place.restart()


@pytest.fixture(scope="module")
def db(desk: Place) -> Iterator[Index]:
    with open_index(desk.settings) as opened:
        yield opened


def by_reading(text: str) -> list[str]:
    """The lines that fit, newest first, without the index."""
    root = parse(text).root
    fitting = [one for one in some_lines() if matches(root, record.parse(encode([one]), "shop"))]
    return [one["@timestamp"] for one in sorted(fitting, key=lambda one: str(one["@timestamp"]), reverse=True)]


QUERIES = [
    "", "timeout", "timeou*", '"cache miss"', "cafe", "10.0.0.1", "a_b", "level:error", "-level:error",
    "level:>=warning", "-level:>info", "service:bill",
    "host:web1", "-host:web1", "has:host", "logger:app", "logger:app*", "-logger:app", "has:logger", "-has:logger",
    "status:>=500", "status:404", "status:4xx", "status:200..404", "-status:200", "has:status", "method:get",
    "path:/api/users", "path:/api/*", "path:/API/X_Y", "path:*users*", 'path:"/100%"', "-path:/", "has:path",
    "duration:>100ms", "duration:<1us", "duration:0ns..999ns", "duration:>=250ms", "duration:10s", "has:duration",
    "pid:1", "pid:>=1", "process:e", "id:e-3", "-id:e-3", "sequence:<5", "trace:abc", "-trace:abc", "error:KeyError",
    "labels.customer:c1", "labels.customer:=c1", "labels.customer:c*", "labels.n:>1", "labels.n:7", "has:labels.n",
    "labels.list:x", "labels.list:z",
    "labels.none:1", "function:fetch", "function:fe*", "message:cafe", "message:*miss",
    "timeout -level:error", "timeout OR status:503", "labels.customer:c12 OR level:error", "-(timeout OR cache)",
    "-(timeout trace:abc)", "(cache -miss) OR (level:warning status:>=500)", "-labels.customer:c1 timeout", "-*",
    "@timestamp:2026*",
    "-timeout -cache", "timeout -path:/api/*", "has:message", "level:(error OR warning) service:shop",
]  # fmt: skip


@pytest.mark.parametrize("text", QUERIES)
def test_a_query_finds_what_reading_every_line_finds(db: Index, text: str) -> None:
    assert stamps(db, text) == by_reading(text)


terms = st.sampled_from([query for query in QUERIES if query and " " not in query])
trees = st.recursive(
    terms,
    lambda inner: st.one_of(
        inner.map("-({})".format), st.lists(inner, min_size=2, max_size=3).map(lambda some: f"({' '.join(some)})"),
        st.lists(inner, min_size=2, max_size=3).map(lambda some: f"({' OR '.join(some)})"),
    ),
    max_leaves=6,
)  # fmt: skip


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(trees)
def test_any_combination_finds_what_reading_every_line_finds(db: Index, text: str) -> None:
    found = by_reading(text)
    assert stamps(db, text) == found
    assert count(db, parse(text), ALL).n == len(found)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=40))
@example('x\\" y')
@example("a* NEAR(b c) ^d + {e} : f")
def test_no_text_reaches_sqlite_as_sql_or_full_text_syntax(db: Index, text: str) -> None:
    for asked in (
        text,
        f'"{text}"',
        f"path:{text}",
        f'labels.customer:"{text}"*',
        f"message:={text}",
        f"logger:{text}*",
    ):
        query = parse(asked)
        find(db, query, ALL, limit=3)
        count(db, query, ALL)


def stamps(db: Index, text: str) -> list[str]:
    query = parse(text)
    assert query.problem is None
    return [hit.fields["@timestamp"] for hit in find(db, query, ALL, limit=1000).hits]


def test_levels_compare_by_severity_whatever_their_spelling(place: Place) -> None:
    levels = ("debug", "INFO", "warn", "warning", "err", "error", "CRITICAL", "odd", "")
    place.write(*(line(n, level or "none", log__level=level) for n, level in enumerate(levels)))
    place.index()
    assert place.messages("level:>=warning") == ["CRITICAL", "error", "err", "warning", "warn"]
    assert place.messages("level:<warning") == ["INFO", "debug"]
    assert place.messages("level:>Error OR level:odd") == ["odd", "CRITICAL"]


def test_a_query_with_a_problem_finds_nothing(db: Index) -> None:
    query = parse("lvl:error")
    assert find(db, query, ALL).hits == []
    assert count(db, query, ALL).n == 0
    assert sum(len(levels) for _, levels in histogram(db, query, Span(us(), us(day=1))).buckets) == 0
    assert facets(db, query, ALL).values["level"] == []


@pytest.mark.parametrize("text", ["", "timeout", "labels.n:>1"])
def test_pages_join_to_the_whole_without_a_gap_or_a_repeat(db: Index, text: str) -> None:
    pages, before = [], None
    while True:
        page = find(db, parse(text), ALL, limit=7, before=before)
        assert page.more == (page.next is not None)
        pages += [hit.fields["@timestamp"] for hit in page.hits]
        if not page.more:
            break
        before = page.next
    assert pages == by_reading(text)


@pytest.mark.parametrize("cursor", ["", "x", "1", "9" * 30, "1.2026-03-14'; DROP TABLE line"])
def test_a_foreign_cursor_starts_at_the_top(db: Index, cursor: str) -> None:
    assert find(db, parse(""), ALL, limit=3, before=cursor) == find(db, parse(""), ALL, limit=3)


def test_a_span_is_without_its_end(db: Index) -> None:
    times = [record.time_us(one["@timestamp"]) or 0 for one in some_lines()]
    found = find(db, parse(""), Span(times[10], times[20]), limit=1000).hits
    assert sorted(hit.ts_us for hit in found) == sorted(t for t in times if times[10] <= t < times[20])


SPANS = [
    Span(us(1380), us(1480)),
    Span(us(), us(day=2)),
    Span(us(3601.5), us(50_000.25)),
    Span(us(700), us(707)),
    Span(us(5), us(6)),
]


@pytest.mark.parametrize("span", SPANS)
@pytest.mark.parametrize("text", ["", "level:error", "-service:bill", "timeout", "labels.n:>1"])
def test_histogram_facets_and_count_agree_with_the_lines_found(db: Index, text: str, span: Span) -> None:
    hits = find(db, parse(text), span, limit=1000).hits
    counted = histogram(db, parse(text), span, buckets=30)
    assert not counted.approximate
    assert sum(sum(levels.values()) for _, levels in counted.buckets) == len(hits)
    for start, levels in counted.buckets:
        inside = Counter(hit.level for hit in hits if start <= hit.ts_us < start + counted.step_us)
        assert levels == dict(inside)
    assert len(counted.buckets) <= 31
    assert count(db, parse(text), span).n == len(hits)
    values = facets(db, parse(text), span).values
    for name in ("service", "level", "logger", "method", "path"):
        of_hits = Counter(value for hit in hits if (value := getattr(hit, name)))
        assert dict(values[name]) == dict(of_hits)
        assert [n for _, n in values[name]] == sorted((n for _, n in values[name]), reverse=True)
    assert dict(values["status"]) == dict(Counter(str(hit.status) for hit in hits if hit.status))


def test_too_many_lines_are_extrapolated_and_said_to_be(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    place.write(*(line(n * 10, "odd" if n % 2 else "even", labels__n=n % 4) for n in range(3000)))
    place.index()
    span = Span(us(), us(30_000))
    monkeypatch.setattr(sample, "_BUDGET", 500)
    monkeypatch.setattr(sample, "_VERIFY_BUDGET", 500)
    with open_index(place.settings) as db:
        for text, exact in (("odd", 1500), ("-odd", 1500), ("labels.n:1 OR labels.n:2", 1500), ("-has:trace", 3000)):
            guess = count(db, parse(text), span)
            assert guess.approximate
            assert abs(guess.n - exact) < exact / 10
            shape = histogram(db, parse(text), span, buckets=10)
            assert shape.approximate
            assert abs(sum(levels.get("info", 0) for _, levels in shape.buckets) - exact) < exact / 10
            levels = facets(db, parse(text), span)
            assert levels.approximate
            assert abs(dict(levels.values["level"])["info"] - exact) < exact / 10
        assert count(db, parse("level:info"), span) == Count(3000, approximate=False)
        assert count(db, parse("odd*"), span) == Count(1500, approximate=False)


def test_a_line_is_found_again_by_its_id(db: Index) -> None:
    for hit in find(db, parse(""), ALL, limit=1000).hits:
        assert event(db, hit.id) == hit
        if "event.id" in hit.fields:
            assert hit.id == hit.fields["event.id"]
    for unknown in ("", "e-9999", "nobody-1", "@2026-03-14.1", "@1999-01-01.1", "../../etc/passwd", "e-" + "9" * 40):
        assert event(db, unknown) is None


def test_a_line_gone_from_the_archive_keeps_what_the_index_knows(place: Place) -> None:
    path = place.write(line(1, "secret", http__response__status_code=503, url__path="/x", labels__a="b"))
    place.index()
    path.unlink()
    (hit,) = place.hits("secret status:503")
    assert (hit.message, hit.fields, hit.status, hit.path, hit.service) == ("", {}, 503, "/x", "shop")
    assert "not in the archive any more" in (hit.note or "")
    assert place.hits("labels.a:b") == []  # can't be verified


def test_a_line_overwritten_by_another_is_not_shown_for_it(place: Place) -> None:
    path = place.write(line(1, "first"))
    place.index()
    path.write_bytes(encode([line(9000, "other")]))
    (hit,) = place.hits("first")
    assert (hit.fields, hit.level) == ({}, "info")


def test_live_search_gets_what_arrived_in_the_order_of_time(place: Place) -> None:
    place.write(line(1, "old"), line(20, "newest so far"))
    place.index()
    with open_index(place.settings) as db:
        seen = find(db, parse(""), ALL).latest
        assert newer(db, parse(""), ALL, after=seen).hits == []
    place.write(line(10, "late"), line(30, "new"))
    place.write(line(31, "of the next day"), day=NEXT)
    place.index()
    with open_index(place.settings) as db:
        fresh = newer(db, parse(""), ALL, after=seen)
        assert [hit.message for hit in fresh.hits] == ["of the next day", "new", "late"]
        assert newer(db, parse(""), ALL, after=fresh.latest).hits == []
        assert [hit.message for hit in newer(db, parse("late"), ALL, after=seen).hits] == ["late"]
        some = newer(db, parse(""), ALL, after=seen, limit=2)
        assert (len(some.hits), some.more) == (2, True)
        assert newer(db, parse(""), ALL, after="nonsense").hits == []


def test_live_search_misses_no_line_that_arrives_during_a_search(place: Place) -> None:
    place.write(line(1, "one"))
    place.index()
    with open_index(place.settings) as db:
        assert count(db, parse(""), ALL).n == 1
        place.write(line(2, "two"))
        place.index()
        page = find(db, parse(""), ALL)
    with open_index(place.settings) as db:
        fresh = newer(db, parse(""), ALL, after=page.latest)
    assert {"one", "two"} == {hit.message for hit in page.hits + fresh.hits}


def test_lines_that_share_a_microsecond_are_all_found(place: Place) -> None:
    place.write(*(line(5, f"n{n}") for n in range(50)))
    place.index()
    place.write(*(line(5, f"n{n}") for n in range(50, 100)), service="other")
    place.index()
    assert sorted(place.messages()) == sorted(f"n{n}" for n in range(100))
    assert {hit.ts_us for hit in place.hits()} == {us(5)}


def test_more_kinds_of_a_value_than_the_index_counts_are_still_found(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("logdesk.words.MAX_OF_A_KIND", 3)
    place.write(*(line(n, f"n{n}", log__logger=f"l{n}", **{f"labels__k{n}": "v"}) for n in range(8)))
    place.index()
    assert place.messages("logger:l1") == ["n1"]
    assert place.messages("logger:l7") == ["n7"]
    assert place.messages("-logger:l7") == [f"n{n}" for n in range(6, -1, -1)]
    assert place.messages("has:labels.k6") == ["n6"]
    assert place.messages("labels.k7:v") == ["n7"]


def test_a_numbered_line_found_by_the_id_of_another_process_is_not_taken_for_it(place: Place) -> None:
    place.write(numbered(1, "a"), numbered(1, "b"))
    place.index()
    with open_index(place.settings) as db:
        hit = event(db, "b-1")
    assert hit is not None
    assert hit.fields["process.entity_id"] == "b"
    assert DAY in hit.fields["@timestamp"]
