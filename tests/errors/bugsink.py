"""A real Bugsink, and the mail server it writes to."""

import http.cookiejar
import json
import os
import re
import subprocess
import time
import urllib.parse
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller

from tests.errors.trackers import until
from tests.ports import free_port

FOLDER = Path(__file__).parents[2] / "services" / "bugsink"
READY_WITHIN = 60.0  # seconds, database included
EMAIL = "developer@localhost"


class Mailbox:
    """`with Mailbox() as mails:`; a mail server that keeps what it gets, each with the time of its arrival."""

    def __init__(self) -> None:
        self.received: list[tuple[float, EmailMessage]] = []
        self.controller = Controller(self, hostname="127.0.0.1", port=free_port())
        self.port = self.controller.port

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        mail = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        self.received.append((time.monotonic(), mail))
        return "250 OK"

    def __enter__(self) -> "Mailbox":
        self.controller.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.controller.stop()

    def about(self, text: str) -> list[tuple[float, EmailMessage]]:
        return [(when, mail) for when, mail in list(self.received) if text in mail["Subject"]]


class Bugsink:
    """`with Bugsink(folder) as tracker:`; everything it makes is in `folder`."""

    def __init__(self, folder: Path, **env: str) -> None:
        self.folder = folder
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("EMAIL_", "BUGSINK_"))}
        if venv := os.environ.get("BUGSINK_VENV"):
            kept["BUGSINK_VENV"] = venv
        self.env = {**kept, "RUN_DIR": str(folder), "BUGSINK_PORT": str(self.port), **env}

    def bootstrap(self) -> subprocess.CompletedProcess[str]:
        return subprocess.run([FOLDER / "bootstrap"], env=self.env, check=True, capture_output=True, text=True)

    def __enter__(self) -> "Bugsink":
        subprocess.run([FOLDER / "install"], env=self.env, check=True)
        with open(self.folder / "output", "wb") as output:
            self.process = subprocess.Popen([FOLDER / "run"], env=self.env, stdout=output, stderr=output)
        until(self.ready, lambda: f"Bugsink isn't up: {(self.folder / 'output').read_text()[-2000:]}", READY_WITHIN)
        return self

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        try:
            self.process.wait(10)
        finally:
            self.process.kill()

    def ready(self) -> bool:
        assert self.process.poll() is None, (self.folder / "output").read_text()[-2000:]
        with suppress(OSError):
            return bool(urllib.request.urlopen(f"{self.address}/health/ready", timeout=2).status == 200)
        return False

    def file(self, name: str) -> str:
        return (self.folder / "bugsink" / name).read_text().strip()

    @property
    def dsn(self) -> str:
        return self.file("dsn")

    @property
    def event_url(self) -> str:
        return self.address + "/issues/event/{uuid}/"

    def api(self, path: str) -> Any:
        headers = {"Authorization": f"Bearer {self.file('token')}"}
        request = urllib.request.Request(f"{self.address}/api/canonical/0/{path}", headers=headers)
        return json.load(urllib.request.urlopen(request, timeout=10))

    def issues(self) -> dict[str, tuple[str, int]]:
        """By id: the issue's title, and how many events it has."""
        return {
            issue["id"]: (issue["calculated_value"], issue["digested_event_count"])
            for issue in self._all("issues/?project=1")
        }

    def events(self) -> list[dict[str, Any]]:
        """All events, as they were sent."""
        ids = [
            event["id"]
            for issue in self._all("issues/?project=1")
            for event in self._all(f"events/?issue={issue['id']}")
        ]
        return [self.api(f"events/{id}/")["data"] for id in ids]

    def _all(self, path: str) -> list[dict[str, Any]]:
        results, next_page = [], path
        while next_page:
            page = self.api(next_page)
            results += page["results"]
            next_page = (page.get("next") or "").partition("/api/canonical/0/")[2]
        return results

    def browser(self) -> Callable[[str], tuple[str, str]]:
        """Someone who is logged in: address → the address where it led, and the page."""
        opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))

        def get(address: str, data: dict[str, str] | None = None) -> tuple[str, str]:
            body = urllib.parse.urlencode(data).encode() if data else None
            with opener.open(urllib.request.Request(address, body, {"Referer": address}), timeout=10) as answer:
                return answer.url, answer.read().decode()

        _, form = get(f"{self.address}/accounts/login/")
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', form)
        assert token
        login = {"username": EMAIL, "password": self.file("password"), "csrfmiddlewaretoken": token[1]}
        get(f"{self.address}/accounts/login/", login)
        return get
