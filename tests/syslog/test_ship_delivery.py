"""ship.py loses no line that it can know of: bursts, ends, and a syslog that is slow, away or gone."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.ports import free_port
from tests.syslog.rsyslog import Rsyslog, contract_line, identifiers, until
from tests.syslog.shipping import Shipping, Sink, shipped

BURST = 20_000
# Numbers on stdout until it is told to end, about 5 000 a second; then it says how many there were.
COUNTING = """
import signal, time
told = []
signal.signal(signal.SIGTERM, lambda *_: told.append(1))
n = 0
while not told:
    print(*range(n, n + 50), sep="\\n", flush=True)
    n += 50
    time.sleep(0.01)
print("last", n)
"""
# Never ends while it can't write.
FLOODING = """
import signal, sys
told = []
signal.signal(signal.SIGTERM, lambda *_: told.append(1))
while not told: print("x" * 1000)
sys.exit(5)
"""


def test_a_burst_arrives_whole_and_in_order(central: Rsyslog) -> None:
    lines = [contract_line(n, size=650) for n in range(BURST)]
    assert shipped(central.port, data=b"".join(line + b"\n" for line in lines)).returncode == 0
    assert identifiers(central.archived()) == identifiers(lines)


def test_what_the_program_says_after_sigterm_is_in_the_archive_when_ship_has_ended(central: Rsyslog) -> None:
    program = "trap 'seq 5000; exit 3' TERM; echo ready; while :; do sleep 0.01; done"
    with Shipping(central.port, "sh", "-c", program) as shipping:
        until(central.archived, "it doesn't start")
        shipping.process.send_signal(signal.SIGTERM)
        assert shipping.end().returncode == 3
    assert [record["message"] for record in central.records()] == ["ready", *map(str, range(1, 5001))]


def test_lines_written_while_syslog_is_away_arrive_when_it_is_back(central: Rsyslog) -> None:
    with Shipping(central.port) as shipping:
        shipping.write(b"before\n")
        until(central.archived, "nothing arrives")
        central.stop()
        shipping.write(b"while away\n")
        shipping.says(f"syslog at 127.0.0.1:{central.port} is away")
        shipping.write(b"too\n")
        central.start()
        shipping.says("syslog is back after")
        assert shipping.end().returncode == 0
        assert [record["message"] for record in central.records()] == ["before", "while away", "too"]


def test_a_syslog_that_starts_later_gets_everything(tmp_path: Path) -> None:
    central = Rsyslog(tmp_path)
    with Shipping(central.port) as shipping:
        shipping.write(b"early\n" * 1000)
        shipping.says("is away")
        with central:
            assert shipping.end().returncode == 0
            assert len(central.archived()) == 1000


def test_a_restart_of_syslog_under_load_loses_at_most_what_tcp_had_taken(central: Rsyslog) -> None:
    with Shipping(central.port, sys.executable, "-c", COUNTING) as shipping:
        until(lambda: len(central.archived()) > 1000, "nothing arrives")
        central.stop()
        central.start()
        seen = len(central.archived())
        until(lambda: len(central.archived()) > seen + 1000, "it doesn't go on")
        shipping.process.send_signal(signal.SIGTERM)
        assert shipping.end().returncode == 0
        *texts, last = [record["message"] for record in central.records()]
        numbers = [int(text) for text in texts]
        assert numbers == sorted(set(numbers)), "none twice, none torn, in order"
        missing = sorted(set(range(int(last.removeprefix("last ")))) - set(numbers))
        assert missing == [] or missing == list(range(missing[0], missing[-1] + 1)), "one gap"


def test_after_a_broken_connection_the_next_begins_with_the_message_that_was_cut() -> None:
    lines = [b"%d " % n + b"x" * 650 for n in range(BURST)]
    with Sink(breaks_after=1_000_000) as sink:
        done = shipped(sink.port, data=b"".join(line + b"\n" for line in lines))
    assert (done.returncode, done.stderr) == (0, b"")
    assert len(sink.received) == 2
    assert set(sink.texts()) <= set(lines)
    received = [int(text.split()[0]) for text in sink.texts()]
    assert received == sorted(set(received))
    assert received[-1] == BURST - 1
    before = sink.received[0].count(b"\n")
    assert received[:before] == list(range(before))
    assert received[before:] == list(range(received[before], BURST))


def test_a_slow_syslog_slows_the_program_and_no_line_is_dropped_or_kept_in_memory() -> None:
    line, size = "0123456789" * 20, 30_000_000  # more than the kernel's buffers hold
    with Sink() as sink:
        sink.reading.clear()
        with Shipping(sink.port, "sh", "-c", f"yes {line} | head -c {size}") as shipping:
            until(lambda: sink.received, "it doesn't connect")
            with pytest.raises(subprocess.TimeoutExpired):
                shipping.process.wait(1)  # unhindered, it takes less
            status = Path(f"/proc/{shipping.process.pid}/status").read_text()
            assert int(status.partition("VmHWM:")[2].split()[0]) < 60_000, "kB"
            sink.reading.set()
            assert shipping.end().returncode == 0
        assert sink.texts().count(line.encode()) == size // 201


def test_a_syslog_that_never_comes_back_is_given_up_at_the_end_with_a_count() -> None:
    done = shipped(free_port(), "sh", "-c", "echo 1; echo 2; echo 3; exit 7")
    assert done.returncode == 7
    assert done.stderr.endswith(b"ship: syslog did not come back: 3 lines were not sent\n")


def test_a_program_that_is_blocked_by_a_syslog_that_is_away_can_still_be_ended() -> None:
    with Shipping(free_port(), sys.executable, "-c", FLOODING) as shipping:
        shipping.says("is away")
        shipping.process.send_signal(signal.SIGTERM)
        done = shipping.end()
        assert done.returncode == 5
        assert b"syslog did not come back: " in done.stderr


def test_a_syslog_that_does_not_read_the_end_is_reported() -> None:
    with Sink() as sink:
        sink.reading.clear()
        done = shipped(sink.port, data=b"text\n")
        assert done.stderr == b"ship: syslog may not have read the last lines: timed out\n"
