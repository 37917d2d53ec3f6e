"""An exception as Python prints it, without secrets, in a tenth of the time: the text of a frame is made once.

Python looks at each frame's source file, reads the line and works out where to put `^^^^` each time anew.
"""

import traceback
from types import TracebackType

from . import encode

_HEADER = "Traceback (most recent call last):\n"
_CAUSE = "\nThe above exception was the direct cause of the following exception:\n\n"
_CONTEXT = "\nDuring handling of the above exception, another exception occurred:\n\n"
_LONG = 64  # frames: more are a recursion, mostly, which Python abbreviates
_MAX_CACHED = 4096  # frames; a program that makes up code starts again rather than grow
_MAX_FRAME = 2000  # characters: a line of generated code can be endless

_texts: dict[tuple[str, str, int, int], str] = {}


def text(error: BaseException, tb: TracebackType | None) -> str:
    """What `traceback.format_exception` says of `error`, which came by `tb`, and of those that led to it."""
    words = traceback.TracebackException(type(error), error, tb, limit=0, compact=True)
    backwards: list[str] = []
    newest = error, tb
    while words.exceptions is None:
        backwards += (encode.text("".join(words.format_exception_only())), _frames(tb))
        if words.__cause__ and error.__cause__ is not None:
            words, error, link = words.__cause__, error.__cause__, _CAUSE
        elif words.__context__ and error.__context__ is not None and not words.__suppress_context__:
            words, error, link = words.__context__, error.__context__, _CONTEXT
        else:
            return "".join(reversed(backwards))
        backwards.append(link)
        tb = error.__traceback__
    error, tb = newest  # there is an exception group in it, which has a form of its own
    return encode.text("".join(traceback.format_exception(type(error), error, tb)))


def _frames(tb: TracebackType | None) -> str:
    if tb is None:
        return ""
    first: TracebackType | None = tb
    texts = [_HEADER]
    while tb is not None:
        code = tb.tb_frame.f_code
        place = (code.co_filename, code.co_name, tb.tb_lineno, tb.tb_lasti)
        texts.append(_texts.get(place) or _frame(place, tb))
        tb = tb.tb_next
    if len(texts) > _LONG:
        texts[1:] = [encode.text("".join(traceback.format_tb(first)))]
    return "".join(texts)


def _frame(place: tuple[str, str, int, int], tb: TracebackType) -> str:
    if len(_texts) >= _MAX_CACHED:
        _texts.clear()
    frame = "".join(traceback.format_tb(tb, limit=1))
    _texts[place] = frame = encode.text(frame if len(frame) <= _MAX_FRAME else encode.cut(frame, _MAX_FRAME))
    return frame
