"""What must be there before anything starts; each check that fails says what to do.

`python -m native.preflight PACKAGE…` installs Debian packages that are missing, for the Makefile.
"""

import fcntl
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from glob import glob
from pathlib import Path

# Debian's package → what it brings: a program, or a file.
PACKAGES = {
    "rsyslog": "rsyslogd",
    "rsyslog-relp": "/usr/lib/*/rsyslog/imrelp.so",
    "chromium": "chromium",
    "redis-server": "redis-server",
    "shellcheck": "shellcheck",
    "wrk": "wrk",
}
PATH = os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/sbin"))  # where Debian keeps rsyslogd


def require(packages: Iterable[str]) -> None:
    """Installs what is missing when we may; otherwise says the command."""
    missing = [package for package in packages if not _present(PACKAGES[package])]
    if not missing:
        return
    if shutil.which("apt-get") is None or os.geteuid() != 0:
        sys.exit(f"Missing: {', '.join(missing)}. On Debian or Ubuntu: sudo apt-get install {' '.join(missing)}")
    print(f"Installing Debian packages: {', '.join(missing)}", flush=True)
    environ = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["apt-get", "update", "-qq"], ["apt-get", "install", "-qq", "--no-install-recommends", *missing]):
        if subprocess.run(command, env=environ, stdout=subprocess.DEVNULL, check=False).returncode:  # noqa: S603
            sys.exit(f"`{' '.join(command)}` failed: see above.")


def _present(what: str) -> bool:
    return bool(glob(what)) if what.startswith("/") else shutil.which(what, path=PATH) is not None


def require_free(ports: Mapping[str, int]) -> None:
    """`ports`: the variable that sets each, and its number."""
    for port in set(ports.values()):
        if len(same := [variable for variable, other in ports.items() if other == port]) > 1:
            sys.exit(f"{' and '.join(same)} are the same port, {port}: give each part its own.")
    taken = {variable: port for variable, port in ports.items() if not _is_free(port)}
    if taken:
        which = "".join(f"Port {port} on 127.0.0.1 is taken.\n" for port in taken.values())
        others = " ".join(f"{variable}={port + 1000}" for variable, port in taken.items())
        sys.exit(f"{which}Stop what listens there (`ss -ltnp`), or choose others: {others} make run")


def _is_free(port: int) -> bool:
    with socket.socket() as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            sock.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


@contextmanager
def alone(run: Path) -> Iterator[None]:
    """Holds the lock on RUN_DIR. Forked processes hold it too, so a stack without its supervisor still does."""
    with open(run / "lock", "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            sys.exit(
                f"A stack runs in {run} already. End it; or give this one a folder and ports of its own: "
                f"RUN_DIR={run}-2 API_PORT=… make run"
            )
        yield


if __name__ == "__main__":
    require(sys.argv[1:])
