"""Lines that Docker doesn't cut: at most 16 000 bytes, and still valid JSON.

Docker's log drivers split a line after 16 384 bytes into messages that nothing marks as parts.
"""

from collections.abc import Iterator
from typing import Any

import orjson

from . import encode

MAX_LINE = 16_000  # bytes, with the newline that the handler adds
SHORTEST = 160  # a text is never cut below this many bytes, so ids and names stay whole
_DROPPED = "labels.dropped_fields"


def fit(line: str) -> str:
    """`line` itself when it fits, else with its longest texts cut from the middle and `log.truncated` set.

    A line too long because of how many fields it has, not how long they are, loses its largest `extra` fields;
    `labels.dropped_fields` names them.
    """
    if _bytes(line) < MAX_LINE:
        return line
    fields: dict[str, Any] = orjson.loads(line)
    fields["log.truncated"] = True
    texts = list(_texts(fields))
    sizes = [_size(holder[key]) for holder, key in texts]
    fixed = _size(fields) - sum(sizes)
    if fixed > MAX_LINE // 2:
        _drop(fields, fixed - MAX_LINE // 2)
        return fit(encode.dumps(fields))
    longest = _level(sizes, MAX_LINE - 1 - fixed)
    for (holder, key), size in zip(texts, sizes, strict=True):
        if size > longest:
            holder[key] = _shorten(holder[key], longest)
    return encode.dumps(fields)


def _level(sizes: list[int], room: int) -> int:
    """The size to cut to, so that the long texts share evenly what the short ones leave of `room`."""
    ordered = sorted(sizes)
    for done, size in enumerate(ordered):
        share = room // (len(ordered) - done)
        if size > share:
            return share
        room -= size
    return ordered[-1]


def _texts(value: Any) -> Iterator[tuple[Any, Any]]:
    """(container, key) of each text long enough to be cut, at any depth."""
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, item in items:
        if isinstance(item, str):
            if len(item) * 6 > SHORTEST and _size(item) > SHORTEST:
                yield value, key
        elif isinstance(item, dict | list):
            yield from _texts(item)


def _drop(fields: dict[str, Any], excess: int) -> None:
    """Takes out the `labels` and nested values that weigh most, until `excess` bytes are gone."""
    sizes = {
        name: _size(name) + _size(value) + 2
        for name, value in fields.items()
        if name.startswith("labels.") or isinstance(value, dict | list)
    }
    dropped = []
    for name in sorted(sizes, key=sizes.__getitem__, reverse=True):
        if excess <= 0:
            break
        del fields[name]
        dropped.append(name)
        excess -= sizes[name]
    fields[_DROPPED] = f"{len(dropped)}: {', '.join(dropped)}"


def _shorten(text: str, size: int) -> str:
    """`text` cut until its JSON is at most `size` bytes."""
    length = size
    while _size(short := encode.cut(text, length)) > size:
        length = min(length - 8, length * size // _size(short))
    return short


def _size(value: Any) -> int:
    return len(orjson.dumps(value))


def _bytes(line: str) -> int:
    return len(line) if line.isascii() else len(line.encode("utf-8", "surrogatepass"))
