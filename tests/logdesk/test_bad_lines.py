"""Nothing that stands in the archive is lost, whatever it is."""

from __future__ import annotations

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from logdesk.record import parse, record
from tests.logdesk.place import Place, line, numbered, stamp, us


@pytest.mark.parametrize(
    "bad",
    [
        b"plain text",
        b'{"message":',
        b'{"a": NaN}',
        b'{"a": 1e999}',
        b"[1, 2]",
        b'"text"',
        b"null",
        b'{"message": "\xff\xfe"}',
        b'{"message": "\\ud800"}',
        b"[" * 5000,
        b"\x00\x01 zero",
        b"x" * 100_000,
    ],
    ids=repr,
)
def test_a_bad_line_becomes_a_row_with_its_text(place: Place, bad: bytes) -> None:
    place.write(line(1, "before"), bad + b"\n", line(2, "after"))
    place.index()
    assert place.messages("level:info") == ["after", "before"]
    (hit,) = place.hits("kind:pipeline_error")
    assert hit.message == bad.decode("utf-8", "backslashreplace")
    assert hit.service == "shop"
    assert hit.ts_us == place.hits("before")[0].ts_us + 1  # it stays with the line before it


def test_the_words_of_a_bad_line_are_searchable(place: Place) -> None:
    place.write(b'{"message": "half a li\n')
    place.index()
    assert len(place.hits("half")) == 1


def test_nested_objects_are_found_by_dotted_names(place: Place) -> None:
    place.write(
        b'{"@timestamp":"%s","message":"m","request_headers": {"user-agent": "curl", "deep": {"er": 1}}}\n'
        % stamp(1).encode()
    )
    place.index()
    assert place.messages("request_headers.user-agent:curl") == ["m"]
    assert place.messages("request_headers.deep.er:1") == ["m"]
    assert place.messages("curl") == ["m"]


def test_of_equal_keys_the_last_counts(place: Place) -> None:
    place.write(b'{"@timestamp":"%s","message":"one","message":"two"}\n' % stamp(1).encode())
    place.index()
    assert place.messages() == ["two"]


@pytest.mark.parametrize(
    "fields",
    [
        {"http.response.status_code": 10**30},
        {"http.response.status_code": [200]},
        {"http.response.status_code": "200"},
        {"event.duration": 10**30},
        {"event.duration": -5},
        {"event.duration": 1.5},
        {"event.duration": True},
        {"url.path": 7},
        {"url.path": "x" * 5000},
        {"log.level": None},
        {"log.level": ["a"]},
        {"log.level": 3},
        {"log.logger": "l" * 5000},
        {"process.pid": 2**80},
        {"process.entity_id": "bad id", "event.sequence": 1},
        {"process.entity_id": "e", "event.sequence": 0},
        {"process.entity_id": "e", "event.sequence": True},
        {"process.entity_id": "e", "event.sequence": 2**63 - 1},
        {"process.entity_id": "e", "event.sequence": 2**64},
        {"process.entity_id": ["e"], "event.sequence": 1},
        {"service.name": None},
        {"service.name": 5},
        {"service.name": ""},
        {"event.action": {"a": {"b": 1}}},
        {"message": None},
        {"message": {"a": 1}},
        {"": ""},
        {"x": {"": {"": 1}}},
    ],
    ids=repr,
)
def test_odd_values_are_no_reason_to_lose_a_line(place: Place, fields: dict[str, object]) -> None:
    place.write({**line(1, "odd marker"), "labels.mark": "here", **fields}, line(2, "after"))
    place.index()
    assert len(place.hits("here")) == 1
    assert len(place.hits()) == 2


@pytest.mark.parametrize(
    "time", [None, "", 5, "yesterday", "1969-12-31T23:59:59Z", "2026-02-30T00:00:00.000000Z", "0001-01-01T00:00:00Z"]
)
def test_without_a_time_of_its_own_a_line_has_that_of_its_receipt(place: Place, time: object) -> None:
    place.write({**line(5, "m"), "@timestamp": time})
    place.index()
    assert place.hits()[0].ts_us == record(orjson.dumps(line(5)), "shop").time_us


@pytest.mark.parametrize(
    "time", ["2026-03-14T02:00:00+02:00", "2026-03-14T00:00:00Z", "2026-03-14 00:00:00", "2026-03-14T00:00:00.000000Z"]
)
def test_every_form_of_rfc_3339_is_one_time(time: str) -> None:
    assert record(orjson.dumps({"@timestamp": time}), "shop").time_us == 1_773_446_400_000_000


@pytest.mark.parametrize("time", ["9999-12-31T23:59:59.999999Z", "1970-01-02T00:00:00.000000Z"])
def test_a_clock_far_off_puts_a_line_where_it_says(place: Place, time: str) -> None:
    place.write(line(1, "now"), {**line(2, "jumped"), "@timestamp": time}, line(3, "again"))
    place.index()
    assert sorted(place.messages()) == ["again", "jumped", "now"]
    assert place.hits("jumped")[0].fields["@timestamp"] == time


def test_an_attacker_s_names_do_not_fill_the_index(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("logdesk.words.MAX_OF_A_KIND", 20)
    place.write(*(line(n, f"n{n}", **{f"labels__{n}": n, "log__logger": f"l{n}"}) for n in range(300)))
    place.index()
    (words,) = place.indexer.days.get("2026-03-14").db.execute("SELECT count(*) FROM word").fetchone()
    assert words < 60
    assert len(place.hits()) == 300


def test_long_names_do_not_fill_the_memory(place: Place) -> None:
    place.write(*(line(n, "m", log__logger=f"{n}" * 5000) for n in range(10)))
    place.write(line(20, "m", log__logger="short"))
    place.index()
    kept = place.indexer.days.get("2026-03-14")._words._shapes
    assert [shape[3][6] for shape in kept] == ["short"]
    assert place.messages(f"logger:{'7' * 1900}*") == ["m"]


def test_a_process_that_numbers_at_random_costs_bounded_work(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("logdesk.numbering.MAX_RANGES", 10)
    place.write(*(numbered(n) for n in range(1, 100, 2)))
    place.index()
    assert len(place.hits()) == 50
    assert place.audit()["e1"].received == 11


@given(st.binary(max_size=200))
def test_no_bytes_make_reading_a_line_raise(data: bytes) -> None:
    record(data, "shop")


json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
)
known = st.sampled_from(["@timestamp", "log.level", "event.sequence", "process.entity_id", "event.duration", "message"])


@given(st.dictionaries(known | st.text(max_size=5), json, max_size=6))
def test_no_object_makes_reading_a_line_raise(fields: dict[str, object]) -> None:
    try:
        data = orjson.dumps(fields)
    except TypeError:  # beyond 64 bits, or a lone surrogate
        return
    read = record(data, "shop")
    read.text.encode()
    assert all(type(value) is not dict for value in parse(data, "shop").values())


def test_a_long_name_around_many_short_ones_does_not_multiply(place: Place) -> None:
    inner = {f"n{number}": "needle" for number in range(4000)}
    fields = parse(orjson.dumps({"@timestamp": stamp(1), "x" * 30_000: inner, "ok": {"y" * 100: inner}}), "shop")
    assert sum(map(len, fields)) < 600_000
    place.write(fields)
    place.index()
    assert len(place.hits("needle")) == 1


def test_many_names_of_fields_do_not_fill_the_memory(place: Place) -> None:
    place.write(*({**line(n), **{f"labels.l{n}-{m}": 1 for m in range(500)}} for n in range(10)))
    place.write(line(20))
    place.index()
    (kept,) = place.indexer.days.get("2026-03-14")._words._shapes
    assert kept[1].present == []
    assert len(place.hits()) == 11


def test_a_hundred_transactions_of_one_microsecond_stay_near_it_and_in_order(place: Place) -> None:
    place.write(line(9))  # a newer one: the others come late
    for number in range(100):
        place.write(line(1, f"a{number}"), line(1, f"b{number}"))
        place.index()
        if number == 50:
            place.restart()
    hits = place.hits("a* OR b*")
    assert [hit.message for hit in reversed(hits)] == [f"{name}{number}" for number in range(100) for name in "ab"]
    (last,) = place.indexer.days.get("2026-03-14").db.execute("SELECT max(id) FROM line WHERE id < ?", (us(9),))
    assert last[0] < us(1) + 1000


def test_numbers_beyond_any_process_s_life_don_t_overflow_the_sum_of_lost_lines(place: Place) -> None:
    place.write(*(numbered(1, f"e{n}", event__sequence=2**62) for n in range(5)))
    place.write(*(numbered(1, f"f{n}", event__sequence=10**11) for n in range(5)))
    place.index()
    assert sum(process.missing_count for process in place.audit().values()) < 2**63
    assert len(place.hits()) == 10
