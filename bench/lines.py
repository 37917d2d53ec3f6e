"""Archive lines for benchmarks and tests: realistic, seeded, about 650 bytes each.

Per request one access line and now and then application lines of the same trace, as services/bs-whatweb writes
them and rsyslog archives them (its own keys stand in front). The same arguments always give the same lines.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime

import orjson

SERVICES = ("bs-whatweb", "bs-orders")
LOGGERS = (
    *(f"project.api.{name}" for name in ("whatweb", "health", "orders", "customers", "utils.limits")),
    *(f"project.{name}" for name in ("whatweb.fetch", "whatweb.detect", "store.cache", "store.pool", "jobs")),
    *("urllib3.connectionpool", "werkzeug", "sqlalchemy.engine", "gunicorn.error"),
)
MESSAGES = (
    "scan of {host} finished: {n} technologies in {ms} ms",
    "cache miss for {host}, asking the origin",
    "connection to {host} reused, {n} left in the pool",
    "retrying {host} after timeout, attempt {n} of 5",
    "customer {n} placed order {ms} with {n} items",
    "rate limit for {host} is at {n} percent",
    "slow query took {ms} ms: SELECT id, name FROM customer WHERE id = {n}",
    "job {ms} picked up by worker {n}",
)
PATHS = ("/api/v1/whatweb", "/api/v1/orders/{n}", "/api/v1/customers/{n}/orders", "/healthz", "/ping")
AGENTS = (
    "curl/8.14.1",
    "python-requests/2.34.2",
    "Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 Version/18.6 Safari/604.1",
)
STATUSES = (200,) * 85 + (201,) * 4 + (304,) * 3 + (404,) * 4 + (422,) * 2 + (500, 503)
HOSTS = tuple(f"{word}{n}.example" for word in ("shop", "blog", "intranet", "api") for n in range(250))


class _Process:
    """One start of a program: it numbers its lines."""

    def __init__(self, rng: random.Random, service: str) -> None:
        self.service = service
        self.pid = rng.randrange(10, 30_000)
        self.entity_id = f"{rng.getrandbits(48):012x}"
        self.sequence = 0


def lines(
    count: int, *, start: datetime, per_second: float, seed: int = 1, processes: int = 4
) -> Iterator[tuple[str, bytes]]:
    """Yield (service, line with its newline), in order of time from `start` on, `per_second` on average."""
    rng = random.Random(seed)
    workers = [_Process(rng, SERVICES[n % len(SERVICES)]) for n in range(processes)]
    at_us = int(start.timestamp() * 1e6)
    trace = request = ""
    worker = workers[0]
    while count:
        in_request = rng.random() < 0.5
        if not in_request:
            worker = rng.choice(workers)
            trace, request = f"{rng.getrandbits(128):032x}", f"{rng.getrandbits(128):032x}"
        at_us += int(rng.expovariate(per_second) * 1e6)
        record = _head(worker, at_us)
        if rng.random() < 0.55:
            record |= _access(rng)
        else:
            record |= _application(rng)
        record |= {"trace.id": trace, "http.request.id": request}
        record["event.dataset"] = f"{worker.service}.{'access' if 'url.path' in record else 'app'}"
        yield worker.service, orjson.dumps(record) + b"\n"
        count -= 1


def _head(process: _Process, at_us: int) -> dict[str, object]:
    process.sequence += 1
    stamp = f"{datetime.fromtimestamp(at_us // 1_000_000, UTC):%Y-%m-%dT%H:%M:%S}.{at_us % 1_000_000:06d}Z"
    return {
        "event.ingested": stamp,
        "log.syslog.hostname": "web1",
        "log.syslog.appname": process.service,
        "log.syslog.severity.code": 6,
        "@timestamp": stamp,
        "log.level": "info",
        "message": "",
        "ecs.version": "8.17.0",
        "service.name": process.service,
        "service.version": "1.4.2",
        "service.environment": "staging",
        "host.hostname": "web1",
        "process.pid": process.pid,
        "process.entity_id": process.entity_id,
        "event.sequence": process.sequence,
        "event.id": f"{process.entity_id}-{process.sequence}",
    }


def _access(rng: random.Random) -> dict[str, object]:
    path = rng.choice(PATHS).format(n=rng.randrange(5000))
    status = rng.choice(STATUSES)
    method = rng.choice(("GET", "GET", "GET", "POST"))
    return {
        "message": f"{method} {path} {status}",
        "client.address": f"10.{rng.randrange(8)}.{rng.randrange(256)}.{rng.randrange(256)}",
        "http.request.method": method,
        "url.path": path,
        "http.version": "1.1",
        "http.response.status_code": status,
        "http.response.body.bytes": rng.randrange(50, 20_000),
        "event.duration": int(rng.lognormvariate(3, 1.2) * 1e6),
        "user_agent.original": rng.choice(AGENTS),
    }


def _application(rng: random.Random) -> dict[str, object]:
    level = rng.choices(("info", "debug", "warning", "error"), (70, 15, 10, 5))[0]
    text = rng.choice(MESSAGES).format(host=rng.choice(HOSTS), n=rng.randrange(100), ms=rng.randrange(100_000))
    logger = rng.choice(LOGGERS)
    fields: dict[str, object] = {
        "log.level": level,
        "message": text,
        "log.logger": logger,
        "log.origin.file.name": logger.rpartition(".")[2] + ".py",
        "log.origin.file.line": rng.randrange(10, 300),
        "log.origin.function": rng.choice(("get", "scan", "fetch", "read", "store")),
        "labels.customer": f"c{rng.randrange(2000)}",
    }
    if level == "error":
        fields |= {
            "error.type": rng.choice(("TimeoutError", "ConnectionError", "KeyError", "ValueError")),
            "error.message": text,
            "error.stack_trace": "Traceback (most recent call last):\n"
            + "".join(
                f'  File "/srv/project/{name}.py", line {rng.randrange(10, 300)}, in {name}\n    return {name}(url)\n'
                for name in ("views", "whatweb", "fetch")
            )
            + f"TimeoutError: {text}\n",
        }
    return fields
