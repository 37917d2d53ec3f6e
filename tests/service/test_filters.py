"""Which access lines are left out."""

import logging
from typing import Any

import pytest

from project.api.utils.filters import HealthCheckFilter
from tests.service.atoms import atoms
from tests.service.lines import record


def access(target: bytes, status: Any) -> logging.LogRecord:
    return record("%(U)s", atoms(target, status=status), name="gunicorn.access")


@pytest.mark.parametrize(
    ("target", "status", "shown"),
    [
        (b"/healthz", "200 OK", False),
        (b"/healthz", 204, False),
        (b"/healthz?probe=1", "200 OK", False),
        (b"/healthz", "503 Service Unavailable", True),
        (b"/healthz", "404 Not Found", True),
        (b"/healthz/", "200 OK", True),
        (b"/ping", "200 OK", True),
    ],
)
def test_successful_health_checks_are_left_out_and_nothing_else(target: bytes, status: Any, shown: bool) -> None:
    assert HealthCheckFilter().filter(access(target, status)) is shown


def test_an_asgi_servers_health_checks_are_left_out_too() -> None:
    made = access(b"/healthz", 200)
    made.name = "asgi.access"
    assert not HealthCheckFilter().filter(made)


def test_the_paths_can_be_chosen() -> None:
    chosen = HealthCheckFilter(["/ping"])
    assert not chosen.filter(access(b"/ping", 200))
    assert chosen.filter(access(b"/healthz", 200))


@pytest.mark.parametrize(
    "other",
    [
        record("hello"),
        record("/healthz", name="gunicorn.access"),
        record("%(x)s", {"x": "/healthz"}, name="gunicorn.access"),
        record("%(U)s %(s)s", {"U": "/healthz", "s": "200"}),
    ],
    ids=str,
)
def test_other_records_pass(other: logging.LogRecord) -> None:
    assert HealthCheckFilter().filter(other)
