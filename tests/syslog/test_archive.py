"""What comes in as a syslog message stands in the archive as one line of JSON, in its service's file of the day."""

import json
import os
import re
import shutil
import socket
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.syslog.rsyslog import RUN, Rsyslog, contract_line, identifiers, message, until

METADATA = re.compile(
    rb'\{"event\.ingested":"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z)",'
    rb'"log\.syslog\.hostname":"host","log\.syslog\.severity\.code":(\d),'
)


def behind_metadata(line: bytes) -> bytes:
    """The archive line's payload as it was sent, but for the brace that opens it."""
    found = METADATA.match(line)
    assert found, line[:200]
    return line[found.end() :]


def test_a_message_of_docker_byte_by_byte_becomes_one_line_of_the_day_in_its_service(central: Rsyslog) -> None:
    payload = b'{"@timestamp":"2026-11-22T23:52:01.123456Z","log.level":"info","message":"hi"}'
    before = datetime.now(UTC)
    central.send(b"<30>1 2026-11-22T23:52:01.123456Z vm bs-whatweb 4512 bs-whatweb - " + payload + b"\n")
    after = datetime.now(UTC)
    (file,) = (central.archive / "bs-whatweb").iterdir()
    (line,) = central.archived("bs-whatweb")
    record = json.loads(line)
    received = datetime.fromisoformat(record["event.ingested"])
    assert before <= received <= after
    assert file.name == f"{received:%Y-%m-%d}.jsonl"
    assert line == (
        b'{"event.ingested":"%b","log.syslog.hostname":"vm","log.syslog.severity.code":6,'
        % record["event.ingested"].encode()
        + payload[1:]
    )


def test_a_contract_line_keeps_its_bytes(central: Rsyslog) -> None:
    every_character = "".join(map(chr, (*range(0x20, 0xD800), *range(0xE000, 0x10000), *range(0x1F300, 0x1F700))))
    payloads = [
        json.dumps({"@timestamp": "t", "message": part}, separators=(",", ":"), ensure_ascii=False).encode()
        for part in (every_character[at : at + 4000] for at in range(0, len(every_character), 4000))
    ]
    payloads += [contract_line(1, size=16_000), b'{"@timestamp":"1.0","n":1e400,"big":123456789012345678901234567890}']
    central.send(*map(message, payloads))
    assert [behind_metadata(line) for line in central.archived()] == [payload[1:] for payload in payloads]


def test_stderr_is_told_from_stdout_by_the_severity(central: Rsyslog) -> None:
    central.send(message(contract_line(1), priority=30), message(contract_line(2), priority=27))
    assert [record["log.syslog.severity.code"] for record in central.records()] == [6, 3]


def test_another_json_object_keeps_its_bytes(central: Rsyslog) -> None:
    payloads = [b'{"a":1}', b'{ "a" : 1.00}', b'{"level":"info","msg":"\\u00e9 \xc3\xa9"}', b'{"":{"x":[{}]}}']
    central.send(*map(message, payloads))
    assert [behind_metadata(line) for line in central.archived()] == [payload[1:] for payload in payloads]


NO_OBJECTS = (
    *(
        b"Traceback (most recent call last):",
        b'plain "text" with \\ and /',
        b"a\ttab",
        b"  indented ",
        "naïve ✓ 😀".encode(),
    ),
    *(b"{}", b"{ }", b"{", b"}", b'"', b"[1]", b"null", b"{'a':1}", b'{"a":1}{"b":2}'),
    *(b'{"a":"raw\ttab"}', b'{"@timestamp":"raw\ttab"}', b'{"a":"cut off', b'{"@timestamp":"cut off'),
    *(b'[x@1 y="z"]', b"<30>1 2026-11-22T23:52:01Z host forged 1 - - hi", b"%s %n $msg `id` %msg%"),
)


def test_what_is_no_object_is_wrapped_with_its_text_and_the_senders_time(central: Rsyslog) -> None:
    central.send(*(message(payload, priority=27) for payload in NO_OBJECTS))
    assert [{**record, "event.ingested": ""} for record in central.records()] == [
        {
            "event.ingested": "",
            "@timestamp": "2026-11-22T23:52:01.123456Z",
            "event.kind": "pipeline_error",
            "log.level": "error",
            "log.syslog.hostname": "host",
            "log.syslog.severity.code": 3,
            "message": payload.decode(),
            "service.name": "svc",
        }
        for payload in NO_OBJECTS
    ]


def test_every_severity_has_the_level_that_our_lines_call_it(central: Rsyslog) -> None:
    central.send(*(message(b"text", priority=24 + severity) for severity in range(8)))
    assert [record["log.level"] for record in central.records()] == [
        "emerg",
        "alert",
        "critical",
        "error",
        "warning",
        "notice",
        "info",
        "debug",
    ]


def test_the_time_of_wrapped_text_is_utc(central: Rsyslog) -> None:
    times = {
        b"2026-11-22T23:52:01.12Z": "2026-11-22T23:52:01.12Z",
        b"2026-11-22T23:52:01Z": "2026-11-22T23:52:01Z",
        b"2026-11-22T23:52:01.000001+02:00": "2026-11-22T21:52:01.000001Z",
    }
    central.send(*(b"<30>1 %b host svc 77 svc - text\n" % sent for sent in times))
    assert [record["@timestamp"] for record in central.records()] == list(times.values())


def test_a_terminals_line_end_is_no_part_of_the_line(central: Rsyslog) -> None:
    central.send(message(contract_line(1) + b"\r"), message(b"text\r"), message(b"\r"))
    first, *texts = central.archived()
    assert behind_metadata(first) == contract_line(1)[1:]
    assert [json.loads(text)["message"] for text in texts] == ["text", ""]


HOSTILE_TAGS = (
    *(b"../../etc", b"..", b".", b"...", b"-", b"", b"a/b", b"/etc/passwd", b"a\\b", b".hidden", b"_other"),
    *(b"Upper", b"a" * 65, b"a" * 300, b"a\0b", "größe".encode(), b"\xff\xfe", b'a"b', b"a\x1b[31m", b"a\rb"),
    *(b"a%2fb", b"%msg%"),
)


def test_a_hostile_service_name_stays_a_value_in_one_shared_folder(central: Rsyslog) -> None:
    central.send(*(message(payload, tag) for tag in HOSTILE_TAGS for payload in (contract_line(1), b"text")))
    assert central.services() == {"_other"}
    assert {path.name for path in central.folder.iterdir()} == {"archive", "central.output"}
    records = central.records("_other")
    assert len(records) == 2 * len(HOSTILE_TAGS)
    for position, record in enumerate(records):
        tag = HOSTILE_TAGS[position // 2]
        shown = re.sub(rb"[\0-\x1f]", lambda control: b"#%03o" % ord(control[0]), tag).decode(errors="replace")
        usable = 0 < len(shown) < 256 and shown.isascii()
        assert record["log.syslog.appname"] == (shown if usable else "-")


def test_a_service_of_the_pattern_has_its_own_folder(central: Rsyslog) -> None:
    tags = [b"a", b"0", b"bs-whatweb", b"a..b", b"a.b_c-d", b"a" * 64, b"rsyslogd2"]
    central.send(*(message(payload, tag) for tag in tags for payload in (contract_line(1), b"text")))
    assert central.services() == {tag.decode() for tag in tags}
    assert [len(central.archived(tag.decode())) for tag in tags] == [2] * len(tags)


def test_a_hostile_host_name_makes_no_invalid_line(central: Rsyslog) -> None:
    hosts = [b'","x":"', b"\xff", "größe".encode(), b"h" * 300, b"..", b"a\tb"]
    central.send(*(message(contract_line(1), hostname=host) for host in hosts))
    assert [record["log.syslog.hostname"] for record in central.records()] == ["-", "-", "-", "-", "..", "-"]


def test_control_characters_can_neither_break_a_line_nor_drive_a_terminal(central: Rsyslog) -> None:
    controls = bytes(code for code in range(32) if code not in b"\t\n")
    central.send(message(b"a" + controls + b"b"), message(b'{"a":"' + controls + b'"}'))
    assert len(central.archived()) == 2
    (file,) = (central.archive / "svc").iterdir()
    assert not set(file.read_bytes()) & set(range(32)) - {10}
    assert central.records()[0]["message"] == "a" + "".join(f"#{code:03o}" for code in controls) + "b"


def test_bytes_that_are_not_utf_8_become_question_marks(central: Rsyslog) -> None:
    bad = [b"\xff", b"\xc3", b"\xed\xa0\x80", b"\xc0\xaf", b"\xf4\x90\x80\x80", b"\x80"]
    payloads = [template % part for template in (b'{"@timestamp":"%b"}', b'{"a":"%b"}', b"text %b.") for part in bad]
    central.send(*map(message, payloads))
    assert len(central.archived()) == len(payloads)
    for record in central.records():
        text = record.get("@timestamp") if "message" not in record else record["message"]
        assert set(str(record.get("a", text)).removeprefix("text ").removesuffix(".")) == {"?"}


def test_a_line_over_the_limit_is_cut_and_the_next_is_whole(central: Rsyslog) -> None:
    central.send(
        message(b"x" * 300_000), message(contract_line(1)), message(b'{"@timestamp":"' + b"y" * 300_000 + b'"}')
    )
    assert central.services() == {"svc"}
    text, line, broken = central.archived()
    assert json.loads(text)["message"] == "x" * len(json.loads(text)["message"])
    assert 60_000 < len(text) < 66_000
    assert behind_metadata(line) == contract_line(1)[1:]
    assert json.loads(broken)["message"].startswith('{"@timestamp":"yyy')


def test_the_pieces_that_docker_makes_of_a_long_line_are_text(central: Rsyslog) -> None:
    """Docker cuts at 16 384 bytes without a mark; a piece may end as an object does."""
    long = b'{"@timestamp":"' + b"x" * 16_356 + b'","a":{"b":1}' + b"y" * 16_384 + b'"}'
    assert long[:16_384].endswith(b"}")
    central.send(*(message(long[at : at + 16_384]) for at in range(0, len(long), 16_384)))
    assert "".join(record["message"] for record in central.records()) == long.decode()


def test_junk_that_begins_with_a_digit_does_not_swallow_the_next_message(central: Rsyslog) -> None:
    junk = [b"123 hello world", b"99999999999 x", b"1", b"0 0 0"]
    central.send(*(line + b"\n" + message(contract_line(n)) for n, line in enumerate(junk)))
    assert identifiers(central.archived()) == identifiers(contract_line(n) for n in range(len(junk)))


def test_a_line_that_is_no_syslog_message_is_kept_as_it_came(central: Rsyslog) -> None:
    lines = [b"GET / HTTP/1.1", b"hello", b"hello world and all", b"<30>hello", b"<999>1 x", b"\x16\x03\x01"]
    central.send(*(line + b"\n" for line in lines))
    records = [record for service in central.services() for record in central.records(service)]
    assert {record["event.kind"] for record in records} == {"pipeline_error"}
    assert sorted(record["event.original"] for record in records) == sorted(
        line.decode() if line.isascii() and line[0] > 31 else "#026#003#001" for line in lines
    )


def test_rfc_3164_is_understood(central: Rsyslog) -> None:
    line = contract_line(1)
    central.send(b"<30>Nov 22 10:00:00 host svc[12]: " + line + b"\n", b"<28>Nov 22 10:00:00 host svc: text\n")
    first, second = central.archived()
    assert behind_metadata(first) == line[1:]
    assert json.loads(second)["message"] == "text"
    assert json.loads(second)["log.level"] == "warning"


def test_a_last_message_without_its_line_feed_is_kept(central: Rsyslog) -> None:
    central.send(message(contract_line(1)), message(contract_line(2))[:-1])
    assert identifiers(central.archived()) == identifiers([contract_line(1), contract_line(2)])


@pytest.mark.parametrize("connections", [1, 8])
def test_every_line_of_many_arrives_once_whole_and_in_order(central: Rsyslog, connections: int) -> None:
    each = 20_000 // connections
    sent = [[contract_line(n, f"{c:016x}", size=650) for n in range(each)] for c in range(connections)]
    with ThreadPoolExecutor(connections) as pool:
        list(pool.map(lambda lines: central.send(*map(message, lines)), sent))
    got: dict[str, list[str]] = {}
    for record in central.records():
        got.setdefault(record["process.entity_id"], []).append(record["event.id"])
    assert sorted(got.values()) == sorted(identifiers(lines) for lines in sent)


def test_a_line_is_in_the_archive_before_the_next_is_sent(central: Rsyslog) -> None:
    with socket.create_connection(("127.0.0.1", central.port)) as sock:
        for n in range(20):
            sock.sendall(message(contract_line(n)))
            until(lambda n=n: (central.archive / "svc").exists() and len(central.archived()) == n + 1, "no line")  # type: ignore[misc]


def test_kill_9_loses_no_line_that_was_read_and_tears_none(tmp_path: Path) -> None:
    with Rsyslog(tmp_path) as central:
        central.send(*(message(contract_line(n)) for n in range(5000)))
        central.kill()
        central.start()
        central.send(message(contract_line(5000)))
        assert identifiers(central.archived()) == identifiers(contract_line(n) for n in range(5001))


def test_sigterm_under_load_leaves_whole_lines_without_a_gap(central: Rsyslog) -> None:
    with socket.create_connection(("127.0.0.1", central.port)) as sock:
        sock.sendall(b"".join(message(contract_line(n, size=650)) for n in range(2000)))
        until((central.archive / "svc").exists, "no line")
        assert central.stop() == 0
    got = identifiers(central.archived())
    assert got == identifiers(contract_line(n) for n in range(len(got)))


def test_the_starts_and_stops_of_rsyslogd_are_in_the_archive(central: Rsyslog) -> None:
    assert central.stop() == 0
    records = central.records("rsyslogd")
    assert [record["message"].rpartition("] ")[2] for record in records] == ["start", "exiting on signal 15."]
    assert {record["service.name"] for record in records} == {"rsyslogd"}
    assert {record["log.level"] for record in records} == {"info"}


def test_sighup_continues_in_a_new_file_after_one_was_moved_away(central: Rsyslog) -> None:
    central.send(message(contract_line(1)))
    (file,) = (central.archive / "svc").iterdir()
    file.rename(central.folder / "moved")
    os.kill(central.process.pid, 1)
    until(lambda: "HUP" in "".join(r["message"] for r in central.records("rsyslogd")), "no word of the HUP")
    central.send(message(contract_line(2)))
    assert identifiers(central.archived()) == identifiers([contract_line(2)])


def test_the_archive_is_for_its_owner_and_group_only(central: Rsyslog) -> None:
    central.send(message(contract_line(1)))
    (file,) = (central.archive / "svc").iterdir()
    assert file.stat().st_mode & 0o777 == 0o640
    assert file.parent.stat().st_mode & 0o777 == 0o750
    assert central.archive.stat().st_mode & 0o777 == 0o750


def test_a_second_one_on_the_same_port_refuses(central: Rsyslog) -> None:
    second = subprocess.run([RUN, "central"], env=central.env, capture_output=True, text=True, timeout=20, check=False)
    assert second.returncode == 1
    assert f"127.0.0.1:{central.port} is taken" in second.stderr


def test_an_address_that_is_not_of_this_machine_ends_it(tmp_path: Path) -> None:
    env = {**Rsyslog(tmp_path).env, "SYSLOG_ADDRESS": "192.0.2.1"}
    ended = subprocess.run([RUN, "central"], env=env, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 1
    assert "can't listen on 192.0.2.1" in ended.stderr


def test_a_folder_it_cannot_write_ends_it(tmp_path: Path) -> None:
    (tmp_path / "archive").write_text("a file")
    ended = subprocess.run([RUN, "central"], env=Rsyslog(tmp_path).env, capture_output=True, text=True, check=False)
    assert ended.returncode == 1
    assert f"can't write to {tmp_path}/archive" in ended.stderr


@pytest.mark.parametrize("arguments", [[], ["both"]])
def test_a_role_that_is_none_ends_it(tmp_path: Path, arguments: list[str]) -> None:
    ended = subprocess.run([RUN, *arguments], env=Rsyslog(tmp_path).env, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stderr) == (1, "syslog: say which role: run central, or run relay\n")


def test_a_floor_that_is_no_number_ends_it(tmp_path: Path) -> None:
    env = Rsyslog(tmp_path, SYSLOG_MIN_FREE_MB="1G").env
    ended = subprocess.run([RUN, "central"], env=env, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stderr) == (1, "syslog: SYSLOG_MIN_FREE_MB is '1G': write a number of megabytes\n")


def test_rsyslogd_does_not_go_on_without_its_guard(central: Rsyslog) -> None:
    shutil.rmtree(central.archive)  # its free space can't be told any more
    assert central.process.wait(20) == 1
    assert not Path(f"/proc/{central.pid}").exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
@pytest.mark.skipif(any(not path.stat().st_mode & 1 for path in RUN.parents), reason="nobody may not read this folder")
def test_it_runs_as_any_user() -> None:
    nobody = 65534
    with TemporaryDirectory() as folder:  # pytest's own is root's alone
        os.chown(folder, nobody, nobody)
        central = Rsyslog(Path(folder))
        command = subprocess.Popen([RUN, "central"], env=central.env, user=nobody, group=nobody, stdout=subprocess.PIPE)
        try:
            assert command.stdout
            assert b"listens on" in command.stdout.readline()
            central.send(message(contract_line(1)))
            assert len(central.archived()) == 1
        finally:
            command.terminate()
            assert command.wait(20) == 0


def is_stopped(pid: int) -> bool:
    """All threads: on a busy machine they stop some time after the signal."""
    return all("State:\tT" in thread.read_text() for thread in Path(f"/proc/{pid}/task").glob("*/status"))


def test_a_nearly_full_disk_holds_all_lines_until_there_is_room(tmp_path: Path, small_disk: Path) -> None:
    ballast = small_disk / "ballast"
    lines = [contract_line(n, size=650) for n in range(4000)]  # 3 MB
    central = Rsyslog(tmp_path, SYSLOG_ARCHIVE_DIR=str(small_disk / "archive"), SYSLOG_MIN_FREE_MB="6")
    central.archive = small_disk / "archive"
    with central:
        ballast.write_bytes(bytes(8_000_000))
        until(lambda: "holding all lines" in central.output(), "it doesn't hold")
        until(lambda: is_stopped(central.pid), "it isn't stopped")
        with ThreadPoolExecutor(1) as pool:
            sending = pool.submit(central.send, *map(message, lines))
            time.sleep(0.5)
            assert not sending.done()
            assert not (central.archive / "svc").exists()
            ballast.unlink()
            sending.result(20)
        assert "going on, nothing was dropped" in central.output()
        assert identifiers(central.archived()) == identifiers(lines)


def test_a_disk_that_runs_out_of_files_holds_all_lines(tmp_path: Path, small_disk: Path) -> None:
    """Each new name of a program is a folder and a file: a flood of names fills no disk and still ends it."""
    central = Rsyslog(tmp_path, SYSLOG_ARCHIVE_DIR=str(small_disk / "archive"), SYSLOG_MIN_FREE_MB="1")
    central.archive = small_disk / "archive"
    with central:
        ballast = [small_disk / f"{number}" for number in range(980)]
        for path in ballast:
            path.touch()
        until(lambda: "of 1000 inodes free" in central.output(), "it doesn't hold")
        until(lambda: is_stopped(central.pid), "it isn't stopped")
        with ThreadPoolExecutor(1) as pool:
            sending = pool.submit(central.send, *(message(b"x", tag=b"t%d" % number) for number in range(100)))
            for path in ballast:
                path.unlink()
            sending.result(20)
        assert len(central.services()) == 100


def test_without_its_archive_it_ends_and_says_so(central: Rsyslog) -> None:
    shutil.rmtree(central.archive)
    assert central.process.wait(20) == 1
    assert f"{central.archive} is gone: ending" in central.output()


def test_sigterm_ends_it_while_it_holds(tmp_path: Path) -> None:
    with Rsyslog(tmp_path, SYSLOG_MIN_FREE_MB=str(1 << 40)) as central:
        until(lambda: "holding all lines" in central.output(), "it doesn't hold")
        assert central.stop() == 0
