"""sentry-sdk, chosen option by option. What is off is off for a reason given here."""

import logging
from typing import Any

import sentry_sdk
from flask import Flask
from sentry_sdk.integrations.atexit import AtexitIntegration
from sentry_sdk.integrations.flask import FlaskIntegration
from sentry_sdk.integrations.logging import EventHandler, LoggingIntegration, ignore_logger
from sentry_sdk.integrations.modules import ModulesIntegration
from sentry_sdk.serializer import add_global_repr_processor
from sentry_sdk.transport import HttpTransport

from . import seen
from .delivery import Delivery
from .event import Event, finish
from .settings import ErrorSettings

QUEUE = 1000  # events; the SDK's 100 is one burst of failing requests
ID = "error.id"

_events = EventHandler()


def _with_names(value: Any, _hint: Any) -> Any:
    """A NamedTuple among local variables: the SDK would send its values alone, and what is secret is known by name."""
    return repr(value) if isinstance(value, tuple) and hasattr(value, "_asdict") else NotImplemented


add_global_repr_processor(_with_names)


def setup(settings: ErrorSettings, app: Flask | None = None) -> None:
    """`app` isn't needed: the SDK patches Flask."""
    sentry_sdk.init(
        dsn=settings.dsn,
        release=settings.release,
        environment=settings.environment,
        server_name=settings.server_name,
        transport=_Transport,
        transport_queue_size=QUEUE,
        before_send=lambda event, hint: _before_send(event, hint, settings),
        max_request_body_size="medium" if settings.send_bodies else "never",
        send_default_pii=False,
        # Not an error: a worker's end, and its time-out, which the master reports.
        ignore_errors=["SystemExit", "KeyboardInterrupt", "GreenletExit"],
        # Bugsink knows neither.
        auto_session_tracking=False,
        send_client_reports=False,
        # Named one by one. Among the defaults, stdlib would send our trace's id to every other host, excepthook and
        # threading would report what capture.py logs, and dedupe forgets all but the last exception (see seen.py).
        default_integrations=False,
        auto_enabling_integrations=False,
        integrations=[
            # No method makes a transaction: they aren't sent, and still cost each request 90 µs.
            FlaskIntegration(http_methods_to_capture=()),
            # Breadcrumbs only. Events from here would come after the line was written, without a way to it.
            LoggingIntegration(event_level=None, sentry_logs_level=None),
            ModulesIntegration(),
            # Its own callback prints to stderr, where lines are expected.
            AtexitIntegration(callback=lambda pending, timeout: None),
        ],
    )
    # A breadcrumb for each access line costs 30 µs and says what the event's request says.
    ignore_logger("gunicorn.access")


def capture(record: logging.LogRecord) -> str | None:
    _events.emit(record)
    event_id: str | None = vars(record).get(ID)
    return event_id


def send(event: Event, settings: ErrorSettings) -> None:
    """An event that another process made."""
    setup(settings)
    sentry_sdk.capture_event(event)  # type: ignore[arg-type]


def close(timeout: float) -> None:
    sentry_sdk.get_client().close(timeout=timeout)


def _before_send(event: Any, hint: dict[str, Any], settings: ErrorSettings) -> Any:
    """In the context of the failure, before the event is queued. None drops it."""
    error = (hint.get("exc_info") or (None, None))[1]
    if seen.event_id_of(error):
        return None
    event = finish(event, settings)
    seen.remember(error, event["event_id"])
    if record := hint.get("log_record"):
        vars(record)[ID] = event["event_id"]
    return event


class _Transport(HttpTransport):
    """The SDK's, which says nothing when events are lost, or everything (`debug`)."""

    TIMEOUT = 5  # seconds, not 30: a tracker that doesn't answer holds the queue for that long for each event

    def __init__(self, options: dict[str, Any]) -> None:
        super().__init__(options)
        self._delivery = Delivery()

    def _get_pool_options(self) -> dict[str, Any]:
        # urllib3 would try each event four times and write a line each time.
        return {**super()._get_pool_options(), "retries": False}

    def on_dropped_event(self, reason: str) -> None:
        self._delivery.failed(reason)

    def _handle_response(self, response: Any, envelope: Any) -> None:
        super()._handle_response(response, envelope)
        if response.status < 300:
            self._delivery.succeeded()
