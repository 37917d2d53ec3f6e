"""What one record costs: JSONFormatter beside other JSON formatters, and the bare encoding of its finished fields."""

import gc
import logging
from collections.abc import Callable, Iterable
from statistics import median
from time import thread_time_ns

import orjson

from bench.formatters import DEFAULT, ECS, OURS, Format, formatters
from bench.records import IDS, columns
from bench.table import figure, ratio, table, verdict
from project.api.utils import context

COMPARED = ("orjson", "python-json-logger", "msgspec", "ecs-logging", "JSON-log-formatter")
BARE = "bare: orjson.dumps + getMessage"
TARGETS = (
    ("≤ 1/10 of ecs-logging", ECS, 0.1),
    ("≤ 1/2 of python-json-logger as it comes", DEFAULT, 0.5),
    ("≤ 1.6 × bare", BARE, 1.6),
)
BATCH = 100  # records that a row formats before it is the next one's turn

Make = Callable[[], logging.LogRecord]
Costs = dict[str, float]


def main(quick: bool) -> None:
    rows = formatters()
    with context.bound(IDS):  # as in a request
        costs = {name: measure(rows, make, rounds=10 if quick else 60) for name, make in columns().items()}
    print("\n## JSON formatters: µs of CPU a record, and how many times JSONFormatter's")
    print(table(("", *costs), [_row(name, costs.values()) for name in (*rows, BARE)]))
    print("The bare row encodes the fields of JSONFormatter's own line, finished before the clock starts.")
    print("Nobody else redacts secrets; and of an access record the others write the template as one text.")
    app = next(iter(costs.values()))
    targets = [(target, verdict(app[OURS] / app[other], limit)) for target, other, limit in TARGETS]
    print(table(("target for the app record", ""), targets))


def _row(name: str, costs: Iterable[Costs]) -> list[str]:
    return [name, *(f"{figure(cost[name])} ({ratio(cost[name], cost[OURS])})" for cost in costs)]


def measure(rows: dict[str, Format], make: Make, rounds: int) -> Costs:
    """µs of CPU to format one record, for each row: medians over rounds in which each has its turn.

    Each record is formatted right after it is made, as logging does it, and only once: a second time would be
    another way through the code. What making it costs is measured in the same round and taken off.
    """
    spent: dict[str, list[float]] = {name: [] for name in (*rows, BARE)}
    gc.freeze()
    gc.disable()
    for _ in range(rounds):
        making = _make(make)
        for name, format in rows.items():
            spent[name].append(_format(format, make) - making)
        spent[BARE].append(_bare(make, [orjson.loads(rows[OURS](make())) for _ in range(BATCH)]) - making)
        gc.collect()
    gc.enable()
    gc.unfreeze()
    return {name: median(nanoseconds) / BATCH / 1000 for name, nanoseconds in spent.items()}


def _make(make: Make) -> int:
    start = thread_time_ns()
    for _ in range(BATCH):
        make()
    return thread_time_ns() - start


def _format(format: Format, make: Make) -> int:
    start = thread_time_ns()
    for _ in range(BATCH):
        format(make())
    return thread_time_ns() - start


def _bare(make: Make, finished: list[dict[str, object]]) -> int:
    encode = orjson.dumps
    start = thread_time_ns()
    for fields in finished:
        make().getMessage()
        encode(fields)
    return thread_time_ns() - start
