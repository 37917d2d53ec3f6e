"""Log lines for people at a terminal: readable.py behind `make logs`, and ship.py's --echo."""

import json
import os
import pty
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.syslog.rsyslog import Rsyslog, contract_line, until
from tests.syslog.shipping import SHIP, Shipping, Sink, shipped

LOGS = Path(__file__).parents[2] / "native" / "logs"
READABLE = SHIP.with_name("readable.py")
LINE = {
    "@timestamp": "2026-11-22T10:00:00.123456Z",
    "log.level": "warning",
    "message": "GET /ping 200",
    "event.dataset": "bs-whatweb.access",
    "http.request.id": "demo-1",
}
SHOWN = "10:00:00.123 warning  bs-whatweb.access  GET /ping 200  demo-1\n"


def readable(data: bytes, **env: str) -> str:
    done = subprocess.run(
        [sys.executable, READABLE], input=data, env={**os.environ, **env}, capture_output=True, timeout=60, check=False
    )
    assert (done.returncode, done.stderr) == (0, b"")
    return done.stdout.decode()


def line(**fields: Any) -> bytes:
    return json.dumps({**LINE, **{name.replace("__", "."): value for name, value in fields.items()}}).encode() + b"\n"


def test_a_line_is_its_time_level_dataset_message_and_request() -> None:
    assert readable(line()) == SHOWN
    assert readable(line(http__request__id=None)) == SHOWN.replace("  demo-1", "")


def test_a_traceback_stands_below_its_line() -> None:
    assert readable(line(error__stack_trace="Traceback:\n  File\nKeyError: 'x'\n")) == (
        SHOWN + "    Traceback:\n      File\n    KeyError: 'x'\n"
    )


@pytest.mark.parametrize("locale", ["C", "C.UTF-8"])
@pytest.mark.parametrize(
    "text",
    [b"text", b"", b"{}", b"[1]", b"null", b'"x"', b"1e999", b'{"log.level":"info"}', b"naive \xc3\xa9", b'{"a'],
)
def test_what_is_no_log_line_is_shown_as_it_is(text: bytes, locale: str) -> None:
    assert readable(text + b"\n", LC_ALL=locale) == text.decode() + "\n"


@pytest.mark.parametrize("field", LINE)
@pytest.mark.parametrize("value", [None, 1, [], {"a": 1}, "x"])
def test_a_field_of_another_type_stops_nothing(field: str, value: object) -> None:
    assert readable(line(**{field: value}) + line()).endswith(SHOWN)


@pytest.mark.parametrize("text", [b"[" * 100_000, b'{"a":' * 100_000, b"9" * 100_000, b"\xff\xfe\xc3"])
def test_a_hostile_line_stops_nothing(text: bytes) -> None:
    assert readable(text + b"\n" + line()).endswith(SHOWN)


HOSTILE = "".join(
    map(chr, (*range(32), *range(127, 160), *range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x2028, 0xD800))
)


@pytest.mark.parametrize("field", [*LINE, "error.stack_trace"])
def test_nothing_that_a_client_sent_drives_the_terminal(field: str) -> None:
    shown = readable(line(**{field: "x" * 11 + "\x1b" + HOSTILE}))
    assert shown.replace("\n", "").isprintable()
    assert r"\x1b" in shown


def test_nothing_in_other_text_drives_the_terminal() -> None:
    assert readable(b"a\x1b[2J\r\x00\xff\xe2\x80\xae\n") == "a\\x1b[2J\\r\\x00\\\\xff\\u202e\n".replace("\\\\", "\\")


def test_a_terminal_gets_colours() -> None:
    reader, terminal = pty.openpty()
    with os.fdopen(reader, "rb", buffering=0) as screen:
        subprocess.run([sys.executable, READABLE], input=line(), stdout=terminal, timeout=60, check=True)
        os.close(terminal)
        assert screen.read(1000).decode() == f"\x1b[33m{SHOWN.strip()}\x1b[0m\r\n"


def test_a_reader_that_has_seen_enough_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "lines").write_bytes(line() * 10_000)
    command = f"{sys.executable} {READABLE} < {tmp_path}/lines | head -n 1"
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, timeout=60, check=True)
    assert (done.stdout, done.stderr) == (SHOWN, "")


# --- make logs ----------------------------------------------------------------------------------------


def test_logs_of_two_services_come_in_order_of_time_and_go_on(tmp_path: Path) -> None:
    today = f"{datetime.now(UTC):%F}.jsonl"
    for service, seconds in (("bs-bill", (1, 3, 5)), ("bs-shop", (2, 4, 6))):
        (tmp_path / service).mkdir()
        (tmp_path / service / today).write_bytes(b"".join(map(at, seconds)))
    with subprocess.Popen([LOGS, tmp_path], stdout=subprocess.PIPE, start_new_session=True) as process:
        try:
            assert process.stdout
            assert [process.stdout.readline()[6:8] for _ in range(6)] == [b"01", b"02", b"03", b"04", b"05", b"06"]
            with (tmp_path / "bs-bill" / today).open("ab") as file:
                file.write(at(7))
            assert process.stdout.readline().startswith(b"10:00:07")
        finally:
            os.killpg(process.pid, signal.SIGTERM)


def test_logs_of_other_days_only_are_said_to_be_none_of_today(tmp_path: Path) -> None:
    (tmp_path / "bs-shop").mkdir()
    (tmp_path / "bs-shop" / "2020-01-01.jsonl").write_bytes(line())
    done = subprocess.run([LOGS, tmp_path], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert "No lines of today (UTC)" in done.stderr


def at(second: int) -> bytes:
    return line(**{"@timestamp": f"2026-11-22T10:00:{second:02}.000000Z"})


# --- ship.py --echo -----------------------------------------------------------------------------------


def test_echo_shows_each_stream_on_its_own_and_sends_the_lines_as_they_were() -> None:
    with Sink() as sink:
        done = shipped(sink.port, "sh", "-c", "cat; printf 'a\\033[2J' >&2", data=line(), echo=True)
    assert (done.stdout.decode(), done.stderr.decode()) == (SHOWN, "a\\x1b[2J\n")
    assert sorted(sink.texts()) == sorted([line().rstrip(), b"a\x1b[2J"])


def test_without_echo_nothing_is_shown() -> None:
    with Sink() as sink:
        done = shipped(sink.port, "sh", "-c", "echo out; echo err >&2")
    assert (done.stdout, done.stderr) == (b"", b"")


def test_echo_shows_a_long_line_whole() -> None:
    with Sink() as sink:
        done = shipped(sink.port, data=b"x" * 300_000 + b"\n", echo=True)
    assert done.stdout.replace(b"\n", b"") == b"x" * 300_000


def test_echo_of_hostile_lines_stops_nothing() -> None:
    with Sink() as sink:
        done = shipped(sink.port, data=b"[" * 10_000 + b"\n" + line(), echo=True)
    assert done.stdout.decode().endswith(SHOWN)
    assert sink.texts()[-1] == line().rstrip()


def test_lines_go_on_when_nobody_reads_what_ship_says(central: Rsyslog) -> None:
    with Shipping(central.port, echo=True) as shipping:
        assert shipping.process.stdout
        assert shipping.process.stderr
        shipping.process.stdout.close()
        shipping.process.stderr.close()
        shipping.write(contract_line(1) + b"\n")
        until(central.archived, "the first line is not sent")
        central.stop()
        shipping.write(contract_line(2) + b"\n")
        with pytest.raises(subprocess.TimeoutExpired):
            shipping.process.wait(2)  # by now it has said that it holds the lines
        central.start()
        assert shipping.process.stdin
        shipping.process.stdin.close()
        assert shipping.process.wait(30) == 0
    assert len(central.archived()) == 2
