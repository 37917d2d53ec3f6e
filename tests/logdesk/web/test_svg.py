"""Charts as pictures: right to the pixel, and valid XML."""

from __future__ import annotations

import xml.etree.ElementTree as ET

from logdesk.web import svg
from logdesk.web.text import duration

HOUR = 3_600_000_000
MIDNIGHT = 1_780_012_800_000_000


def draw(*counts: dict[str, int]) -> ET.Element:
    buckets = [(MIDNIGHT + n * HOUR, one) for n, one in enumerate(counts)]
    link = lambda start, end: f"/?from={start}&to={end}"  # noqa: E731
    return ET.fromstring(svg.bars(svg.Counts(HOUR, buckets), ("error", "info"), height=115, unit="lines", link=link))


def rects(picture: ET.Element, css: str) -> list[dict[str, str]]:
    return [one.attrib for one in picture.iter("rect") if one.get("class") == css]


def test_highest_bar_fills_the_height_and_others_stand_in_proportion() -> None:
    picture = draw({"info": 10}, {"info": 5})
    assert [(one["height"], one["y"]) for one in rects(picture, "info")] == [("100.00", "15.00"), ("50.00", "65.00")]


def test_first_class_stands_on_the_ground_and_the_next_upon_it() -> None:
    picture = draw({"info": 8, "error": 2})
    assert [(one["y"], one["height"]) for one in rects(picture, "error")] == [("95.00", "20.00")]
    assert [(one["y"], one["height"]) for one in rects(picture, "info")] == [("15.00", "80.00")]


def test_one_error_among_thousands_can_be_seen() -> None:
    assert float(rects(draw({"info": 100_000, "error": 1}), "error")[0]["height"]) >= 1.5


def test_bar_links_to_its_own_stretch_of_time_and_says_what_it_counts() -> None:
    link = next(iter(draw({"info": 1200, "error": 1}).iter("a")))
    assert link.get("href") == f"/?from={MIDNIGHT}&to={MIDNIGHT + HOUR}"
    assert link.findtext("title") == ("2026-05-29 00:00 – 01:00: 1\u202f201 (info 1\u202f200, error 1) lines")


def test_empty_time_has_no_bar_and_no_link() -> None:
    assert len(list(draw({}, {"info": 1}, {}).iter("a"))) == 1


def test_time_axis_names_round_times_and_days() -> None:
    assert [one.text for one in draw(*[{"info": 1}] * 30).iter("text")][1:] == [
        "06:00",
        "12:00",
        "18:00",
        "May 30",
    ]


def test_class_that_begins_with_a_digit_becomes_a_valid_one() -> None:
    picture = ET.fromstring(
        svg.bars(svg.Counts(HOUR, [(0, {"5xx": 1})]), ("5xx",), height=100, unit="requests", link=lambda *_: "/")
    )
    assert rects(picture, "s5xx")


def test_line_is_broken_where_there_is_no_value() -> None:
    points = [(n * HOUR, (value,)) for n, value in enumerate((1000, None, 500, 500))]
    picture = ET.fromstring(svg.lines(svg.Levels(HOUR, points), ("p50",), height=115, label=duration))
    path = next(picture.iter("path"))
    assert path.get("d") == "M0 15.0L1 15.0M2 65.0L3 65.0L3 65.0L4 65.0"
    assert [one.text for one in picture.iter("title")][1] == "1970-01-01 02:00 – 03:00: p50 500 ns"


def test_nothing_in_a_chart_needs_an_inline_style() -> None:
    assert all("style" not in one.attrib for one in draw({"info": 1}).iter())
