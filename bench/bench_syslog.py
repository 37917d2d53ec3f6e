"""How many lines rsyslog takes from TCP into the archive, and how many ship.py takes from a program to syslog;
what a relay loses while its central is away.

Beside each stands what does the least: a process that writes what it receives to a file as it is, and logger(1).
"""

import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

from bench.processes import cpu_seconds, peak_memory
from bench.table import figure, ratio, table
from tests.ports import free_port
from tests.syslog.rsyslog import Rsyslog, contract_line, identifiers, message, send, until

LINES = 200_000
WANTED = 30_000  # lines/s into the archive
PACE = 3_000  # lines/s to a relay whose central is away
BYTES = 650  # of a line, without its newline
SHIP = Path(__file__).parents[1] / "services" / "syslog" / "ship.py"

# Takes connections one after the other and all at once, and appends what comes to one file.
SINK = """
import os, socket, sys, threading
out = os.open(sys.argv[2], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
def take(connection):
    while data := connection.recv(1 << 18):
        os.write(out, data)
    connection.close()
server = socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=64)
while True:
    threading.Thread(target=take, args=server.accept()[:1], daemon=True).start()
"""


def main(quick: bool) -> None:
    count = LINES // 10 if quick else LINES
    with tempfile.TemporaryDirectory(prefix="bench-syslog-") as folder:
        print("\n## syslog")
        print(receiving(Path(folder), count))
        print(shipping(Path(folder), count))
        print(relaying(Path(folder), away=3 if quick else 30))


def receiving(folder: Path, count: int) -> str:
    rows, rates = [], []
    for connections in (1, 8):
        each = range(count // connections)
        batches = [[contract_line(n, f"{c:016x}", BYTES) for n in each] for c in range(connections)]
        streams = [b"".join(map(message, batch)) for batch in batches]
        with sink(folder / f"sink-{connections}") as (port, _):
            base = send_all(port, streams)
        place = folder / f"rsyslog-{connections}"
        place.mkdir()
        with Rsyslog(place) as central:
            cpu = -cpu_seconds(central.pid)
            taken = send_all(central.port, streams)
            cpu += cpu_seconds(central.pid)
            memory = peak_memory(central.pid)
            arrived = sorted(identifiers(central.archived()))
        rates.append(count / taken)
        same = arrived == sorted(name for batch in batches for name in identifiers(batch))
        rows += [
            [f"{connections} TCP to a file as it is", figure(count / base), "1 ×", "", "", ""],
            [
                f"{connections} TCP through rsyslog to the archive",
                figure(count / taken),
                ratio(base, taken),
                figure(cpu / count * 1e6),
                figure(memory),
                _all(len(arrived), same, count),
            ],
        ]
    columns = [f"{count:,} lines of {BYTES} bytes", "lines/s", "", "CPU µs/line", "peak MB", "in = out"]
    slowest = min(rates)
    verdict = f"{'met' if slowest >= WANTED else 'MISSED'}: {figure(slowest)}"
    return f"{table(columns, rows)}\nAt least {WANTED:,} lines/s into the archive: {verdict}."


def shipping(folder: Path, count: int) -> str:
    source = folder / "lines"
    lines = [contract_line(n, size=BYTES) for n in range(count)]
    source.write_bytes(b"".join(line + b"\n" for line in lines))
    logger = ["logger", "--tcp", "--server=127.0.0.1", "--rfc5424=notq", "--size=16384", "--tag=svc", "--port={port}"]
    ship = [sys.executable, str(SHIP), "--tag=svc", "--address=tcp://127.0.0.1:{port}", "--", "cat"]
    taken: list[float] = []
    rows: list[list[str]] = []
    for name, command in (("logger(1), one stream", logger), ("ship.py", ship)):
        with sink(folder / f"ship-{len(rows)}") as (port, out), source.open("rb") as stdin:
            words = [word.format(port=port) for word in command]
            start = time.perf_counter()
            subprocess.run(words, stdin=stdin, check=True)
            taken.append(time.perf_counter() - start)
            until(lambda out=out: out.read_bytes().count(b"\n") >= count, "lines are missing")  # type: ignore[misc]
            got = [line[line.index(b"{") :] for line in out.read_bytes().splitlines()]
        rows.append([name, figure(count / taken[-1]), ratio(taken[0], taken[-1]), _all(len(got), got == lines, count)])
    return table([f"a program's {count:,} lines to syslog", "lines/s", "", "in = out"], rows)


def relaying(folder: Path, away: float) -> str:
    """The central is stopped for `away` seconds while lines come at PACE."""
    place = folder / "relay"
    place.mkdir()
    lines = [contract_line(n, size=BYTES) for n in range(int(PACE * (away + 4)))]
    wanted = set(identifiers(lines))
    with Rsyslog(place, relp=True) as central, Rsyslog(place, central) as relay, ThreadPoolExecutor(1) as pool:
        sending = pool.submit(send_paced, relay.port, lines)
        time.sleep(2)
        central.stop()
        time.sleep(away)
        waiting = sum(path.stat().st_size for path in relay.queue.iterdir()) / 1e6
        central.start()
        back = time.perf_counter()
        sending.result()
        with suppress(AssertionError):  # then the table says how many are lost
            until(lambda: wanted <= set(identifiers(central.archived())), "lines are missing", 60)
        caught_up = time.perf_counter() - back
        arrived = identifiers(central.archived())
        memory = peak_memory(relay.pid)
    return table(
        [f"a relay at {PACE:,} lines/s", "sent", "lost", "doubled", "MB on disk", "s to catch up", "peak MB"],
        [
            [
                f"its central away for {away:.0f} s",
                f"{len(lines):,}",
                f"{len(wanted - set(arrived)):,}",
                f"{len(arrived) - len(set(arrived)):,}",
                *map(figure, (waiting, caught_up, memory)),
            ]
        ],
    )


def send_paced(port: int, lines: Sequence[bytes]) -> None:
    batch = PACE // 100
    start = time.perf_counter()
    with socket.create_connection(("127.0.0.1", port)) as sock:
        for at in range(0, len(lines), batch):
            time.sleep(max(0.0, start + at / PACE - time.perf_counter()))
            sock.sendall(b"".join(map(message, lines[at : at + batch])))


def _all(arrived: int, same: bool, count: int) -> str:
    return "yes" if same else f"NO: {arrived:,} of {count:,}"


@contextmanager
def sink(file: Path) -> Iterator[tuple[int, Path]]:
    """The port of a process that appends what it receives to `file`."""
    port = free_port()
    process = subprocess.Popen([sys.executable, "-c", SINK, str(port), str(file)])
    try:
        until(file.exists, "the sink doesn't start")
        until(lambda: answers(port), "the sink doesn't listen")
        yield port, file
    finally:
        process.kill()
        process.wait()


def answers(port: int) -> bool:
    try:
        send(port, b"")
    except OSError:
        return False
    return True


def send_all(port: int, streams: Sequence[bytes]) -> float:
    """Seconds until all of them were read, each over a connection of its own."""
    start = time.perf_counter()
    with ThreadPoolExecutor(len(streams)) as pool:
        list(pool.map(lambda stream: send(port, stream), streams))
    return time.perf_counter() - start
