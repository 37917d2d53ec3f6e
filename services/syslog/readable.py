"""Log lines on stdin, one readable line each on stdout; in colour on a terminal."""

import json
import signal
import sys

COLOURS = {"debug": 90, "info": 0, "warning": 33, "error": 31, "critical": 35}


def readable(text: str) -> str:
    """The line's time, level, dataset, message and request id; the text itself when it isn't a log line."""
    try:
        line = json.loads(text)
        level = line["log.level"]
        shown = f"{line['@timestamp'][11:23]} {level:<8} {line.get('event.dataset', '-'):<18} {line['message']}"
        if request_id := line.get("http.request.id"):
            shown += f"  {request_id}"
        stack = str(line.get("error.stack_trace") or "")
    except (ValueError, LookupError, TypeError, RecursionError):
        level, shown, stack = "warning", text.rstrip("\n"), ""
    shown = printable(shown)
    if sys.stdout.isatty():
        shown = f"\033[{COLOURS.get(level, 0)}m{shown}\033[0m"
    return "\n    ".join((shown, *map(printable, stack.splitlines())))


def printable(text: str) -> str:
    """What a client sent must not drive the terminal, nor turn its text around (bidi controls)."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else ascii(char)[1:-1] for char in text)


if __name__ == "__main__":
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # `| head` is no error
    try:
        for row in sys.stdin.buffer:
            print(readable(row.decode(errors="backslashreplace")), flush=True)
    except KeyboardInterrupt:
        pass
