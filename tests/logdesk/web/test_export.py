"""Exports: whole, bounded, and harmless where they are opened."""

from __future__ import annotations

import csv
import random
import urllib.error
import urllib.request

import orjson
import pytest

from logdesk.settings import Settings
from logdesk.web import create_app, export
from tests.logdesk.web.lines import Process, ago
from tests.logdesk.web.running import PATIENCE_S, Desk, until
from tests.logdesk.web.samples import HOSTILE


def download(logs: Desk, path: str) -> tuple[str, str]:
    with urllib.request.urlopen(logs.url + path, timeout=PATIENCE_S) as answer:
        return answer.headers["Content-Disposition"], answer.read().decode()


def test_ndjson_has_every_line_as_the_archive_has_it(logs: Desk) -> None:
    name, text = download(logs, "/export.ndjson?from=now-24h&q=service:bs-whatweb")
    assert name == 'attachment; filename="logdesk.ndjson"'
    exported = {line for line in text.splitlines() if line}
    kept = "".join(path.read_text() for path in (logs.archive / "bs-whatweb").iterdir())
    assert len(exported) > 1000  # more than one page of the search
    assert sorted(map(orjson.loads, exported), key=str) == sorted(map(orjson.loads, kept.splitlines()), key=str)


def test_csv_has_a_head_and_a_row_for_each_line(logs: Desk) -> None:
    _, text = download(logs, "/export.csv?from=now-24h&q=service:bs-story")
    rows = list(csv.DictReader(text.splitlines()))
    assert [row["message"] for row in rows][:2] == ["GET /story 500", "the story broke"]
    assert rows[0]["http.response.status_code"] == "500"
    assert rows[0]["event.duration"] == "30000000"


def test_csv_cell_that_a_spreadsheet_would_run_is_text(logs: Desk) -> None:
    texts = {"=cmd|'/C calc'!A0", "+1", "-1", "@SUM(1)"}
    sender = Process("bs-formula", 1, random.Random(4))
    logs.write(*[sender.line(ago(100), "info", text) for text in texts])
    search = "/api/search?from=now-24h&q=service:bs-formula"
    until(lambda: len(logs.get(search)["hits"]) == len(texts), "the new lines in the index")
    _, text = download(logs, "/export.csv?from=now-24h&q=service:bs-formula")
    assert {row["message"] for row in csv.DictReader(text.splitlines())} == {"'" + text for text in texts}


def test_export_that_is_cut_says_so_in_its_last_line(logs: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "LIMIT", 2000)
    client = create_app(Settings(archive=logs.archive, index=logs.index)).test_client()
    exported = client.get("/export.ndjson?from=now-24h").text.splitlines()
    assert len(exported) == 2001
    assert orjson.loads(exported[-1])["message"].startswith("cut: only the newest ")
    assert client.get("/export.csv?from=now-24h").text.splitlines()[-1].startswith("cut: only the newest ")
    whole = client.get("/export.ndjson?from=now-24h&q=service:bs-story").text
    assert "cut: " not in whole


def test_hostile_values_survive_as_values(logs: Desk) -> None:
    _, text = download(logs, "/export.ndjson?from=now-24h&q=service:bs-hostile")
    assert {orjson.loads(line)["message"] for line in text.splitlines()} == set(HOSTILE.values())


@pytest.mark.parametrize("query", ["q=%22open", "from=yesterday"])
def test_what_cannot_be_read_is_no_empty_file(logs: Desk, query: str) -> None:
    with pytest.raises(urllib.error.HTTPError, match="400"):
        download(logs, f"/export.csv?{query}")
