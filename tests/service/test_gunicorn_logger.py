"""The atoms of our logger are gunicorn's, but only those that the format names."""

import logging
from collections.abc import Iterator
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from gunicorn.config import Config  # type: ignore[import-untyped]
from gunicorn.glogging import Logger as GunicornLogger  # type: ignore[import-untyped]

from project.api.utils.gunicorn_logger import Logger

ENVIRON = {
    "REMOTE_ADDR": "192.0.2.7",
    "REQUEST_METHOD": "GET",
    "RAW_URI": "/scan%20me?q=1",
    "PATH_INFO": "/scan me",
    "QUERY_STRING": "q=1",
    "SERVER_PROTOCOL": "HTTP/1.1",
    "HTTP_USER_AGENT": "curl",
    "HTTP_REFERER": "https://example.org/",
    "HTTP_AUTHORIZATION": "Basic Ym9iOmh1bnRlcjI=",
    "HTTP_COOKIE": "session=hunter2",
    "wsgi.url_scheme": "http",
    "bs.trace_id": "0af7651916cd43dd8448eb211c80319c",
}
REQUEST = SimpleNamespace(
    headers=[("USER-AGENT", "curl"), ("COOKIE", "session=hunter2"), ("X-TWICE", "first"), ("X-TWICE", "last")]
)
RESPONSE = SimpleNamespace(status="200 OK", sent=17, headers=[("Content-Type", "text/html"), ("Set-Cookie", "a=b")])
TOOK = timedelta(seconds=2, microseconds=1500)
NAMES = (
    *"hlurmUqHsbBfaTDMLp",
    "{user-agent}i", "{User-Agent}i", "{x-twice}i", "{x-absent}i", "{content-type}o", "{Set-Cookie}o", "{x-absent}o",
    "{wsgi.url_scheme}e", "{HTTP_HOST}e", "{http_cookie}e", "{REMOTE_ADDR}e", "{bs.trace_id}e",
)  # fmt: skip


def made(kind: type[Any], template: str) -> Any:
    """A logger without the set-up that would change this process's logging."""
    logger = object.__new__(kind)
    logger.cfg = Config()
    logger.cfg.set("access_log_format", template)
    return logger


def record_atoms(kind: type[Any], template: str, request: Any = REQUEST, response: Any = RESPONSE) -> Any:
    """What an access record carries."""
    logger = made(kind, template)
    return logger.atoms_wrapper_class(logger.atoms(response, request, ENVIRON, TOOK))


@pytest.mark.parametrize("name", NAMES)
def test_an_atom_is_gunicorns(name: str) -> None:
    template = f"%({name})s"
    ours, gunicorns = (template % record_atoms(kind, template) for kind in (Logger, GunicornLogger))
    assert ours == gunicorns


def test_the_time_is_gunicorns() -> None:
    before, ours, after = (record_atoms(kind, "%(t)s")["t"] for kind in (GunicornLogger, Logger, GunicornLogger))
    assert ours in (before, after)


@pytest.mark.parametrize("status", ["404 Not Found", 404, b"404 Not Found"])
def test_a_status_of_any_kind_is_gunicorns(status: Any) -> None:
    response = SimpleNamespace(status=status, sent=None, headers={"Content-Type": "text/html"})
    template = "%(s)s %(b)s %(B)s %({content-type}o)s"
    ours, gunicorns = (template % record_atoms(kind, template, response=response) for kind in (Logger, GunicornLogger))
    assert ours == gunicorns


def test_headers_without_a_request_object_are_read() -> None:
    """As gunicorn's pywsgi worker passes them."""
    assert record_atoms(Logger, "%({x-a}i)s", request=[("x-a", "1")])["{x-a}i"] == "1"
    assert record_atoms(Logger, "%({x-a}i)s", request={"X-A": "1"})["{x-a}i"] == "1"


def test_the_record_carries_no_cookie_that_the_format_does_not_name() -> None:
    assert "hunter2" not in str(dict(record_atoms(Logger, '{"a": "%(a)s", "b": "%({content-type}i)s"}')))


def test_what_filters_and_the_line_itself_need_is_always_there() -> None:
    atoms = record_atoms(Logger, "")
    assert {atoms["U"], atoms["s"], atoms["m"], atoms["{bs.trace_id}e"]} == {
        "/scan me", "200", "GET", "0af7651916cd43dd8448eb211c80319c",
    }  # fmt: skip


def test_with_an_atom_that_we_do_not_know_gunicorn_collects_them_all() -> None:
    template = "%(new)s"
    assert dict(record_atoms(Logger, template)).keys() == dict(record_atoms(GunicornLogger, template)).keys()


@pytest.fixture
def records() -> Iterator[list[logging.LogRecord]]:
    """What reaches the handlers of the logger `test.access`."""
    seen = []

    class Keeping(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            seen.append(record)

    log, handler = logging.getLogger("test.access"), Keeping()
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    yield seen
    log.removeHandler(handler)


def access(logger: Any, response: Any = RESPONSE) -> None:
    logger.access_log, logger._access_log_enabled = logging.getLogger("test.access"), True
    logger.access(response, REQUEST, ENVIRON, TOOK)


def test_an_access_record_is_written_as_gunicorn_writes_it(records: list[logging.LogRecord]) -> None:
    for kind in (Logger, GunicornLogger):
        access(made(kind, "%(m)s %(a)s"))
    ours, gunicorns = records
    assert ours.getMessage() == gunicorns.getMessage() == "GET curl"
    assert (ours.name, ours.levelno, ours.args) == (
        "test.access",
        logging.INFO,
        {"m": "GET", "U": "/scan me", "s": "200", "a": "curl", "{bs.trace_id}e": ENVIRON["bs.trace_id"]},
    )


def test_nothing_is_collected_when_the_level_is_above_info(records: list[logging.LogRecord]) -> None:
    logging.getLogger("test.access").setLevel(logging.WARNING)
    access(made(Logger, "%(m)s"), response=None)
    assert not records


def test_an_access_line_that_cannot_be_made_does_not_fail_the_request(records: list[logging.LogRecord]) -> None:
    said: list[str] = []
    logger = made(Logger, "%(m)s")
    logger.error_log = SimpleNamespace(exception=lambda text, *args: said.append(text % args))
    access(logger, response=None)
    assert (said, records) == (["No access line for /scan me"], [])
