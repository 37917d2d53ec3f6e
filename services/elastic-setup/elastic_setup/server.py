"""HTTP to Elasticsearch or Kibana."""

from __future__ import annotations

import base64
import http.client
import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .errors import RefusedError, SetupError, UnreachableError

WAIT = 300.0  # seconds: a first start on a slow disk takes a minute or two
_WRONG_PASSWORD = 30.0  # seconds: for so long after its start a new node may not know its users yet
_TIMEOUT = 120.0  # seconds for one request: a page of the audit reads all lines there are
_NOT_YET = {408, 429, 502, 503, 504}
_MAX_TEXT = 500

# No proxy of the environment stands between this program and its server, and no redirect is followed with a password.
_opener = urllib.request.OpenerDirector()
for _handler in (urllib.request.HTTPHandler, urllib.request.HTTPSHandler, urllib.request.HTTPDefaultErrorHandler,
                 urllib.request.HTTPErrorProcessor):  # fmt: skip
    _opener.add_handler(_handler())


@dataclass(frozen=True)
class Server:
    """`name` is for people. Without a password no user is told."""

    name: str
    url: str
    user: str = "elastic"
    password: str = ""

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        data: bytes | None = None,
        headers: dict[str, str] | None = None,
    ) -> Any:
        """The decoded JSON of the answer to `body` as JSON, or to `data` as it is. Raises SetupError."""
        sent = {"Accept": "application/json", **(headers or {})}
        if body is not None:
            data = json.dumps(body).encode()
            sent["Content-Type"] = "application/json"
        if self.password:
            sent["Authorization"] = "Basic " + base64.b64encode(f"{self.user}:{self.password}".encode()).decode()
        request = urllib.request.Request(f"{self.url}{path}", data, sent, method=method)  # noqa: S310 - settings.py
        try:
            with _opener.open(request, timeout=_TIMEOUT) as answer:
                return json.loads(answer.read())
        except urllib.error.HTTPError as error:
            with error:
                text = error.read().decode("utf-8", "replace")[:_MAX_TEXT]
            raise RefusedError(f"{self.name} answers {method} {path} with {error.code}: {text}", error.code) from None
        except (OSError, http.client.HTTPException) as error:
            raise UnreachableError(f"{self.name} at {self.url} can't be reached: {error}") from None
        except ValueError:
            raise SetupError(f"What answers {method} {path} at {self.url} is no {self.name}: not JSON") from None

    def wait(self, path: str, ready: Callable[[Any], bool], seconds: float = WAIT, pause: float = 1.0) -> Any:
        """The first answer to GET `path` that is `ready`. Raises SetupError after `seconds`, or for bad credentials."""
        started = time.monotonic()
        while True:
            try:
                answer = self.call("GET", path)
                if ready(answer):
                    return answer
                why = f"{self.name} at {self.url} isn't ready: {json.dumps(answer)[:_MAX_TEXT]}"
            except UnreachableError as error:
                why = str(error)
            except RefusedError as error:
                waited = time.monotonic() - started
                if error.status == 401 and waited >= min(seconds, _WRONG_PASSWORD):
                    raise SetupError(
                        f"{self.name} doesn't know user {self.user} with this password. That in .env counts only when"
                        " the data is new; for existing data set the old one, or reset it with"
                        " bin/elasticsearch-reset-password."
                    ) from None
                if error.status not in _NOT_YET | {401}:
                    raise
                why = str(error)
            if time.monotonic() - started >= seconds:
                raise SetupError(f"Given up after {seconds:.0f} s. {why}. Look at its log; this can be started again.")
            time.sleep(pause)
