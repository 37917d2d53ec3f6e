"""`make demo`: real traffic for a minute, hostile requests and failures in it, then where to look.

It starts a second service, bs-demo, which is bs-whatweb with routes that fail; both log into the running stack.
"""

import os
import random
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from native.__main__ import address, ready, tracker
from native.parts import Part, Ports, bugsink, environment, own_tracker, service
from native.services import ROOT

SECONDS = 60
CLIENTS = 4

ORDINARY = ("/ping", "/demo/orders/{n}", "/demo/orders/{n}", "/demo/orders/{n}", "/api/v1/whatweb?url={site}")
FAILING = (
    "/demo/crash?pieces=0",
    "/demo/crash?pieces=none",
    "/demo/slow?seconds=0.8",
    "/demo/flood",
    "/no/such/page",
    "/api/v1/whatweb?url=http://169.254.169.254/latest/meta-data",
    "/api/v1/whatweb?url=not-a-url",
)
HOSTILE = (
    b"GET /%0A%7B%22log.level%22:%22critical%22,%22message%22:%22forged%22%7D HTTP/1.1\r\n",
    b"GET /%3Cscript%3Ealert(1)%3C/script%3E HTTP/1.1\r\n",
    b"GET /ping?password=hunter2&token=abc HTTP/1.1\r\nAuthorization: Bearer s3cret\r\n",
    b'GET /ping HTTP/1.1\r\nUser-Agent: \x1b[31mred\x1b[0m " \\ \t \xff\xfe\r\n',
    "GET /ping HTTP/1.1\r\nUser-Agent: \u202egnirts desrever\r\n".encode(),
    b"GET /ping HTTP/1.1\r\nUser-Agent: " + b"a" * 7000 + b"\r\n",
    b"NONSENSE\r\n",
)

LOOK = """
  {sent} requests sent in {seconds} s. Look at:

    everything         {logdesk}/
    failures           {logdesk}/?q=level:error
    one failed request {logdesk}/?q=request:{crash}
    hostile requests   {logdesk}/?q=forged
    dashboard          {logdesk}/dashboard
    errors             {errors}
    lines sent, lost   make audit
"""


def main() -> int:
    ports = Ports.from_environment(os.environ)
    run = Path(os.environ.get("RUN_DIR", ROOT / ".run")).absolute()
    logdesk = address(ports.logdesk)
    try:
        socket.create_connection(("127.0.0.1", ports.logdesk), timeout=2).close()
    except OSError:
        print(
            f"Nothing answers at {logdesk}. Start the stack first, in another terminal: make run. "
            "If it was given ports or RUN_DIR, give the demo the same: LOGDESK_PORT=… make demo",
            file=sys.stderr,
        )
        return 1
    return play(run, ports, logdesk)


def play(run: Path, ports: Ports, logdesk: str) -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port = sock.getsockname()[1]
    part = demo_service(run, port, ports)
    process = subprocess.Popen(part.command, env=environment(part), cwd=part.folder, stdout=subprocess.DEVNULL)  # noqa: S603
    try:
        while not ready(part):
            if process.poll() is not None:
                print("The demo's service ended: see its lines at " + logdesk, file=sys.stderr)
                return 1
            time.sleep(0.1)
        print(f"Sending traffic for {SECONDS} s …", flush=True)
        end = time.monotonic() + SECONDS
        with ThreadPoolExecutor(CLIENTS) as pool:
            counts = list(pool.map(lambda seed: client(seed, port, ports.services["bs-whatweb"], end), range(CLIENTS)))
        crash = f"crash-{int(time.time())}"
        get("/demo/crash?pieces=0", port, crash)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)
    print(LOOK.format(sent=sum(counts), seconds=SECONDS, logdesk=logdesk, crash=crash, errors=errors(run, ports)))
    return 0


def errors(run: Path, ports: Ports) -> str:
    """Where they are seen; beside `make run ERRORS=off` too, which the demo isn't told."""
    return tracker(run, ports) if not own_tracker() or ready(bugsink(run, ports)) else "off"


def demo_service(run: Path, port: int, ports: Ports) -> Part:
    part = service("bs-whatweb", run, port, ports)
    words = (word for word in part.command if word != "--echo")  # the summary is what counts here
    command = tuple({"bs-whatweb": "bs-demo", "project:create_app()": "native.demo_app:create_app()"}.get(word, word)
                    for word in words)  # fmt: skip
    env = {
        **part.env,
        "SERVICE_NAME": "bs-demo",
        "WHATWEB_ALLOW_NETWORKS": "127.0.0.1/32",  # to scan its own site
        "PYTHONPATH": str(ROOT),
    }
    return Part("bs-demo", command, part.ready, env, part.folder)


def client(seed: int, port: int, api: int, end: float) -> int:
    """One client's requests until `end`, about twenty a second; returns how many it sent."""
    chance = random.Random(seed)  # noqa: S311 - traffic, not secrets
    sent = 0
    while time.monotonic() < end:
        kind = chance.random()
        request_id = f"traffic-{sent * CLIENTS + seed}"
        with suppress(OSError, HTTPException):
            if kind < 0.03:
                hostile(chance.choice(HOSTILE), chance.choice((port, api)), request_id)
            else:
                path = chance.choice(FAILING if kind < 0.1 else ORDINARY)
                path = path.format(n=chance.randrange(1000), site=f"http://127.0.0.1:{port}/demo/site")
                get(path, api if path == "/ping" else port, request_id)
        sent += 1
        time.sleep(chance.expovariate(20))
    return sent


def get(path: str, port: int, request_id: str) -> None:
    connection = HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request("GET", path, headers={"X-Request-ID": request_id, "User-Agent": "demo"})
    connection.getresponse().read()
    connection.close()


def hostile(start: bytes, port: int, request_id: str) -> None:
    end = f"Host: 127.0.0.1\r\nConnection: close\r\nX-Request-ID: {request_id}\r\n\r\n".encode()
    with socket.create_connection(("127.0.0.1", port), timeout=20) as sock:
        sock.sendall(start + end)
        while sock.recv(65536):
            pass


if __name__ == "__main__":
    sys.exit(main())
