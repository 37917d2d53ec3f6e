"""What error reporting costs a request, with the tracker up, down and a black hole; how soon the mail is there."""

import tempfile
import time
from collections import defaultdict
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from statistics import median, quantiles

from bench.table import figure, table
from tests.errors.bugsink import Bugsink, Mailbox
from tests.errors.serving import failing
from tests.errors.trackers import BlackHole, Down, Kent, until
from tests.service.server import Gunicorn

COMPARED = ("sentry-sdk", "raven", "gunicorn", "gevent", "Flask")
OFF = "not reported"
TRACKERS = ("up", "down", "black hole")
ROUTES = ("/ping", "/unhandled")
IN_A_ROUND = 10  # requests of each route
PAUSE = 0.03  # seconds between two requests, in which the event leaves: the worker isn't the bottleneck
KINDS = ("ann", "bob", "eve", "joe", "kim")  # not numbers: Bugsink groups messages that differ in those only

Times = dict[tuple[str, str], list[float]]  # (server, route) → ms


def main(quick: bool) -> None:
    with ExitStack() as running, tempfile.TemporaryDirectory() as folder:
        # kent, not Bugsink: digesting an event on the same cores takes longer than the request that made it.
        trackers: list[Kent | Down | BlackHole] = [Kent(), Down(), BlackHole()]
        for tracker in trackers:
            running.enter_context(tracker)
        servers = {OFF: failing(_made(folder, "off"), "")}
        for client in ("sentry", "raven"):
            for name, tracker in zip(TRACKERS, trackers, strict=True):
                servers[f"{client}, {name}"] = failing(_made(folder, f"{client}-{name}"), tracker.dsn, client)
        for server in servers.values():
            running.enter_context(server)
        times = measure(servers, rounds=4 if quick else 20)
    seconds = mailed()
    print("\n## Error reporting: one request after the other, one gevent worker, ms")
    columns = ("tracker", "good: median", "p99", "failing: median", "p99")
    print(table(columns, [_row(name, times) for name in servers]))
    print(
        f"From a new kind of failing request to the mail received, {len(KINDS)} times: "
        f"median {figure(median(seconds))} s, longest {figure(max(seconds))} s (target: 60 s)."
    )


def measure(servers: dict[str, Gunicorn], rounds: int) -> Times:
    times: Times = defaultdict(list)
    for number in range(rounds):
        for name, server in list(servers.items())[:: -1 if number % 2 else 1]:
            for route in ROUTES * IN_A_ROUND:
                start = time.perf_counter()
                server.get(route)
                times[name, route].append((time.perf_counter() - start) * 1000)
                time.sleep(PAUSE)
            time.sleep(0.3)  # what is still on its way must not count for the next
    return times


def mailed() -> list[float]:
    """Seconds from a failing request of a new kind, by way of Bugsink, to the arrival of its mail."""
    seconds = []
    with tempfile.TemporaryDirectory() as folder, Mailbox() as mails:
        mail = {"EMAIL_HOST": "127.0.0.1", "EMAIL_PORT": str(mails.port)}
        with Bugsink(Path(folder), **mail) as tracker, failing(Path(folder), tracker.dsn) as server:
            for kind in KINDS:
                start = time.monotonic()
                server.get(f"/user/{kind}")
                until(lambda kind=kind: mails.about(f"user {kind}"), lambda: "no mail", 60)  # type: ignore[misc]
                ((arrived, _),) = mails.about(f"user {kind}")
                seconds.append(arrived - start)
    return seconds


def _row(name: str, times: Times) -> Sequence[str]:
    figures = [(median(times[name, route]), quantiles(times[name, route], n=100)[98]) for route in ROUTES]
    return name, *(figure(value) for pair in figures for value in pair)


def _made(folder: str, name: str) -> Path:
    path = Path(folder, name)
    path.mkdir()
    return path
