"""One failure, one event: an exception that was reported is remembered, by the exception itself.

Flask tells of an unhandled exception twice, by a signal and by a log record; `log.exception` and a `raise` after it
tell of the same one. The clients' own memory is of the last exception only.
"""

from .. import context

_ATTRIBUTE = "_error_event"


def remember(error: BaseException | None, event_id: str) -> None:
    if error is not None:
        # With the trace: some programs raise one exception object again and again, in one request after another.
        vars(error)[_ATTRIBUTE] = (_trace(), event_id)


def event_id_of(error: BaseException | None) -> str | None:
    """The id of the event that reported this exception, or None."""
    trace, event_id = vars(error).get(_ATTRIBUTE, ("", None)) if error is not None else ("", None)
    return event_id if trace == _trace() else None


def _trace() -> str:
    return context.current().fields.get("trace.id", "")
