from __future__ import annotations

import os
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import orjson
import pytest

from logdesk.__main__ import main
from logdesk.settings import SettingsError, from_environment
from tests.logdesk.place import Place, line, numbered


@pytest.fixture
def filled(place: Place, monkeypatch: pytest.MonkeyPatch) -> Place:
    monkeypatch.setenv("LOGDESK_ARCHIVE", str(place.settings.archive))
    monkeypatch.setenv("LOGDESK_INDEX", str(place.settings.index))
    place.write(
        line(1, "first"),
        line(2, "second\x1b[31m", log__level="error", http__response__status_code=500),
        numbered(1, event__action="log-end"),
    )
    place.index()
    return place


@pytest.mark.usefixtures("filled")
def test_search_prints_lines_newest_first_without_control_characters(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["search", "first", "OR", "second"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "2026-03-14 00:00:02.000 error    shop 500 second\\x1b[31m",
        "2026-03-14 00:00:01.000 info     shop first",
    ]
    assert main(["search", "--limit", "1", "--json"]) == 0
    (only,) = capsys.readouterr().out.splitlines()
    assert orjson.loads(only)["message"] == "second\x1b[31m"
    assert main(["search", "--last", "15m"]) == 0
    assert capsys.readouterr().out == ""


@pytest.mark.usefixtures("filled")
def test_a_query_with_a_mistake_is_explained(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["search", "lvl:error"]) == 2
    assert capsys.readouterr().err == (
        "logdesk: Position 1: lvl is no field. Did you mean level:? To find it as text, put it in quotes.\n"
    )


def test_audit_tells_by_its_status_whether_lines_are_missing(filled: Place, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["audit"]) == 0
    assert "1 numbered lines of 1 processes: none is missing, none came twice." in capsys.readouterr().out
    filled.write(numbered(1, "e2"), numbered(3, "e2"))
    filled.index()
    assert main(["audit"]) == 1
    assert "missing 2" in capsys.readouterr().out
    assert main(["audit", "--json", "--service", "shop"]) == 1
    lines = [orjson.loads(one) for one in capsys.readouterr().out.splitlines()]
    assert {one["entity_id"]: one["missing"] for one in lines} == {"e1": [], "e2": [[2, 2]]}
    assert main(["audit", "--service", "nobody"]) == 0
    assert main(["audit", "--last", "1h"]) == 0


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize("arguments", [["search", "--last", "soon"], ["nothing"], []])
def test_wrong_arguments_are_refused(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2


def test_settings_come_from_the_environment() -> None:
    read = from_environment(
        {
            "LOGDESK_ARCHIVE": "/a",
            "LOGDESK_INDEX": "/i",
            "LOGDESK_KEEP_DAYS": "7",
            "LOGDESK_KEEP_BYTES": "",
            "LOGDESK_PORT": " 81 ",
        }
    )
    assert (read.archive, read.index, read.keep_days, read.keep_bytes) == (Path("/a"), Path("/i"), 7, 0)
    assert (read.address, read.port, read.password) == ("127.0.0.1", 81, "")


@pytest.mark.parametrize("wrong", ["-1", "7d", "1.5", "²"])
def test_a_wrong_setting_is_named(wrong: str) -> None:
    with pytest.raises(SettingsError, match=r"LOGDESK_KEEP_DAYS is .*: write a whole number"):
        from_environment({"LOGDESK_KEEP_DAYS": wrong})


def test_a_port_that_is_none_is_named() -> None:
    with pytest.raises(SettingsError, match="LOGDESK_PORT is 70000: write a port from 1 to 65535"):
        from_environment({"LOGDESK_PORT": "70000"})


def test_more_days_than_open_files_are_usual_can_be_searched(place: Place) -> None:
    days = [(date(2026, 1, 1) + timedelta(days=number)).isoformat() for number in range(40)]
    for number, day in enumerate(days):
        place.write(line(number), day=day)
    place.index()
    logdesk = f"ulimit -Sn 64 && exec {sys.executable} -m logdesk search"
    folder = Path(__file__).parents[2] / "services" / "logdesk"
    env = {**os.environ, "LOGDESK_ARCHIVE": str(place.archive), "LOGDESK_INDEX": str(place.settings.index)}
    found = subprocess.run(["bash", "-c", logdesk], cwd=folder, env=env, stdout=subprocess.PIPE, text=True, check=True)
    assert len(found.stdout.splitlines()) == 40
