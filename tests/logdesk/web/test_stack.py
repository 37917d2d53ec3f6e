"""Stack traces, line by line."""

from __future__ import annotations

from logdesk.web.stack import trace_lines

CHAINED = """Traceback (most recent call last):
  File "/app/project/a.py", line 1, in f
    one()
    ~~~^^
  File "/usr/lib/python3.13/json/decoder.py", line 345, in decode
    obj, end = self.raw_decode(s)
ValueError: bad
  with a second line

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "C:\\app\\b.py", line 2, in g
    two()
  File "C:\\venv\\Lib\\site-packages\\x.py", line 3, in h
  File "<frozen importlib._bootstrap>", line 1387, in _gcd_import
RuntimeError: worse"""


def test_own_frames_are_told_from_installed_ones_and_from_what_was_raised() -> None:
    kinds = [kind for kind, _ in trace_lines(CHAINED)]
    assert kinds == [
        *["between", "own", "own", "own", "foreign", "foreign", "error", "error"],
        *["between", "between", "between", "between"],
        *["own", "own", "foreign", "foreign", "error"],
    ]


def test_no_text_is_lost() -> None:
    for text in (CHAINED, "not a traceback", "", "a\n\nb"):
        assert "\n".join(line.text for line in trace_lines(text)) == text
