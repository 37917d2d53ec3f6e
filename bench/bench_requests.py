"""What the access line costs a request: one gevent worker with the log off, gunicorn's own line, ours, the post's."""

from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from statistics import median

from bench.servers import serving
from bench.table import figure, ratio, table, verdict
from tests.service import post

COMPARED = ("gunicorn", "gevent", "Flask")
OFF, TEXT, OURS, POST = "no access log", "gunicorn's own text line", "our access line", "the post's template"
# Without a logging configuration gunicorn sets up a logging.StreamHandler.
GUNICORNS_OWN = {
    "GUNICORN_LOGGER_CLASS": "gunicorn.glogging.Logger",
    "GUNICORN_LOGCONFIG": "",
    "GUNICORN_ACCESS_LOG_FORMAT": '%(h)s %(l)s %(u)s %(t)s "%(r)s" %(s)s %(b)s "%(f)s" "%(a)s"',
}

Rounds = list[dict[str, tuple[float, float]]]


def main(quick: bool) -> None:
    rounds: Rounds = []
    # New processes now and then: one may have luck with its memory, which is worth as much as what is measured.
    for _ in range(1 if quick else 3):
        rounds += measure(rounds=2 if quick else 3)
    print("\n## Access lines: GET /ping with one gevent worker, its output read from a pipe")
    columns = ("", "requests/s", "worker CPU, µs a request", "beside gunicorn's own")
    print(table(columns, [_row(name, rounds) for name in rounds[0]]))
    print(f"Target, our access line ≤ 1 × gunicorn's own: {verdict(_beside_gunicorns(OURS, rounds), 1)}")


def measure(rounds: int) -> Rounds:
    """(requests/s, µs of CPU a request) of each server in each round; who comes first changes."""
    with ExitStack() as running:
        servers = {
            OFF: running.enter_context(serving(GUNICORNS_OWN, Path(__file__).parent / "no_access_log.py")),
            TEXT: running.enter_context(serving(GUNICORNS_OWN)),
            OURS: running.enter_context(serving({})),
            POST: running.enter_context(serving({"GUNICORN_ACCESS_LOG_FORMAT": post.TEMPLATE})),
        }
        for server in servers.values():
            server.wait()
        measured: Rounds = []
        for number in range(rounds + 1):
            order = list(servers.items())[:: -1 if number % 2 else 1]
            measured.append({name: server.load(seconds=1) for name, server in order})
    for name, server in servers.items():
        if name != OFF and server.lines < server.answered:
            raise RuntimeError(f"{name}: {server.lines} lines of {server.answered} requests")
    return [{name: measured[name] for name in servers} for measured in measured[1:]]  # the first warmed them


def _row(name: str, rounds: Rounds) -> Sequence[str]:
    rate = median(round[name][0] for round in rounds)
    cpu = median(round[name][1] for round in rounds)
    return name, figure(rate), figure(cpu), ratio(_beside_gunicorns(name, rounds), 1)


def _beside_gunicorns(name: str, rounds: Rounds) -> float:
    """CPU a request in multiples of gunicorn's own line's, compared within each round."""
    return median(round[name][1] / round[TEXT][1] for round in rounds)
