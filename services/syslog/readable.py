"""Log lines on stdin, one readable line each on stdout; in colour on a terminal."""

import json
import sys

COLOURS = {"debug": 90, "info": 0, "warning": 33, "error": 31, "critical": 35}
CONTROL = {code: f"\\x{code:02x}" for code in (*range(32), *range(127, 160))}


def readable(text: str) -> str:
    """The line's time, level, dataset, message and request id; the text itself when it isn't a log line."""
    try:
        line = json.loads(text)
        level = line["log.level"]
        shown = f"{line['@timestamp'][11:23]} {level:<8} {line.get('event.dataset', '-'):<18} {line['message']}"
    except (ValueError, LookupError, TypeError):
        level, line, shown = "warning", {}, text.rstrip("\n")
    # What a client sent must not drive the terminal.
    shown = shown.translate(CONTROL)
    if request_id := line.get("http.request.id"):
        shown += f"  {str(request_id).translate(CONTROL)}"
    if sys.stdout.isatty():
        shown = f"\033[{COLOURS.get(level, 0)}m{shown}\033[0m"
    stack = line.get("error.stack_trace")
    if stack:
        shown += "".join(f"\n    {row.translate(CONTROL)}" for row in str(stack).splitlines())
    return shown


if __name__ == "__main__":
    try:
        for row in sys.stdin:
            print(readable(row), flush=True)
    except KeyboardInterrupt:
        pass
