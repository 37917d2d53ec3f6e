"""The ids of a request: accepted or made, on its lines, its answer and its environ."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from project.api.utils import access, context
from project.api.utils.request_ids import RequestIds, request_id_of, trace_of

HEX32 = re.compile("[0-9a-f]{32}")
TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"


@given(st.from_regex(r"[A-Za-z0-9._-]{1,128}", fullmatch=True))
def test_a_sane_request_id_is_taken(sane: str) -> None:
    assert request_id_of(sane) == sane


@given(st.text().filter(lambda text: not re.fullmatch(r"[A-Za-z0-9._-]{1,128}", text)) | st.text("abc", min_size=129))
def test_any_other_request_id_is_made_anew(other: str) -> None:
    made = request_id_of(other)
    assert HEX32.fullmatch(made)
    assert made != request_id_of(other)


@pytest.mark.parametrize("other", ["", "a\n", "a b", 'a"', "ä", "a/b", "١", "a" * 129, "a,b"])
def test_a_request_id_that_is_not_sane(other: str) -> None:
    assert request_id_of(other) != other


@pytest.mark.parametrize(
    ("header", "flags"),
    [
        (f"00-{TRACE}-{SPAN}-01", "01"),
        (f"00-{TRACE}-{SPAN}-00", "00"),
        (f"  00-{TRACE}-{SPAN}-01 ", "01"),
        (f"cc-{TRACE}-{SPAN}-09", "09"),
        (f"cc-{TRACE}-{SPAN}-01-what-the-future-adds", "01"),
        (f"01-{TRACE}-{SPAN}-01-", "01"),
    ],
)
def test_a_valid_traceparent_is_honoured(header: str, flags: str) -> None:
    assert trace_of(header) == (TRACE, flags)


@pytest.mark.parametrize(
    "header",
    [
        "", "-", f"ff-{TRACE}-{SPAN}-01", f"00-{TRACE}-{SPAN}-01-more", f"00-{TRACE}-{SPAN}-01-", f"00-{TRACE}-{SPAN}",
        f"00-{TRACE.upper()}-{SPAN}-01", f"00-{'0' * 32}-{SPAN}-01", f"00-{TRACE}-{'0' * 16}-01",
        f"0-{TRACE}-{SPAN}-01",
        f"00-{TRACE[1:]}-{SPAN}-01", f"00-{TRACE}-{SPAN}-1", f"01-{TRACE}-{SPAN}-01.more", f"00-{TRACE}-{SPAN}-01\n00",
        f"00_{TRACE}_{SPAN}_01", f"00-{'g' * 32}-{SPAN}-01",
    ],
)  # fmt: skip
def test_an_invalid_traceparent_starts_a_trace(header: str) -> None:
    trace_id, flags = trace_of(header)
    assert HEX32.fullmatch(trace_id)
    assert trace_id != TRACE
    assert flags == "00"


@settings(deadline=None)
@given(st.text())
def test_any_traceparent_gives_a_valid_trace(header: str) -> None:
    assert HEX32.fullmatch(trace_of(header)[0])


class Server:
    """A WSGI server of one request."""

    def __init__(self, application: Any, **environ: str) -> None:
        self.environ: dict[str, Any] = dict(environ)
        self.body = RequestIds(application)(self.environ, self.start)

    def start(self, status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
        self.status, self.headers, self.rest = status, dict(headers), rest
        return "the server's write"


def bound() -> dict[str, str]:
    return dict(context.current().fields)


def answer(environ: dict[str, Any], start: Any) -> Iterable[bytes]:
    assert start("200 OK", [("A", "b")]) == "the server's write"
    return [str(bound()).encode()]


def test_the_ids_are_the_same_on_lines_answer_and_environ_and_end_with_the_request() -> None:
    server = Server(answer, HTTP_X_REQUEST_ID="mine", HTTP_TRACEPARENT=f"00-{TRACE}-{SPAN}-01")
    ids = {"trace.id": TRACE, "http.request.id": "mine"}
    assert list(server.body) == [str(ids).encode()]
    assert (server.environ[access.TRACE_ID], server.environ[access.REQUEST_ID]) == (TRACE, "mine")
    assert (server.status, server.headers["A"], server.headers["X-Request-ID"]) == ("200 OK", "b", "mine")
    span = re.fullmatch(f"00-{TRACE}-([0-9a-f]{{16}})-01", server.headers["traceresponse"])
    assert span is not None
    assert span[1] != SPAN
    assert bound() == ids
    server.body.close()  # type: ignore[attr-defined]
    assert bound() == {}


def test_ids_are_made_when_the_caller_has_none() -> None:
    seen = []
    for _ in range(2):
        server = Server(answer)
        server.body.close()  # type: ignore[attr-defined]
        seen += [server.environ[access.TRACE_ID], server.environ[access.REQUEST_ID]]
    assert len(set(seen)) == 4
    assert all(HEX32.fullmatch(made) for made in seen)


def test_the_ids_stay_while_the_body_is_streamed_and_its_close_still_has_them() -> None:
    at_close = []

    class Streamed:
        def __iter__(self) -> Iterator[bytes]:
            for _ in range(3):
                yield bound()["http.request.id"].encode()

        def close(self) -> None:
            at_close.append(bound()["http.request.id"])

    server = Server(lambda environ, start: Streamed(), HTTP_X_REQUEST_ID="mine")
    assert list(server.body) == [b"mine"] * 3
    server.body.close()  # type: ignore[attr-defined]
    assert at_close == ["mine"]
    assert bound() == {}


def test_an_application_that_raises_leaves_no_ids_behind() -> None:
    def failing(environ: Any, start: Any) -> Iterable[bytes]:
        raise KeyError("no")

    with pytest.raises(KeyError):
        Server(failing)
    assert bound() == {}


def test_a_body_that_raises_when_it_is_closed_leaves_no_ids_behind() -> None:
    class Failing(list[bytes]):
        def close(self) -> None:
            raise KeyError("no")

    server = Server(lambda environ, start: Failing())
    with pytest.raises(KeyError):
        server.body.close()  # type: ignore[attr-defined]
    assert bound() == {}


def test_what_the_application_says_of_an_exception_reaches_the_server() -> None:
    def failed(environ: Any, start: Any) -> Iterable[bytes]:
        start("500 Error", [], ("kind", "error", "traceback"))
        return []

    server = Server(failed)
    server.body.close()  # type: ignore[attr-defined]
    assert server.rest == (("kind", "error", "traceback"),)
