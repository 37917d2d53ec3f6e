"""Lines that Docker doesn't cut: at most 16 000 bytes, and still valid JSON.

Docker's log drivers split a line after 16 384 bytes into messages that nothing marks as parts.
"""

from collections.abc import Iterator
from typing import Any

import orjson

from . import encode
from .fields import KNOWN

MAX_LINE = 16_000  # bytes, with the newline that the handler adds
SHORTEST = 160  # a text is never cut below this many bytes, so ids and names stay whole
_DROPPED = "labels.dropped_fields"


def fit(line: str) -> str:
    """`line` itself when it fits, else with its longest texts cut from the middle and `log.truncated` set.

    A line too long because of how many values it has, not how long they are, loses the largest of those that the
    caller added; `labels.dropped_fields` names them.
    """
    if _bytes(line) < MAX_LINE:
        return line
    fields: dict[str, Any] = orjson.loads(line)
    fields["log.truncated"] = True
    _drop(fields)
    texts = list(_texts(fields))
    sizes = [_size(holder[key]) for holder, key in texts]
    longest = _level(sizes, MAX_LINE - 1 - (_size(fields) - sum(sizes)))
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
    return max(sizes, default=0)


def _texts(value: Any) -> Iterator[tuple[Any, Any]]:
    """(container, key) of each text long enough to be cut, at any depth."""
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, item in items:
        if isinstance(item, str):
            if len(item) * 6 > SHORTEST and _size(item) > SHORTEST:
                yield value, key
        elif isinstance(item, dict | list):
            yield from _texts(item)


def _drop(fields: dict[str, Any]) -> None:
    """Takes out what the caller added, heaviest first, until the line fits once its texts are cut."""
    weights = {name: _size(name) + _least(value) + 2 for name, value in fields.items()}
    excess = sum(weights.values()) + 2 - MAX_LINE
    if excess <= 0:
        return
    excess += SHORTEST + len(_DROPPED) + 8
    added = [name for name, value in fields.items() if name not in KNOWN or isinstance(value, dict | list)]
    dropped = []
    for name in sorted(added, key=weights.__getitem__, reverse=True):
        if excess <= 0:
            break
        del fields[name]
        dropped.append(name)
        excess -= weights[name]
    fields[_DROPPED] = f"{len(dropped)}: {', '.join(dropped)}"


def _least(value: Any) -> int:
    """The bytes that `value` takes when each of its texts is cut as short as can be."""
    texts = _texts([value])
    return _size(value) - sum(_size(holder[key]) - SHORTEST for holder, key in texts)


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
