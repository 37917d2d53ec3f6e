"""What must be there before anything starts; each check that fails says what to do."""

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterable

SYSTEM_PATH = os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/sbin"))  # where Debian keeps rsyslogd


def require(program: str, package: str) -> None:
    """Installs Debian's package when the program is missing and we may; otherwise says the command."""
    if shutil.which(program, path=SYSTEM_PATH):
        return
    if shutil.which("apt-get") is None or os.geteuid() != 0:
        sys.exit(f"{program} is missing. Install it, on Debian or Ubuntu with: sudo apt-get install {package}")
    print(f"Installing {package}: {program} is missing", flush=True)
    environ = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    # Debian starts what it installs; ours runs in the foreground, on its own port.
    for command in (["apt-get", "update", "-qq"], ["apt-get", "install", "-qq", "--no-install-recommends", package]):
        if subprocess.run(command, env=environ, stdout=subprocess.DEVNULL, check=False).returncode:  # noqa: S603
            sys.exit(f"`{' '.join(command)}` failed: see above. {program} is needed.")


def require_free(ports: Iterable[tuple[str, int]]) -> None:
    """`ports`: the variable that sets each, and its number."""
    for variable, port in ports:
        with socket.socket() as sock:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                sock.bind(("127.0.0.1", port))
            except OSError:
                sys.exit(
                    f"Port {port} on 127.0.0.1 is taken. Stop what listens there (`ss -ltnp`), "
                    f"or choose another: {variable}={port + 1000} make run"
                )
