"""Log lines as services write them (docs/fields.md), made from a seed: for tests, screenshots and the bench."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson

ROUTES = (  # path, share of the traffic, median duration in ms
    ("/api/v1/whatweb", 60, 180),
    ("/ping", 25, 0.6),
    ("/openapi.json", 3, 4),
    ("/api/v1/users/{n}", 8, 22),
    ("/wp-login.php", 4, 0.9),
)
SITES = ("example.org", "docs.python.org", "www.debian.org", "shop.example.com", "intranet.example.net")
TECHNOLOGIES = ("nginx 1.26", "WordPress 6.5", "jQuery 3.7", "Django", "Cloudflare", "PHP 8.3", "React", "Varnish")
STACK = """Traceback (most recent call last):
  File "/opt/venv/lib/python3.13/site-packages/flask/app.py", line 919, in full_dispatch_request
    rv = self.dispatch_request()
  File "/opt/venv/lib/python3.13/site-packages/flask/app.py", line 902, in dispatch_request
    return self.ensure_sync(self.view_functions[rule.endpoint])(**view_args)
  File "/app/project/api/whatweb.py", line 48, in scan
    page = fetch(url, deadline=settings.deadline)
  File "/app/project/whatweb/fetch.py", line 131, in fetch
    body = read(response, limit=settings.max_bytes)
  File "/opt/venv/lib/python3.13/site-packages/urllib3/response.py", line 1094, in stream
    yield self._decode(data, decode_content, flush_decoder)
zlib.error: Error -3 while decompressing data: incorrect header check"""


class Process:
    """One start of a program: it numbers its lines."""

    def __init__(self, service: str, pid: int, random_: random.Random) -> None:
        self.service, self.pid, self.sequence = service, pid, 0
        self.entity_id = f"{random_.getrandbits(64):016x}"

    def line(self, at: datetime, level: str, message: str, **fields: Any) -> dict[str, Any]:
        """A whole line; keyword names are given with `__` for dots."""
        self.sequence += 1
        return {
            "@timestamp": at.isoformat(timespec="microseconds").replace("+00:00", "Z"),
            "log.level": level,
            "message": message,
            "ecs.version": "8.17.0",
            "service.name": self.service,
            "service.version": "1.0.0",
            "service.environment": "production",
            "host.hostname": "web-1",
            "event.dataset": f"{self.service}.{'access' if 'http__response__status_code' in fields else 'app'}",
            "process.pid": self.pid,
            "process.entity_id": self.entity_id,
            "event.sequence": self.sequence,
            "event.id": f"{self.entity_id}-{self.sequence}",
            **{name.replace("__", "."): value for name, value in fields.items()},
        }


def traffic(start: datetime, end: datetime, requests: int, *, seed: int = 1) -> Iterator[dict[str, Any]]:
    """`requests` requests between `start` and `end`, each with its lines, in the order they were written. A bad
    stretch near the end (slow answers, failures) gives the pages something to show."""
    rnd = random.Random(seed)
    processes = [Process("bs-whatweb", 411 + n, rnd) for n in range(2)] + [Process("bs-billing", 77, rnd)]
    length = (end - start).total_seconds()
    for moment in sorted(rnd.random() for _ in range(requests)):
        bad = 0.72 < moment < 0.80 and rnd.random() < 0.35
        at = start + timedelta(seconds=moment * length)
        yield from _request(rnd, rnd.choices(processes, (5, 5, 1))[0], at, bad)


def _request(rnd: random.Random, process: Process, at: datetime, bad: bool) -> Iterator[dict[str, Any]]:
    path, _, median_ms = rnd.choices(ROUTES, [share for _, share, _ in ROUTES])[0]
    path = path.replace("{n}", str(rnd.randrange(1, 4000)))
    ms = median_ms * rnd.lognormvariate(0, 0.6) * (9 if bad else 1)
    ids = {"trace__id": f"{rnd.getrandbits(128):032x}", "http__request__id": f"{rnd.getrandbits(96):024x}"}
    status = 404 if path == "/wp-login.php" else 200
    logger = f"project.{'whatweb.fetch' if 'whatweb' in path else 'api.users'}"
    origin = {"log__logger": logger, "log__origin__file__name": "fetch.py", "log__origin__file__line": 131}
    if "whatweb" in path:
        site = rnd.choice(SITES)
        found = ", ".join(rnd.sample(TECHNOLOGIES, rnd.randrange(1, 4)))
        if bad:
            status = rnd.choice((500, 502, 504))
            yield process.line(
                at, "error", f"scan of https://{site}/ failed: unreadable body", **ids, **origin,
                error__type="zlib.error", error__message="incorrect header check", error__stack_trace=STACK,
            )  # fmt: skip
        elif rnd.random() < 0.04:
            status = 400
            yield process.line(
                at, "warning", "refused to fetch http://10.0.0.5/: not a public address", **ids, **origin
            )
        else:
            yield process.line(at, "debug", f"resolved {site} to 93.184.215.14", **ids, **origin)
            yield process.line(
                at + timedelta(milliseconds=ms * 0.9), "info",
                f"scanned https://{site}/ in {ms:.0f} ms: {found}", **ids, **origin, labels__site=site,
            )  # fmt: skip
    elif "users" in path and rnd.random() < 0.03:
        status, store = 503, {**origin, "log__logger": "project.store.pool"}
        yield process.line(
            at, "error", "no free connection after 5 s: 20 of 20 in use", **ids, **store,
            error__type="PoolTimeout", error__message="20 of 20 in use",
        )  # fmt: skip
    yield process.line(
        at + timedelta(milliseconds=ms), "info", f"GET {path} {status}", **ids,
        http__response__status_code=status, http__request__method="GET", url__path=path,
        event__duration=int(ms * 1_000_000), client__address=f"203.0.113.{rnd.randrange(1, 255)}",
        user_agent__original="Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
        http__response__body__bytes=rnd.randrange(90, 9000),
    )  # fmt: skip


def write(archive: Path, lines: Iterator[dict[str, Any]] | list[dict[str, Any]]) -> int:
    """Append to `<archive>/<service>/<day>.jsonl`, as rsyslog does. Returns how many."""
    files: dict[Path, Any] = {}
    count = 0
    for line in lines:
        path = archive / line["service.name"] / f"{line['@timestamp'][:10]}.jsonl"
        if path not in files:
            path.parent.mkdir(parents=True, exist_ok=True)
            files[path] = path.open("ab")
        files[path].write(orjson.dumps(line) + b"\n")
        count += 1
    for file in files.values():
        file.close()
    return count


def ago(seconds: float) -> datetime:
    return datetime.now(UTC) - timedelta(seconds=seconds)
