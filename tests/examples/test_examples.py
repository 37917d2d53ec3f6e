"""The page's examples, made by the page's commands, do what the page says."""

import http.client
import re
import subprocess
import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import orjson
import pytest

from tests.examples.copied import PAGE, ROOT, Project, ends, lines

ASGI = "FastAPI, and anything that is ASGI"
TRACE = "0af7651916cd43dd8448eb211c80319c"
IDS = {"X-Request-ID": "order-7", "traceparent": f"00-{TRACE}-b7ad6b7169203331-01"}


def get(port: int, path: str, headers: Mapping[str, str | bytes] | None = None) -> tuple[int, http.client.HTTPMessage]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request("GET", path, headers=dict(headers or {}))
        answer = connection.getresponse()
        answer.read()
        return answer.status, answer.headers
    finally:
        connection.close()


def answers(port: int) -> bool:
    with suppress(OSError):
        return get(port, "/orders/1")[0] == 200
    return False


def of_request(found: list[dict[str, Any]], request_id: str) -> dict[str, list[dict[str, Any]]]:
    """The lines with this request id, by the end of their dataset."""
    mine = [line for line in found if line.get("http.request.id") == request_id]
    return {
        kind: [line for line in mine if line["event.dataset"] == f"shop.{kind}"] for kind in ("app", "access", "error")
    }


@pytest.mark.parametrize(("section", "processes"), [("Django", 3), (ASGI, 3)], ids=["django", "fastapi"])
def test_a_web_application_writes_nothing_but_lines(tmp_path: Path, section: str, processes: int) -> None:
    with Project(tmp_path, section) as project:
        project.until(lambda: answers(project.port))
        status, headers = get(
            project.port, "/orders/7?token=hush&note=%22%0A", {**IDS, "User-Agent": 'a"b\\ü'.encode()}
        )
        assert (status, headers["X-Request-ID"]) == (200, "order-7")
        assert headers["traceresponse"].startswith(f"00-{TRACE}-")
        for command, status in zip(project.programs[1:], (200, 500), strict=True):
            assert f"HTTP/1.1 {status} " in project.run(command.replace(":8080/", f":{project.port}/")).stdout
        status, headers = get(project.port, "/fail", {"X-Request-ID": "broken"})
        assert (status, headers["X-Request-ID"]) == (500, "broken")
        with ThreadPoolExecutor(8) as pool:  # connections enough for both workers to get some
            list(pool.map(lambda n: get(project.port, f"/orders/{n}%0A%C3%A9"), range(40)))
        project.stop()
    found = project.lines()
    assert ends(found) == processes

    seen = of_request(found, "order-7")
    (shown,), (access,) = seen["app"], seen["access"]
    assert (shown["message"], shown["labels.order"], shown["trace.id"]) == ("Order 7 shown", 7, TRACE)
    assert (access["trace.id"], access["http.response.status_code"]) == (TRACE, 200)
    assert access["url.path"] == "/orders/7"
    assert access["url.query"] == "token=[REDACTED]&note=%22%0A"
    assert access["user_agent.original"] == 'a"b\\ü'
    assert access["http.response.body.bytes"] == len('{"order":7}') + (section == "Django")
    assert 0 < access["event.duration"] < 20e9
    assert any(line.get("url.path", "").endswith("\né") for line in found)
    assert [line for line in found if line["message"] != line["message"].rstrip()] == []
    assert "\\u001b" not in (project.folder / "output").read_text(), "colours"

    seen = of_request(found, "broken")
    (access,) = seen["access"]
    assert access["http.response.status_code"] == 500
    (failure,) = [line for line in (*seen["app"], *seen["error"]) if "error.stack_trace" in line]
    assert failure["error.type"] == "LookupError"
    assert "No such\norder" in failure["error.stack_trace"]


def test_a_django_command_writes_lines(tmp_path: Path) -> None:
    project = Project(tmp_path, "Django")
    project.env["DEBUG"] = "on"  # then Django would write text as well
    program = 'import logging; logging.getLogger("django").info(1); 1/0'
    done = project.run(f"python manage.py shell --command '{program}'", expected=1)
    found = lines(done.stderr.encode())
    assert ends(found) == 1
    assert [line.get("error.type", line["message"]) for line in found[:-1]] == ["1", "ZeroDivisionError"]


def test_celerys_processes_write_nothing_but_lines_and_tasks_know_who_sent_them(tmp_path: Path) -> None:
    with Project(tmp_path, "Celery") as project:
        project.until(lambda: any(line["message"].endswith("ready.") for line in project.lines()))
        project.run(project.programs[1])
        project.until(
            lambda: {"succeeded", "raised"} <= {word for line in project.lines() for word in line["message"].split()}
        )
        project.stop()
    found = project.lines()
    assert ends(found) == 3
    tasks = [line for line in found if "labels.task_id" in line]
    assert {(line["trace.id"], line["http.request.id"]) for line in tasks} == {(TRACE, "demo-1")}
    assert len({line["labels.task_id"] for line in tasks}) == 2
    (packed,) = [line for line in tasks if line["message"] == "Packed order 7"]
    assert packed["labels.order"] == 7
    (failure,) = [line for line in tasks if "error.stack_trace" in line]
    assert (failure["error.type"], failure["labels.task_id"] != packed["labels.task_id"]) == ("LookupError", True)
    assert "No address\nfor order 7" in failure["error.stack_trace"]


def test_a_scripts_lines_have_one_trace_and_an_end_whether_it_succeeds_or_not(tmp_path: Path) -> None:
    project = Project(tmp_path, "A script")
    found = lines(project.run(project.programs[0]).stderr.encode())
    assert ends(found) == 1
    assert [line.get("labels.items") for line in found] == [None, 7, None]
    assert len({line["trace.id"] for line in found}) == 1

    (project.folder / "stock.txt").write_text("3\nfour\n")
    found = lines(project.run(project.programs[0], expected=1).stderr.encode())
    assert ends(found) == 1
    assert (found[1]["log.level"], found[1]["error.type"]) == ("critical", "ValueError")
    assert len({line["trace.id"] for line in found}) == 1


def test_the_formatter_needs_orjson_and_nothing_else(tmp_path: Path) -> None:
    project = Project(tmp_path, "A script")
    bare = tmp_path / "bare"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", bare], check=True)
    (site,) = bare.glob("lib/*/site-packages")
    (site / "orjson").symlink_to(Path(orjson.__file__).parent)
    (core,) = re.findall(r"^\| lines: .*? \| (.*?) \| orjson \|$", PAGE, re.MULTILINE)
    names = set(re.findall(r"`(.*?)`", core))
    project.run(f"{bare}/bin/python cron_script.py stock.txt")

    for file in (project.folder / "jsonlog").iterdir():
        if file.is_file() and file.name not in names:
            file.unlink()
    made = project.run(
        f"{bare}/bin/python -c 'import logging; from jsonlog.logger import JSONFormatter; "
        'print(JSONFormatter().format(logging.makeLogRecord({"msg": "alone"})))\''
    )
    assert lines(made.stdout.encode())[0]["message"] == "alone"


def test_every_module_works_under_its_new_name(tmp_path: Path) -> None:
    project = Project(tmp_path, "A script")
    modules = ", ".join(f"jsonlog.{path.stem}" for path in (project.folder / "jsonlog").glob("[a-z]*.py"))
    project.run(f"python -c 'import {modules}'")


def test_the_page_names_every_file_of_the_folder() -> None:
    folder = ROOT / "services/bs-whatweb/project/api/utils"
    named = set(re.findall(r"`(\w+\.(?:py|json))`", PAGE))
    assert {path.name for path in folder.iterdir() if path.is_file()} <= named


def test_the_page_has_no_section_without_a_test_above() -> None:
    assert re.findall(r"^## (.*)$", PAGE, re.MULTILINE) == ["A script", "Django", ASGI, "Celery"]


def test_code_on_the_page_is_code_of_the_examples() -> None:
    code = "\n".join(path.read_text() for path in (ROOT / "examples").rglob("*.py"))
    shown = re.findall(r"^```python\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
    assert shown
    assert [block for block in shown if block not in code] == []
