"""What Python would print to stderr by itself becomes log lines: nothing but lines leaves the process."""

import logging
import sys
import threading
from types import TracebackType
from typing import Any

log = logging.getLogger(__name__)


def capture() -> None:
    """Routes warnings, and exceptions that nobody caught in a thread, a greenlet, a destructor or the main program."""
    logging.captureWarnings(True)
    sys.excepthook = _uncaught
    threading.excepthook = _in_thread
    sys.unraisablehook = _unraisable


def capture_greenlets() -> None:
    """The same for gevent's hub; call it in each worker, each has a hub of its own."""
    from gevent import get_hub  # noqa: PLC0415 - this module also serves programs without gevent

    get_hub().print_exception = _in_greenlet  # type: ignore[method-assign, assignment]


def _uncaught(kind: type[BaseException], error: BaseException, traceback: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        return
    log.critical("Uncaught exception", exc_info=(kind, error, traceback))


def _in_thread(args: threading.ExceptHookArgs) -> None:
    if issubclass(args.exc_type, SystemExit):  # a thread may end itself
        return
    name = args.thread.name if args.thread else "?"
    log.error("Uncaught exception in thread %s", name, exc_info=_exc_info(args))


def _unraisable(args: "sys.UnraisableHookArgs") -> None:
    log.error("%s: %r", args.err_msg or "Exception ignored in", args.object, exc_info=_exc_info(args))


def _exc_info(args: "threading.ExceptHookArgs | sys.UnraisableHookArgs") -> Any:
    return args.exc_type, args.exc_value, args.exc_traceback


def _in_greenlet(greenlet: object, _kind: object, error: object, traceback: TracebackType | None) -> None:
    shown = (type(error), error, traceback) if isinstance(error, BaseException) else None
    log.error("Uncaught exception in %r: %s", greenlet, error, exc_info=shown)
