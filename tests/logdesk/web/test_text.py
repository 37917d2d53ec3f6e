"""What a sender wrote, shown so that it can't mislead."""

from __future__ import annotations

import sys
import unicodedata

import pytest

from logdesk.web import text


def test_html_is_shown_as_text() -> None:
    assert text.visible('<script>alert("1")</script>&') == ("&lt;script&gt;alert(&#34;1&#34;)&lt;/script&gt;&amp;")


def test_every_control_and_format_character_of_unicode_becomes_a_mark() -> None:
    silent = ("Cc", "Cf", "Cs", "Zl", "Zp")
    missed = [
        f"U+{code:04X}"
        for code in range(sys.maxunicode + 1)
        if unicodedata.category(chr(code)) in silent and 'class="ctl"' not in text.visible(chr(code))
    ]
    assert missed == []


@pytest.mark.parametrize("char", ["\u115f", "\u1160", "\u3164", "\uffa0", "\u2800"])
def test_letters_that_print_as_nothing_become_a_mark(char: str) -> None:
    assert f"U+{ord(char):04X}" in text.visible(char)


def test_escape_sequence_keeps_its_text_and_loses_its_power() -> None:
    assert text.visible("\x1b[31mred") == '<span class="ctl">ESC</span>[31mred'


def test_ordinary_text_of_any_script_is_untouched() -> None:
    for plain in ("größer als 5 €", "متن فارسی", "日本語", "emoji 🙂", "combining é"):
        assert text.visible(plain) == plain


def test_line_breaks_and_tabs_stay_only_where_lines_are_shown() -> None:
    assert text.visible("a\n\tb\r", lines=True) == 'a\n\tb<span class="ctl">CR</span>'
    assert "\n" not in text.visible("a\nb")


def test_cut_text_says_so_and_is_cut_before_escaping() -> None:
    assert text.visible("<<<<", limit=2) == "&lt;&lt;…"
    assert text.visible("ab", limit=2) == "ab"


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1"])
def test_cell_that_a_spreadsheet_would_run_is_quoted(cell: str) -> None:
    assert text.spreadsheet_safe(cell) == "'" + cell


def test_other_cells_are_untouched() -> None:
    assert text.spreadsheet_safe("a=1") == "a=1"
    assert text.spreadsheet_safe("") == ""


def test_numbers_read_well() -> None:
    assert text.number(1234567) == "1\u202f234\u202f567"
    assert text.number(1000, approximate=True) == "≈\u202f1\u202f000"
    assert [text.duration(ns) for ns in (None, 999, 1_500, 12_340_000, 123_456_789, 2_000_000_000)] == [
        "–",
        "999 ns",
        "1.5 µs",
        "12.3 ms",
        "123 ms",
        "2 s",
    ]
    assert [text.size(n) for n in (12, 1500, 2_000_000, 1_234_000_000)] == [
        "12 B",
        "1.5 kB",
        "2 MB",
        "1.23 GB",
    ]
    assert text.rate(30, 60_000_000) == "0.5"
    assert text.clock(1_500) == ("1970-01-01", "00:00:00.001")
