"""A relay keeps lines on disk until its central has them in the archive."""

import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from tests.syslog.rsyslog import Rsyslog, contract_line, identifiers, message, until


@pytest.fixture
def central(tmp_path: Path) -> Iterator[Rsyslog]:
    with Rsyslog(tmp_path, relp=True) as started:
        yield started


@pytest.fixture
def relay(tmp_path: Path, central: Rsyslog) -> Iterator[Rsyslog]:
    with Rsyslog(tmp_path, central) as started:
        yield started


class Load(threading.Thread):
    """Sends `count` lines, at most `per_second`, as a program that logs: one that was held doesn't hurry after it."""

    def __init__(self, port: int, count: int, per_second: float) -> None:
        super().__init__()
        self.port, self.count, self.per_second = port, count, per_second
        self.lines = [contract_line(n, size=650) for n in range(count)]
        self.start()

    def run(self) -> None:
        with socket.create_connection(("127.0.0.1", self.port), timeout=60) as sock:
            for line in self.lines:
                sock.sendall(message(line))
                time.sleep(1 / self.per_second)
            sock.shutdown(socket.SHUT_WR)
            sock.recv(1)  # closed when everything is read


def assert_all_arrive(central: Rsyslog, lines: list[bytes]) -> None:
    want = set(identifiers(lines))
    until(lambda: want <= set(identifiers(central.archived())), "not all lines arrived", 40)


def queued_bytes(relay: Rsyslog) -> int:
    return sum(path.stat().st_size for path in relay.queue.iterdir())


def behind(record: dict[str, Any]) -> str:
    """What must be the same on both ways: all but the time of receipt, and what the way's header said."""
    return str({key: value for key, value in record.items() if key not in ("event.ingested", "event.original")})


def test_a_relayed_message_stands_in_the_archive_as_a_direct_one(central: Rsyslog, relay: Rsyslog) -> None:
    payloads = [contract_line(1), b'{"a":1}', b"text", b" text", b"a\x1bb\tc", b"x" * 20_000]
    messages = [message(payload, tag=tag, priority=27) for payload in payloads for tag in (b"svc", b"../x")]
    messages += [b"<28>Nov 22 10:00:00 host svc: %b\n" % payload for payload in payloads]
    for sink in (relay, central):
        sink.send(*messages)
    for service, count in (("svc", 2 * len(payloads)), ("_other", len(payloads))):
        until(lambda name=service, all=count: len(central.archived(name)) == 2 * all, "not all arrived")  # type: ignore[misc]
        shown = Counter(behind(record) for record in central.records(service))
        assert set(shown.values()) == {2}


@pytest.mark.parametrize("end", ["stop", "kill"])
def test_no_line_is_lost_while_the_central_is_away(central: Rsyslog, relay: Rsyslog, end: str) -> None:
    load = Load(relay.port, 6000, per_second=2000)
    until((central.archive / "svc").exists, "nothing arrives")
    getattr(central, end)()
    until(lambda: queued_bytes(relay) > 500_000, "the relay doesn't queue")
    central.start()
    load.join()
    assert_all_arrive(central, load.lines)
    doubled = len(central.archived()) - len(load.lines)
    assert 0 <= doubled <= 1000  # the window


def test_what_waits_survives_the_relays_own_restart(central: Rsyslog, relay: Rsyslog) -> None:
    central.stop()
    relay.stop()
    relay.start()  # without a connection, so nothing is on its way: that only is in memory
    load = Load(relay.port, 3000, per_second=1e9)
    load.join()
    assert relay.stop() == 0
    relay.start()
    central.start()
    assert_all_arrive(central, load.lines)


def test_kill_9_of_the_relay_loses_at_most_the_lines_since_its_last_checkpoint(
    central: Rsyslog, relay: Rsyslog
) -> None:
    central.stop()
    load = Load(relay.port, 3000, per_second=1e9)
    load.join()
    relay.kill()
    relay.start()
    central.start()
    until(lambda: len(set(identifiers(central.archived()))) >= 2900, "more than a checkpoint is missing", 40)


def test_a_full_queue_blocks_the_senders_and_goes_on_when_the_central_returns(tmp_path: Path, central: Rsyslog) -> None:
    with Rsyslog(tmp_path, central, SYSLOG_QUEUE_LINES="2000") as relay:
        central.stop()
        load = Load(relay.port, 20_000, per_second=1e9)
        until(lambda: queued_bytes(relay) > 1_200_000, "the relay doesn't queue")
        load.join(1)
        assert load.is_alive()
        assert queued_bytes(relay) < 8_000_000  # of 24
        central.start()
        load.join(40)
        assert not load.is_alive()
        assert_all_arrive(central, load.lines)


def test_a_nearly_full_disk_holds_a_relay_until_its_central_is_back(
    tmp_path: Path, central: Rsyslog, small_disk: Path
) -> None:
    with Rsyslog(tmp_path, central, SYSLOG_QUEUE_DIR=str(small_disk / "queue"), SYSLOG_MIN_FREE_MB="6") as relay:
        central.stop()
        load = Load(relay.port, 8000, per_second=1000)  # 9 MB
        until(lambda: "holding all lines" in relay.output(), "it doesn't hold")
        load.join(1)
        assert load.is_alive()
        central.start()
        load.join(40)
        assert_all_arrive(central, load.lines)
        assert "write error" not in relay.output()


def test_a_relay_whose_queue_is_damaged_ends_instead_of_throwing_lines_away(central: Rsyslog, relay: Rsyslog) -> None:
    central.stop()
    relay.send(message(contract_line(1)))
    relay.stop()
    (relay.queue / "hand_over.qi").write_text("damaged")
    with suppress(AssertionError):  # it may have begun to listen, or not
        relay.start()
    assert relay.process.wait(20) == 1
    assert f"the queue in {relay.queue} is damaged: move its files away" in relay.output()


def test_a_relay_says_what_it_needs(tmp_path: Path) -> None:
    relay = Rsyslog(tmp_path)
    relay.role = "relay"
    with pytest.raises(AssertionError, match="SYSLOG_CENTRAL_ADDRESS"):
        relay.start()
