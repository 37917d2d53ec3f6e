"""Detection end to end: real servers, fetched by the service's own code."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from project.whatweb.detect import detect
from tests.whatweb.answers import SIGNATURES, summary
from tests.whatweb.fetch.origin import get


@contextmanager
def serving(*command: str, folder: Path) -> Iterator[int]:
    """Run a server that chooses its port and prints it; gives the port."""
    env = {**os.environ, "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        [sys.executable, "-m", *command],
        cwd=folder,
        env=env,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    ) as process:
        try:
            assert process.stdout is not None
            port = next(filter(None, (re.search(r"http://127\.0\.0\.1:(\d+)", line) for line in process.stdout)), None)
            assert port, f"{command} ended before it listened"
            yield int(port[1])
        finally:
            process.terminate()


APP = """
from flask import Flask, session
app = Flask(__name__)
app.secret_key = "only this test's"
@app.get("/")
def index():
    session["seen"] = True
    return "<!doctype html><title>hello</title>"
"""

# The versions are those of the installed packages: whatever the servers are today, their answers must be understood.
GUNICORN = ("gunicorn", "--bind", "127.0.0.1:0", "--no-control-socket", "app:app")
WERKZEUG = ("flask", "--app", "app", "run", "--port", "0")
PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}.{sys.version_info.micro}"


def test_live_gunicorn_with_flask_is_recognised(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(APP)
    with serving(*GUNICORN, folder=tmp_path) as port:
        found = detect(get(f"http://127.0.0.1:{port}/"), SIGNATURES)
    assert summary(found) == {"Gunicorn", "Flask:75", "Python<Gunicorn"}


def test_live_flask_development_server_is_recognised_with_its_versions(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(APP)
    with serving(*WERKZEUG, folder=tmp_path) as port:
        page = get(f"http://127.0.0.1:{port}/")
    server = dict(page.headers)["Server"]
    version = server.split()[0].removeprefix("Werkzeug/")
    assert summary(detect(page, SIGNATURES)) == {f"Werkzeug/{version}", "Flask:75", f"Python/{PYTHON}"}


def test_live_python_http_server_is_recognised(tmp_path: Path) -> None:
    with serving("http.server", "--bind", "127.0.0.1", "0", folder=tmp_path) as port:
        found = detect(get(f"http://127.0.0.1:{port}/"), SIGNATURES)
    assert summary(found) == {"Python http.server", f"Python/{PYTHON}"}
