"""Access lines from `access_log_format`, with gunicorn's own atoms."""

import ast
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from project.api.utils import context
from tests.service.atoms import atoms
from tests.service.lines import STATIC_JSON, check_line, formatter, names_on, normalised, record
from tests.service.server import SERVICE

CONFIG = SERVICE / "gunicorn_config.py"


def configured_template() -> str:
    """access_log_format's default; importing the file would patch this process for gevent."""
    for node in ast.parse(CONFIG.read_text()).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "access_log_format":
            return str(ast.literal_eval(node.value.args[1]))  # type: ignore[attr-defined]
    raise AssertionError("gunicorn_config.py has no access_log_format")


TEMPLATE = configured_template()


def access_line(template: str, request: Any, **attributes: Any) -> str:
    return formatter().format(record(template, request, name="gunicorn.access", **attributes))


def access(template: str, request: Any, **attributes: Any) -> dict[str, Any]:
    return check_line(access_line(template, request, **attributes))


def line(message: str, details: str) -> str:
    return (
        f'{{"@timestamp":"2023-11-14T22:13:20.250000Z","log.level":"info","message":{message}{details},{STATIC_JSON},'
        '"event.dataset":"shop.access",<numbered>}'
    )


IDS = {"bs.trace_id": "4bf92f3577b34da6a3ce929d0e0e4736", "bs.request_id": "r-1"}
IDS_JSON = ',"trace.id":"4bf92f3577b34da6a3ce929d0e0e4736","http.request.id":"r-1"'
POSTED = {"content-type": b"text/plain", "content-length": b"12", "referer": b"http://a/", "user-agent": b"curl/8"}
EXACT = {
    "the configured template": (
        TEMPLATE,
        atoms(b"/a%20b?q=1&token=x", POSTED, environ=IDS),
        line(
            '"GET /a b 200"',
            IDS_JSON + ',"client.address":"192.0.2.7","http.request.method":"GET","url.path":"/a b",'
            '"url.query":"q=1&token=[REDACTED]","http.version":"1.1","http.response.status_code":200,'
            '"http.response.body.bytes":17,"event.duration":1500000,"http.request.mime_type":"text/plain",'
            '"http.request.body.bytes":12,"http.request.referrer":"http://a/","user_agent.original":"curl/8"',
        ),
    ),
    "what the request lacks is left out": (
        TEMPLATE,
        atoms(),
        line(
            '"GET /ping 200"',
            ',"client.address":"192.0.2.7","http.request.method":"GET","url.path":"/ping","http.version":"1.1",'
            '"http.response.status_code":200,"http.response.body.bytes":17,"event.duration":1500000',
        ),
    ),
    "names of one's own keep gunicorn's hyphen": (
        '{"agent": "%(a)s", "size": "%(B)s", "nested": {"type": "%({Content-Type}i)s", "list": ["%(s)s", 1]}}',
        atoms(sent=None),
        line('"GET /ping 200"', ',"agent":"-","size":"None","nested":{"type":"-","list":[200,1]}'),
    ),
    "numbers": (
        '{"a.s": "%(s)s", "a.d": "%(D)d", "a.ns": "%(D)s000", "a.seconds": "%(L)s", "a.bare": %(M)s, '
        '"a.text": "%(s)s!", "a.two": "%(s)s.%(M)s"}',
        atoms(),
        line(
            '"GET /ping 200"',
            ',"a.s":200,"a.d":1500,"a.ns":1500000,"a.seconds":0.0015,"a.bare":1,"a.text":"200!","a.two":200.1',
        ),
    ),
    "several atoms in a text": (
        '{"first": "%(m)s %(U)s 100%", "const": "x", "yes": true}',
        atoms(),
        line('"GET /ping 200"', ',"first":"GET /ping 100%","const":"x","yes":true'),
    ),
    "a message of one's own": ('{"message": "%(r)s"}', atoms(), line('"GET /ping HTTP/1.1"', "")),
    "the formatter's own names are its own": (
        '{"event.id": "x", "@timestamp": "%(t)s", "service.name": "x", "log.level": "x", "a": "b"}',
        atoms(),
        line('"GET /ping 200"', ',"a":"b"'),
    ),
    "ids of the request stand once": (
        '{"trace.id": "%({x-t}i)s", "http.request.id": "%({X-Request-ID}i)s"}',
        atoms(headers={"x-request-id": b"forged"}, environ=IDS),
        line('"GET /ping 200"', IDS_JSON),
    ),
    "ids of a service without ours come from the template": (
        '{"http.request.id": "%({X-Request-ID}i)s"}',
        atoms(headers={"x-request-id": b"mine"}),
        line('"GET /ping 200"', ',"http.request.id":"mine"'),
    ),
    "a text template": (
        '%(h)s "%(r)s" %(s)s %({nothing}i)s "%({User-Agent}i)s"',
        atoms(b"/?token=x", {"user-agent": b'a"b\\c\n'}),
        line(r'"192.0.2.7 \"GET /?token=[REDACTED] HTTP/1.1\" 200 OK"'.replace(" OK", r" - \"a\"b\\c\n\""), ""),
    ),
    "a template of another JSON type": ('["%(s)s"]', atoms(), line(r'"[\"200\"]"', "")),
}


@pytest.mark.parametrize(("template", "request_atoms", "expected"), EXACT.values(), ids=EXACT)
def test_an_access_record_is_exactly_this_line(template: str, request_atoms: Any, expected: str) -> None:
    assert normalised(access_line(template, request_atoms)) == expected


def test_the_access_line_has_its_own_requests_ids_not_those_of_the_code_that_writes_it() -> None:
    with context.bound({"trace.id": "other", "http.request.id": "other"}):
        fields = access(TEMPLATE, atoms(environ=IDS))
    assert (fields["trace.id"], fields["http.request.id"]) == tuple(IDS.values())


def test_a_static_field_is_not_repeated_by_the_template() -> None:
    made = record('{"cloud.region": "%(h)s"}', atoms(), name="gunicorn.access")
    assert check_line(formatter(**{"cloud.region": "eu"}).format(made))["cloud.region"] == "eu"


def test_every_field_of_the_configured_template_is_documented() -> None:
    assert set(re.findall(r'"([a-z_.]+)":', TEMPLATE)) == names_on("access lines")


HOSTILE = {
    "quotes": b'a"b\'c\\"d"""',
    "backslashes": b"\\ \\\\ \\n \\u0000 trailing \\",
    "a forged line": b'"}\\n{"message":"forged"}',
    "percent": b"%s %(h)s %00 %0A %d",
    "UTF-8": "prix 5 € 💶 \u2028".encode(),
    "control characters": bytes(range(32)) + b"\x7f",
    "template": b"%({authorization}i)s {0} {}",
}


@pytest.mark.parametrize("value", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_header_stays_inside_its_value(value: bytes) -> None:
    fields = access(TEMPLATE, atoms(headers={"user-agent": value, "content-type": value}))
    assert fields["user_agent.original"] == fields["http.request.mime_type"] == value.decode()
    assert fields["message"] == "GET /ping 200"


def test_a_header_of_8_kib_is_whole_and_two_are_cut() -> None:
    long = b"\\" + b"x" * 8188 + b'"'
    fields = access(TEMPLATE, atoms(headers={"user-agent": long}))
    assert fields["user_agent.original"] == long.decode()
    assert "log.truncated" not in fields
    fields = access(TEMPLATE, atoms(headers={"user-agent": long, "referer": long}))
    assert fields["log.truncated"] is True
    assert "characters cut" in fields["user_agent.original"]
    assert "characters cut" in fields["http.request.referrer"]


@pytest.mark.parametrize(
    ("target", "path"),
    [
        (b"/a%0A%7B%22message%22%3A1%7D", '/a\n{"message":1}'),
        (b"/%00%1b%5b31m%09%0d", "/\0\x1b[31m\t\r"),
        (b"/%22%5C%22%5C", '/"\\"\\'),
        (b"/%E2%82%AC", "/€"),
        (b"/%ff%E2%82", r"/\xff\xe2\x82"),
    ],
)
def test_a_hostile_path_stays_inside_its_value(target: bytes, path: str) -> None:
    fields = access(TEMPLATE, atoms(target))
    assert fields["url.path"] == path
    assert fields["message"] == f"GET {path} 200"


def test_bytes_that_are_not_utf8_are_escaped_and_text_of_the_application_is_kept() -> None:
    fields = access(
        '{"a": "%(a)s", "e": "%({app.name}e)s"}',
        atoms(headers={"user-agent": b"\xff\x80a"}, environ={"app.name": "5 €"}),
    )
    assert (fields["a"], fields["e"]) == (r"\xff\x80a", "5 €")


@settings(deadline=None)
@given(st.binary(min_size=1), st.text())
def test_any_header_comes_back_byte_for_byte(raw: bytes, text: str) -> None:
    fields = access('{"a": "%(a)s", "b": "%({x}i)s"}', atoms(headers={"user-agent": b"a " + raw, "x": text.encode()}))
    if not any(mark in raw + text.encode() for mark in (b"=", b":", b"%", b",", b"@", b"40")):  # nothing to redact
        assert fields["a"] == "a " + raw.decode("utf-8", "backslashreplace")
        assert fields["b"] == text


@settings(deadline=None)
@given(
    st.binary(),
    st.dictionaries(st.sampled_from(["user-agent", "referer", "content-type", "content-length"]), st.binary()),
)
def test_any_request_makes_one_valid_line(target: bytes, headers: dict[str, bytes]) -> None:
    access(TEMPLATE, atoms(b"/" + target, headers))


fragments = st.sampled_from(
    ['{"', '"', '": "', '", "', '"}', "{", "}", "[", "%(", "a", "s", ")s", ")d", "%", "\\", "{x}i", "a.b"]
)


@settings(deadline=None)
@given(st.text() | st.lists(fragments).map("".join))
def test_any_template_makes_one_valid_line(template: str) -> None:
    access(template, atoms())


SECRETS = {
    "query": (b"/?a=1&password=s3cret&b=2", {}, "%(q)s", "a=1&password=[REDACTED]&b=2"),
    "encoded key": (b"/?pass%77ord=s3cret", {}, "%({QUERY_STRING}e)s", "pass%77ord=[REDACTED]"),
    "request line": (b"/?token=s3cret", {}, "%(r)s", "GET /?token=[REDACTED] HTTP/1.1"),
    "URL in a query": (b"/?u=http%3A%2F%2Fx%3Ftoken%3Ds3cret", {}, "%(q)s", "u=http%3A%2F%2Fx%3Ftoken%3D[REDACTED]"),
    "user in a path": (b"/http://bob:s3cret@x/", {}, "%(U)s", "/http://[REDACTED]@x/"),
    "referrer": (b"/", {"referer": b"http://x/?api_key=s3cret&a=1"}, "%(f)s", "http://x/?api_key=[REDACTED]&a=1"),
    "header": (b"/", {"authorization": b"Bearer s3cret"}, "%({Authorization}i)s", "[REDACTED]"),
    "cookie of the environ": (b"/", {"cookie": b"a=s3cret"}, "%({HTTP_COOKIE}e)s", "[REDACTED]"),
    "text of a header": (
        b"/",
        {"user-agent": b"x Authorization: Basic s3cret"},
        "%(a)s",
        "x Authorization: [REDACTED]",
    ),
    "a secret header that isn't there": (b"/", {}, "%({cookie}i)s", "-"),
}


@pytest.mark.parametrize(("target", "headers", "atom", "shown"), SECRETS.values(), ids=SECRETS)
@pytest.mark.parametrize("template", ['{"value": "%s"}', "{'value': %s"], ids=["JSON", "text"])
def test_secrets_of_a_request_are_redacted(
    target: bytes, headers: dict[str, bytes], atom: str, shown: str, template: str
) -> None:
    fields = access(template % atom, atoms(target, headers))
    assert shown in (fields.get("value"), fields["message"].removeprefix("{'value': "))
    assert "s3cret" not in str(fields)


@pytest.mark.parametrize("length", [b"00012", b"9" * 30, b"9" * 5000, b"12, 12", b"-1", b"1e3", "١".encode()])
def test_a_number_that_elasticsearch_would_refuse_is_left_out(length: bytes) -> None:
    fields = access(TEMPLATE, atoms(headers={"content-length": length}))
    assert "http.request.body.bytes" not in fields
    assert (
        access('{"length": "%({content-length}i)s"}', atoms(headers={"content-length": length}))["length"]
        == length.decode()
    )


def test_status_and_bytes_are_numbers_whatever_the_application_answered() -> None:
    assert access(TEMPLATE, atoms(status=404, sent=0))["http.response.status_code"] == 404
    assert "http.response.status_code" not in access(TEMPLATE, atoms(status="odd"))


def test_a_template_that_cannot_be_filled_shows_itself_but_not_the_request() -> None:
    fields = access("%(h)s %(s", atoms(headers={"cookie": b"a=s3cret"}))
    assert fields["labels.log_template"] == "%(h)s %(s"
    assert "192.0.2.7" not in str(fields)
    assert "s3cret" not in str(fields)


def test_a_record_of_the_access_logger_with_other_arguments_is_an_ordinary_one() -> None:
    assert access("%s is up", "worker")["message"] == "worker is up"
    assert access("%(a)s", {"a": "x"})["message"] == "x"


def test_a_number_of_nothing_is_zero() -> None:
    request = atoms(sent=0)
    request["D"] = 0
    fields = access('{"event.duration": "%(D)s000", "http.response.body.bytes": "%(B)s"}', request)
    assert (fields["event.duration"], fields["http.response.body.bytes"]) == (0, 0)


def test_an_extra_does_not_repeat_a_field_of_the_template() -> None:
    fields = access('{"url.path": "%(U)s"}', atoms(b"/ping"), extra={"url.path": "/forged"})
    assert (fields["url.path"], fields["labels.url.path"]) == ("/ping", "/forged")
