"""The stack in containers: time to the first answer, idle memory, image sizes, lines through Docker's syslog driver."""

import re
import subprocess
import tempfile
import threading
import time
from pathlib import Path

from bench.table import figure, table
from tests.docker import sending
from tests.docker.compose import Stack, copy_of_the_tree, docker, get, until

IMAGES = (sending.IMAGE, "bs-whatweb:dev", "bs-syslog:v1.0.0", "bs-logdesk:v1.0.0", "bs-bugsink:v1.0.0")
SECONDS_IDLE = 20


def main(quick: bool) -> None:
    if docker("info", check=False).returncode:
        print("\nNo Docker engine answers. With one: docker/with-engine make bench ARGS=docker\n")
        return
    sending.build()
    with tempfile.TemporaryDirectory() as folder:
        stack = Stack(copy_of_the_tree(Path(folder)))
        subprocess.run(["docker/secrets"], cwd=stack.tree, check=True, capture_output=True)
        stack.compose("build")  # not in the times: it depends on what is cached
        print("\n## Containers")
        try:
            times(stack)
            memory(stack)
            driver(stack, 20_000 if quick else 100_000)
        finally:
            stack.down("--volumes")


def times(stack: Stack) -> None:
    rows = []
    for what in ("the first `make up`", "again after `make down`"):
        stack.down()
        begin = time.monotonic()
        first: list[float] = []

        def poll(first: list[float] = first, begin: float = begin) -> None:
            until(lambda: answers(stack), "no answer", 180)
            first.append(time.monotonic() - begin)

        poller = threading.Thread(target=poll)
        poller.start()
        stack.start()
        all_up = time.monotonic() - begin
        poller.join()
        rows.append((what, figure(first[0]), figure(all_up)))
    print(table(("seconds from", "to the API's first answer", "to all parts being healthy"), rows))


def answers(stack: Stack) -> bool:
    try:
        return get(f"{stack.api}/ping")[0] == 200
    except OSError:
        return False


def memory(stack: Stack) -> None:
    """As `docker stats` shows it, without the page cache, and the sizes of the images, their base included."""
    time.sleep(SECONDS_IDLE)
    usage = docker("stats", "--no-stream", "--format", "{{.Name}} {{.MemUsage}}", *stack.compose("ps", "-q").split())
    used = {name: mebibytes(size) for name, size in re.findall(r"^(\S+)-1 (\S+)", usage.stdout, re.MULTILINE)}
    rows = [(name.removeprefix(f"{stack.project}-"), figure(size)) for name, size in sorted(used.items())]
    print(table(("container, idle", "MiB"), [*rows, ("together", figure(sum(used.values())))]))
    sizes = {image: int(docker("image", "inspect", image, "--format", "{{.Size}}").stdout) for image in IMAGES}
    print(table(("image", "MB"), [(image, figure(size / 1e6)) for image, size in sizes.items()]))


def mebibytes(text: str) -> float:
    number, unit = re.findall(r"([\d.]+)(\w+)", text)[0]
    scale: float = {"KiB": 1 / 1024, "MiB": 1, "GiB": 1024}[unit]
    return float(number) * scale


def driver(stack: Stack, count: int) -> None:
    """From the time in the first line to the time in the last, so without the start of the containers."""
    rows = []
    for senders in (1, 2):
        tags = [f"bench-{senders}-{number}" for number in range(senders)]
        address = f"tcp://127.0.0.1:{stack.ports['SYSLOG_PORT']}"
        sending.wait(*[sending.start(tag, address, count // senders) for tag in tags])
        ended = [stack.ended(tag) for tag in tags]
        seconds = (max(one["last_us"] for one in ended) - min(one["first_us"] for one in ended)) / 1e6
        missing = sum(one["missing_count"] for one in ended)
        rows.append((f"{senders}", f"{sum(one['final'] for one in ended):,}", f"{missing}", figure(count / seconds)))
    print(table(("containers", "lines sent", "missing", "lines/s"), rows))
