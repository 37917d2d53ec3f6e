"""ship.py sends what Docker's syslog driver would send, and its program hardly notices."""

import signal
import socket
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.ports import free_port
from tests.syslog.rsyslog import Rsyslog
from tests.syslog.shipping import Shipping, Sink, ship, shipped


def test_a_line_is_the_message_that_dockers_driver_makes_of_it() -> None:
    before = datetime.now(UTC)
    with Sink() as sink:
        shipped(sink.port, "sh", "-c", "echo out; echo err >&2")
    err, out = sorted(sink.messages(), key=lambda message: str(message["text"]))
    assert (out["text"], out["pri"]) == (b"out", b"30"), "daemon.info"
    assert (err["text"], err["pri"]) == (b"err", b"27"), "daemon.err"
    for message in (out, err):
        assert (message["tag"], message["host"]) == (b"svc", socket.gethostname().encode())
        assert before <= datetime.fromisoformat(message["time"].decode()) <= datetime.now(UTC)


def test_the_archive_has_each_streams_lines_in_order_and_tells_them_apart(central: Rsyslog) -> None:
    shipped(central.port, "sh", "-c", "for n in $(seq 100); do echo out $n; echo err $n >&2; done")
    for severity, level, stream in ((6, "info", "out"), (3, "error", "err")):
        records = [r for r in central.records() if r["log.syslog.severity.code"] == severity]
        assert [record["message"] for record in records] == [f"{stream} {n}" for n in range(1, 101)]
        assert {record["log.level"] for record in records} == {level}


@pytest.mark.parametrize("size", [1, 16_383, 16_384, 16_385, 32_768, 40_000, 300_000])
def test_a_long_line_is_cut_where_docker_cuts_it(size: int) -> None:
    line = (b"0123456789" * size)[:size]
    with Sink() as sink:
        shipped(sink.port, data=b"before\n" + line + b"\nafter\n")
    assert sink.texts() == [b"before", *(line[at : at + 16_384] for at in range(0, size, 16_384)), b"after"]


def test_a_long_line_that_comes_in_small_parts_is_cut_the_same_way() -> None:
    code = "import os, time\nfor _ in range(40): os.write(1, b'x' * 1000), time.sleep(0.002)"
    with Sink() as sink:
        shipped(sink.port, sys.executable, "-c", code)
    assert [len(text) for text in sink.texts()] == [16_384, 16_384, 7_232]


def test_the_end_of_a_long_line_is_not_waited_for() -> None:
    with Sink() as sink, Shipping(sink.port) as shipping:
        shipping.write(b"x" * 20_000)
        sink.awaits(b"x" * 16_384 + b"\n")


def test_any_bytes_are_sent_as_they_are() -> None:
    line = bytes(code for code in range(256) if code != 10)
    with Sink() as sink:
        shipped(sink.port, data=line + b"\n" + line[::-1] + b"\n", echo=True)
    assert sink.texts() == [line, line[::-1]]


def test_an_empty_line_makes_no_message_and_the_last_line_needs_no_newline() -> None:
    with Sink() as sink:
        shipped(sink.port, data=b"\n\na\n\nb")
    assert sink.texts() == [b"a", b"b"]


def test_a_line_is_sent_when_it_is_written() -> None:
    with Sink() as sink, Shipping(sink.port) as shipping:
        for text in (b"first\n", b"second\n"):
            shipping.write(text)
            sink.awaits(text)


@pytest.mark.parametrize(("script", "code"), [("exit 0", 0), ("exit 7", 7), ("kill -9 $$", 137), ("kill $$", 143)])
def test_the_exit_code_is_the_programs(script: str, code: int) -> None:
    with Sink() as sink:
        done = shipped(sink.port, "sh", "-c", script)
    assert (done.returncode, done.stdout, done.stderr) == (code, b"", b"")


def test_arguments_reach_the_program_as_they_are() -> None:
    arguments = ["--tag", "-x", "--", "a b", "", "*", "--echo"]
    with Sink() as sink:
        shipped(sink.port, sys.executable, "-c", "import sys; print(sys.argv[1:])", *arguments)
    assert sink.texts() == [str(arguments).encode()]


def test_every_signal_reaches_the_program() -> None:
    names = ["HUP", "USR1", "USR2", "TTIN", "TTOU", "WINCH", "QUIT", "INT", "TERM"]
    code = f"""
import signal, sys
for name in {names}:
    signal.signal(getattr(signal, "SIG" + name), lambda number, _: print(signal.Signals(number).name, flush=True))
print("ready", flush=True)
sys.stdin.read()
"""
    with Sink() as sink, Shipping(sink.port, sys.executable, "-c", code) as shipping:
        sink.awaits(b"ready")
        for name in names:
            shipping.process.send_signal(getattr(signal, f"SIG{name}"))
            sink.awaits(f"SIG{name}\n".encode())


def test_a_program_that_cannot_be_started_is_named(tmp_path: Path) -> None:
    done = shipped(free_port(), f"{tmp_path}/none")
    assert done.returncode == 127
    assert done.stderr.decode() == f"ship: can't start {tmp_path}/none: No such file or directory\n"


@pytest.mark.parametrize(
    "address", ["127.0.0.1:5514", "udp://h:1", "tcp://h", "tcp://:5514", "tcp://h:99999", "tcp://h:x"]
)
def test_what_is_no_address_is_refused_with_an_example(address: str) -> None:
    done = subprocess.run(ship(address, "true"), capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert f"'{address}' is not an address; write tcp://127.0.0.1:5514" in done.stderr
