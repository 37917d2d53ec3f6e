"""The parts of error reporting, each by itself."""

import logging
from typing import Any

import pytest

from project.api.utils import context
from project.api.utils.errors import outside, seen
from project.api.utils.errors.delivery import Delivery
from project.api.utils.errors.event import finish
from project.api.utils.errors.handler import ErrorHandler, capture_with
from project.api.utils.errors.settings import ErrorSettings, ErrorSettingsError

ID = "0123456789abcdef0123456789abcdef"
IDS = {"trace.id": "f" * 32, "http.request.id": "demo-1"}


def test_settings_come_from_the_environment() -> None:
    settings = ErrorSettings.from_environment({
        "SENTRY_DSN": " http://key@tracker/1 ", "ERROR_CLIENT": "raven", "SENTRY_SEND_BODIES": "yes",
        "ERROR_EVENT_URL": "http://tracker/issues/event/{uuid}/", "LOGDESK_URL": "http://logs/", "SERVICE_NAME": "shop",
        "SERVICE_VERSION": "1.2", "SERVICE_ENVIRONMENT": "staging",
    })  # fmt: skip
    assert (settings.dsn, settings.client, settings.send_bodies) == ("http://key@tracker/1", "raven", True)
    assert (settings.logs_url, settings.release, settings.environment) == ("http://logs", "shop@1.2", "staging")
    assert settings.page_of(ID) == "http://tracker/issues/event/01234567-89ab-cdef-0123-456789abcdef/"


def test_sentrys_own_pages_have_the_id_without_dashes() -> None:
    assert ErrorSettings(event_url="http://x/{id}").page_of(ID) == f"http://x/{ID}"


@pytest.mark.parametrize(
    ("variables", "problem"),
    [
        ({"ERROR_CLIENT": "rollbar"}, "ERROR_CLIENT='rollbar': write one of sentry, raven"),
        ({"SENTRY_DSN": "garbage"}, "SENTRY_DSN is no DSN: write the project's"),
        ({"SENTRY_DSN": "http://key@tracker"}, "SENTRY_DSN is no DSN: write the project's"),
        ({"ERROR_EVENT_URL": "http://x/"}, "must say where the event's id stands, e.g. http"),
    ],
)
def test_settings_that_cant_be_used_say_what_to_write(variables: dict[str, str], problem: str) -> None:
    with pytest.raises(ErrorSettingsError, match=problem):
        ErrorSettings.from_environment(variables)


def test_an_exception_is_remembered_within_its_trace() -> None:
    error = ValueError()
    with context.bound(IDS):
        seen.remember(error, ID)
        assert seen.event_id_of(error) == ID
    assert seen.event_id_of(error) is None
    assert seen.event_id_of(None) is None
    assert seen.event_id_of(ValueError()) is None


def test_delivery_says_it_once_and_counts(caplog: pytest.LogCaptureFixture) -> None:
    delivery = Delivery()
    caplog.set_level("INFO")
    delivery.succeeded()
    for _ in range(1000):
        delivery.failed("status_500")
    delivery.succeeded()
    delivery.succeeded()
    assert [record.levelname for record in caplog.records] == ["WARNING", "INFO"]
    assert "1000 were dropped" in caplog.text


def test_an_event_outside_a_request_leads_to_its_own_line() -> None:
    event = finish({"event_id": ID}, ErrorSettings(logs_url="http://logs"))
    assert event["contexts"]["logs"]["url"].startswith(f"http://logs/?q=error.id:{ID}&from=2")
    assert "tags" not in event


def test_an_event_is_grouped_with_its_own_services_alone_unless_it_says_otherwise() -> None:
    settings = ErrorSettings(service="bs-foo")
    assert finish({"event_id": ID}, settings)["fingerprint"] == ["{{ default }}", "bs-foo"]
    assert finish({"event_id": ID, "fingerprint": ["mine"]}, settings)["fingerprint"] == ["mine"]


def test_the_ids_of_the_request_replace_the_clients_trace() -> None:
    event: dict[str, Any] = {
        "event_id": ID,
        "tags": {"own": "1"},
        "contexts": {"trace": {"trace_id": "0", "span_id": "1", "dynamic_sampling_context": {"trace_id": "0"}}},
    }
    with context.bound(IDS):
        finished = finish(event, ErrorSettings())
    assert finished["tags"] == {"own": "1", "request_id": "demo-1", "trace_id": "f" * 32}
    assert finished["contexts"]["trace"] == {
        "trace_id": "f" * 32,
        "span_id": "1",
        "dynamic_sampling_context": {"trace_id": "f" * 32},
    }


@pytest.fixture
def captured() -> Any:
    records: list[logging.LogRecord] = []

    def capture(record: logging.LogRecord) -> str:
        records.append(record)
        record.exc_text = "a client's formatter was here"
        return ID

    capture_with(capture)
    yield records
    capture_with(None)


def record(name: str, level: int, message: str = "m", error: BaseException | None = None) -> logging.LogRecord:
    return logging.LogRecord(name, level, "", 0, message, (), (type(error), error, None) if error else None)


@pytest.mark.parametrize(
    ("name", "level", "error", "reported"),
    [
        ("app", logging.ERROR, None, True),
        ("app", logging.CRITICAL, ValueError(), True),
        ("app", logging.ERROR, SystemExit(1), False),
        ("gunicorn.error", logging.CRITICAL, None, True),
        ("gunicorn.error", logging.ERROR, ValueError(), True),
        ("gunicorn.error", logging.ERROR, None, False),
    ],
)
def test_which_records_are_failures(
    captured: list[Any], name: str, level: int, error: BaseException | None, reported: bool
) -> None:
    handler = ErrorHandler(settings=ErrorSettings(dsn="http://key@tracker/1"))
    one = record(name, level, error=error)
    handler.handle(one)
    handler.close()
    assert len(captured) == reported
    assert ("error.id" in vars(one)) == reported
    assert one.exc_text is None, "an unredacted traceback would stay for the next handler"


def test_a_start_that_fails_in_every_worker_is_reported_by_one(captured: list[Any]) -> None:
    handler = ErrorHandler(settings=ErrorSettings(dsn="http://key@tracker/1"))
    for _ in range(3):
        handler.handle(record("gunicorn.error", logging.ERROR, "Exception in worker process", ValueError()))
    handler.close()
    assert len(captured) == 1


def test_a_report_that_fails_stays_on_the_line_and_raises_nothing() -> None:
    def broken(record: logging.LogRecord) -> str:
        raise RuntimeError("no tracker today")

    capture_with(broken)
    handler = ErrorHandler(settings=ErrorSettings(dsn="http://key@tracker/1"))
    one = record("app", logging.ERROR)
    handler.handle(one)
    handler.close()
    capture_with(None)
    assert vars(one)["labels.error_report"] == "failed: RuntimeError('no tracker today')"


def test_a_master_in_trouble_starts_only_so_many_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    started = []
    monkeypatch.setattr("os.posix_spawn", lambda *args, **_: started.append(args))
    outside._started.clear()
    ids = [outside.report(record("gunicorn.error", logging.CRITICAL)) for _ in range(outside.MOST + 5)]
    outside._started.clear()
    assert len(started) == outside.MOST
    assert ids[-1] is None
