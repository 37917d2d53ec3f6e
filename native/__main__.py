"""Checks, starts, and says where everything is."""

import signal

if __name__ == "__main__":
    # Before all else: the exception that Ctrl-C is otherwise can get lost in the middle of an import.
    signal.signal(signal.SIGINT, signal.SIG_DFL)

import os
import shlex
import sys
import time
import urllib.request
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from socket import create_connection

from native.parts import Part, Ports, all_parts, environment, own_tracker, set_up_bugsink
from native.preflight import alone, require, require_free
from native.services import ROOT
from native.supervisor import OrderedManager, outliving_its_reader

READY_WITHIN = 60  # seconds
CTRL_C = 130  # what honcho returns for it; the way to end, not a failure

BANNER = """
  The stack is up.

{services}
    log search    {logdesk}
    errors        {errors}
    archive       {archive}

  Try:
    curl -i -H 'X-Request-ID: demo-1' '{api}/api/v1/whatweb?url=http://10.0.0.1/'
    and see its lines at {logdesk}/?q=request:demo-1

  More: make demo, make logs, make audit. Ctrl-C ends it all.
"""


def main() -> int:
    ports = Ports.from_environment(os.environ)
    run = Path(os.environ.get("RUN_DIR", ROOT / ".run")).absolute()
    require(["rsyslog"])
    for folder in (run, run / "archive", run / "index"):
        folder.mkdir(mode=0o750, parents=True, exist_ok=True)
    with alone(run):
        require_free(ports.by_variable())
        return run_parts(run, ports)


def run_parts(run: Path, ports: Ports) -> int:
    if own_tracker():
        set_up_bugsink(run, ports)
    parts = all_parts(run, ports)
    banner = BANNER.format(
        services="\n".join(
            f"    {name:13} {address(port):27} documented at /openapi.json" for name, port in ports.services.items()
        ),
        api=address(ports.services["bs-whatweb"]),
        logdesk=address(ports.logdesk),
        errors=tracker(run, ports),
        archive=run / "archive",
    )
    manager = OrderedManager(meanwhile=lambda: announce(parts, banner))
    for part in parts:
        manager.add_process(part.name, f"exec {shlex.join(part.command)}", env=environment(part), cwd=str(part.folder))
    manager.loop()
    return 0 if manager.returncode == CTRL_C else manager.returncode or 0


def address(port: int) -> str:
    return f"http://127.0.0.1:{port}"


def tracker(run: Path, ports: Ports) -> str:
    """Where errors are seen; of another tracker's DSN without the key."""
    if own_tracker():
        account = os.environ.get("BUGSINK_EMAIL") or "developer@localhost"
        generated = run / "bugsink" / "password"  # not there when BUGSINK_PASSWORD was given
        password = f"password in {generated}" if generated.exists() else "BUGSINK_PASSWORD"
        return f"{address(ports.bugsink):27} {account}, {password}"
    return os.environ.get("SENTRY_DSN", "").rpartition("@")[2] or "off"


def announce(parts: Sequence[Part], banner: str) -> None:
    deadline = time.monotonic() + READY_WITHIN
    while waiting := [part.name for part in parts if part.ready and not ready(part)]:
        if time.monotonic() > deadline:
            print(f"Not up after {READY_WITHIN} s: {', '.join(waiting)}. See what they say above.", file=sys.stderr)
            return
        time.sleep(0.2)
    with outliving_its_reader():
        print(banner, flush=True)


def ready(part: Part) -> bool:
    with suppress(OSError):
        if part.ready.startswith("http"):
            with urllib.request.urlopen(part.ready, timeout=2) as answer:  # noqa: S310 - our own address
                return bool(answer.status == 200)
        host, _, port = part.ready.rpartition(":")
        create_connection((host, int(port)), timeout=2).close()
        return True
    return False


if __name__ == "__main__":
    sys.exit(main())
