"""How many lines rsyslog takes from TCP into the archive, and how many ship.py takes from a program to syslog.

    python -m bench.bench_syslog [--quick]

Beside each stands what does the least: a process that writes what it receives to a file as it is, and logger(1).
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from bench.table import figure, ratio, table
from tests.syslog.rsyslog import Rsyslog, contract_line, free_port, identifiers, message, send, until

LINES = 200_000
BYTES = 650  # of a line, without its newline
SHIP = Path(__file__).parents[1] / "services" / "syslog" / "ship.py"
TICK = os.sysconf("SC_CLK_TCK")

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


def main(quick: bool = False) -> None:
    count = LINES // 10 if quick else LINES
    with tempfile.TemporaryDirectory(prefix="bench-syslog-") as folder:
        print("\n## syslog")
        print(receiving(Path(folder), count))
        print(shipping(Path(folder), count))


def receiving(folder: Path, count: int) -> str:
    rows = []
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
    return table(columns, rows)


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


def cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def peak_memory(pid: int) -> float:
    """Megabytes."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1000


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Prints the tables of syslog.")
    parser.add_argument("--quick", action="store_true", help="a tenth of the lines")
    main(parser.parse_args().quick)
