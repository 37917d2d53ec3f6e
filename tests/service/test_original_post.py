"""The original post's configuration, as it stands in fixtures/post.

The one change it needs: its first INI file lacks the `[logger_root]` section that fileConfig requires. What the third
one's Sentry handler sends is tested in tests/errors/test_post_ini.py.
"""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.service.atoms import atoms
from tests.service.lines import STATIC_JSON, check_line, formatter, normalised, record
from tests.service.post import FILES, TEMPLATE
from tests.service.programs import run


def access_line(request: Any) -> str:
    return formatter().format(record(TEMPLATE, request, name="gunicorn.access"))


def test_the_posts_access_line_keeps_the_posts_keys() -> None:
    request = atoms(b"/ping?x=1", {"content-type": b"text/plain", "content-length": b"5", "user-agent": b"curl/8"})
    request["t"] = "[07/Nov/2019:10:00:00 +0800]"
    assert normalised(access_line(request)) == (
        '{"@timestamp":"2023-11-14T22:13:20.250000Z","log.level":"info","message":"GET /ping 200",'
        '"request_address":"192.0.2.7","request_time":"[07/Nov/2019:10:00:00 +0800]",'
        '"request":"GET /ping?x=1 HTTP/1.1","http_status_code":200,"http_request_url":"/ping",'
        '"http_query_string":"x=1",'
        '"request_headers":{"content-type":"text/plain","content-length":5,"user-agent":"curl/8"},'
        f'{STATIC_JSON},"event.dataset":"shop.access",<numbered>}}'
    )


def test_what_a_request_lacks_is_gunicorns_hyphen() -> None:
    headers = check_line(access_line(atoms()))["request_headers"]
    assert headers == {"content-type": "-", "content-length": "-", "user-agent": "-"}


@pytest.mark.parametrize(
    "agent", [b'a"b', b"a\\", b"a\tb", b'"}},{"forged":1', b"\xff", "€".encode(), b"\x1b[31m", b"%s"]
)
def test_what_broke_the_posts_line_no_longer_does(agent: bytes) -> None:
    fields = check_line(access_line(atoms(b"/%0A%7B%22forged%22:1%7D%00", {"user-agent": agent})))
    assert fields["request_headers"]["user-agent"] == agent.decode("utf-8", "backslashreplace")
    assert fields["http_request_url"] == '/\n{"forged":1}\0'
    assert "forged" not in fields


@settings(deadline=None)
@given(st.binary(), st.binary(), st.binary())
def test_any_request_makes_one_valid_line(target: bytes, agent: bytes, kind: bytes) -> None:
    check_line(access_line(atoms(b"/" + target, {"user-agent": agent, "content-type": kind})))


def test_secrets_do_not_show_in_the_posts_line() -> None:
    line = access_line(atoms(b"/?password=s3cret&u=http%3A%2F%2Fx%3Ftoken%3Ds3cret"))
    assert "s3cret" not in line
    assert check_line(line)["request"] == "GET /?password=[REDACTED]&u=http%3A%2F%2Fx%3Ftoken%3D[REDACTED] HTTP/1.1"


MISSING = """
[logger_root]
handlers = access
"""
LOGGING = """
import logging, logging.config
logging.config.fileConfig("log.ini")
logging.getLogger("shop").error("from the application")
logging.getLogger("shop").info("not shown")
logging.getLogger("gunicorn.error").error("from gunicorn")
logging.getLogger("gunicorn.error").warning("of gunicorn")
logging.getLogger("gunicorn.access").info("%(U)s", {"U": "/ping"})
"""


def test_the_first_file_needs_its_root_logger_and_writes_text_to_stdout(tmp_path: Path) -> None:
    first = (FILES / "first.conf").read_text()
    (tmp_path / "log.ini").write_text(first)
    assert "KeyError: 'logger_root'" in run(LOGGING, tmp_path, code_expected=1).stderr
    (tmp_path / "log.ini").write_text(first + MISSING)
    done = run(LOGGING, tmp_path)
    assert done.stdout.splitlines() == [
        "[whatweb][ERROR] [shop]: from the application",
        "[whatweb][ERROR] [gunicorn.error]: from gunicorn",
        "[whatweb][WARNING] [gunicorn.error]: of gunicorn",
    ]
    assert done.stderr == ""


@pytest.mark.parametrize("name", ["second.conf", "third.conf"])
def test_the_other_files_write_json_access_lines_to_stdout_and_errors_to_stderr(name: str, tmp_path: Path) -> None:
    (tmp_path / "log.ini").write_bytes((FILES / name).read_bytes())
    done = run(LOGGING, tmp_path, SERVICE_NAME="bs-whatweb")
    out, err = ([check_line(line) for line in text.splitlines()] for text in (done.stdout, done.stderr))
    assert [(line["message"], line["event.dataset"]) for line in out] == [("/ping", "bs-whatweb.access")]
    assert [(line["message"], line["event.dataset"]) for line in err] == [
        ("from the application", "bs-whatweb.app"),
        ("from gunicorn", "bs-whatweb.error"),
    ]
