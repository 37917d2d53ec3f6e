"""What is lost on the way is exactly what the audit says: the sender's own copy beside `logdesk audit`."""

import json
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.stack.running import ROOT
from tests.syslog.rsyslog import Rsyslog, until
from tests.syslog.shipping import Shipping

# Logs as the service does, about 2 000 lines a second, until it is told to end; what it writes, it keeps in a file.
PROGRAM = """
import logging, signal, sys, time
from project.api.utils.lifecycle import log_end
from project.api.utils.logger import JSONFormatter

copy = open(sys.argv[1], "w", buffering=1)

class Both(logging.Handler):
    def emit(self, record):
        line = self.format(record) + "\\n"
        copy.write(line)
        sys.stdout.write(line)
        sys.stdout.flush()

both = Both()
both.setFormatter(JSONFormatter(fields={"service.name": "svc"}))
logging.basicConfig(level=logging.INFO, handlers=[both])
told = []
signal.signal(signal.SIGTERM, lambda *_: told.append(True))
while not told:
    logging.info("at work")
    time.sleep(0.0005)
log_end()
"""


class Sender:
    """The program behind ship.py, under load."""

    def __init__(self, shipping: Shipping, copy: Path) -> None:
        self.shipping, self.copy = shipping, copy

    def sent(self) -> list[int]:
        """The numbers of the lines that the program wrote, complete when it has ended."""
        return [json.loads(line)["event.sequence"] for line in self.copy.read_text().split("\n")[:-1]]

    def writes(self, lines: int) -> None:
        """Waits for so many more."""
        already = self.copy.read_bytes().count(b"\n")
        until(lambda: self.copy.read_bytes().count(b"\n") >= already + lines, "the program doesn't write")

    def end(self) -> list[int]:
        self.shipping.process.send_signal(signal.SIGTERM)
        assert self.shipping.end().returncode == 0
        return self.sent()


@contextmanager
def sending(port: int, folder: Path) -> Iterator[Sender]:
    (folder / "program.py").write_text(PROGRAM)
    copy = folder / "copy"
    copy.touch()
    with Shipping(port, sys.executable, f"{folder}/program.py", str(copy)) as shipping:
        yield Sender(shipping, copy)


def audited(archive: Path, folder: Path) -> dict[str, Any]:
    """What the audit says of the one process, once its last line is indexed."""
    env = {**os.environ, "LOGDESK_ARCHIVE": str(archive), "LOGDESK_INDEX": str(folder / "index")}
    logdesk = (sys.executable, "-m", "logdesk")
    place = ROOT / "services" / "logdesk"
    with open(folder / "index.output", "wb") as output:
        indexer = subprocess.Popen([*logdesk, "index"], cwd=place, env=env, stdout=output, stderr=output)

    def audit() -> list[dict[str, Any]]:
        command = [*logdesk, "audit", "--json"]
        text = subprocess.run(command, cwd=place, env=env, capture_output=True, text=True, check=False).stdout
        return [process for process in map(json.loads, text.splitlines()) if process["ended"] == "cleanly"]

    try:
        (process,) = until(audit, "the audit doesn't know the end")
        return dict(process)
    finally:
        indexer.terminate()
        indexer.wait(20)


def assert_true(audit: dict[str, Any], sent: list[int], central: Rsyslog) -> None:
    """Each number against the sender's copy and the archive's lines."""
    arrived = Counter(record["event.sequence"] for record in central.records())
    assert sent == list(range(1, len(sent) + 1))
    assert audit["final"] == len(sent)
    assert audit["received"] == len(arrived)
    missing = [number for first, last in audit["missing"] for number in range(first, last + 1)]
    assert missing == [number for number in sent if number not in arrived]
    assert audit["missing_count"] == len(missing)
    assert audit["duplicates"] == arrived.total() - len(arrived)


@pytest.fixture
def formatter(monkeypatch: pytest.MonkeyPatch) -> None:
    """Our formatter for programs that a test starts."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT / "services" / "bs-whatweb"))


@pytest.mark.usefixtures("formatter")
def test_what_a_restart_of_syslog_under_load_loses_is_what_the_audit_says(tmp_path: Path) -> None:
    with Rsyslog(tmp_path) as central, sending(central.port, tmp_path) as sender:
        until(central.archived, "nothing arrives")
        for _ in range(3):
            sender.writes(500)
            assert central.stop() == 0  # the program goes on until its pipe is full
            central.start()
        sender.writes(500)
        sent = sender.end()
        assert_true(audited(central.archive, tmp_path), sent, central)


@pytest.mark.usefixtures("formatter")
def test_what_is_lost_with_a_killed_syslog_is_what_the_audit_says(tmp_path: Path) -> None:
    with Rsyslog(tmp_path) as central, sending(central.port, tmp_path) as sender:
        until(central.archived, "nothing arrives")
        os.kill(central.pid, signal.SIGSTOP)  # lines pile up in the socket, where TCP has acknowledged them
        sender.writes(200)
        central.kill()
        central.start()
        sender.writes(500)
        sent = sender.end()
        audit = audited(central.archive, tmp_path)
        assert audit["missing_count"] >= 150
        assert_true(audit, sent, central)


@pytest.mark.usefixtures("formatter")
def test_behind_a_relay_nothing_is_lost_while_the_central_is_killed_and_away(
    tmp_path: Path,
) -> None:
    with Rsyslog(tmp_path, relp=True) as central, Rsyslog(tmp_path, central) as relay:
        with sending(relay.port, tmp_path) as sender:
            until(central.archived, "nothing arrives")
            for _ in range(3):
                sender.writes(300)
                central.kill()  # after it wrote lines, perhaps before it acknowledged them
                sender.writes(300)
                central.start()
            sent = sender.end()
        until(lambda: sent[-1] in {record["event.sequence"] for record in central.records()}, "not all arrive", 40)
        audit = audited(central.archive, tmp_path)
        assert audit["missing_count"] == 0
        assert_true(audit, sent, central)
