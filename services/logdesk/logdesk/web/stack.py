"""A Python traceback for reading: the frames of the person's own code stand out."""

from __future__ import annotations

import re
from typing import NamedTuple

_FRAME = re.compile(r'\s*(?:\| *)*File "(?P<path>[^"]*)", line \d+')
# Installed packages, the standard library and frozen modules. Everything else is taken for the person's own.
_FOREIGN = re.compile(r"[/\\](?:site|dist)-packages[/\\]|[/\\]lib(?:64)?[/\\]python\d|^<frozen |^<string>$")


class TraceLine(NamedTuple):
    """`kind` is the class in the style sheet: "own", "foreign", "error" (what was raised) or "between"."""

    kind: str
    text: str


def trace_lines(trace: str) -> list[TraceLine]:
    """Each line with what it is. Any text will do: what isn't a traceback comes back as "between" and "error"."""
    out = []
    frame = ""
    for text in trace.rstrip("\n").split("\n"):
        if match := _FRAME.match(text):
            frame = "foreign" if _FOREIGN.search(match["path"]) else "own"
            out.append(TraceLine(frame, text))
        elif frame and text.startswith("    "):  # its source line and the marks below it
            out.append(TraceLine(frame, text))
        elif not text.strip() or text.startswith(("Traceback ", "During handling", "The above exception")):
            frame = ""
            out.append(TraceLine("between", text))
        else:
            frame = ""
            out.append(TraceLine("error", text))
    return out
