"""The parts of the stack: what runs, where, with which settings. One function a part; `all_parts` is their order."""

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from native.services import ROOT, all_services

SERVICES = ROOT / "services"


@dataclass(frozen=True)
class Ports:
    """TCP ports on 127.0.0.1, each set by one variable."""

    services: Mapping[str, int]  # by the service's name
    logdesk: int = 5080
    syslog: int = 5514
    bugsink: int = 8000

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> "Ports":
        def port(variable: str, default: int) -> int:
            value = environ.get(variable) or str(default)
            if not (value.isdecimal() and 0 < int(value) < 65536):
                sys.exit(f"{variable}={value!r} is not a port. It takes a number from 1 to 65535, e.g. {default}.")
            return int(value)

        return cls(
            services={one.name: port(one.port_variable, one.port) for one in all_services()},
            logdesk=port("LOGDESK_PORT", cls.logdesk),
            syslog=port("SYSLOG_PORT", cls.syslog),
            bugsink=port("BUGSINK_PORT", cls.bugsink),
        )

    def by_variable(self) -> dict[str, int]:
        return {
            **{one.port_variable: self.services[one.name] for one in all_services()},
            "LOGDESK_PORT": self.logdesk,
            "SYSLOG_PORT": self.syslog,
            "BUGSINK_PORT": self.bugsink,
        }


@dataclass(frozen=True)
class Part:
    name: str
    command: tuple[str, ...]
    ready: str = ""  # the URL that answers when it is up, or host:port that accepts
    env: Mapping[str, str] = field(default_factory=dict)
    folder: Path = ROOT


def own_tracker() -> bool:
    """Whether events go to our Bugsink: not with ERRORS=off, nor with another tracker's SENTRY_DSN."""
    errors = os.environ.get("ERRORS") or "on"
    if errors not in ("on", "off"):
        sys.exit(f"ERRORS={errors!r} is neither on nor off. Write ERRORS=off to leave the error tracker out.")
    return errors == "on" and not os.environ.get("SENTRY_DSN")


def all_parts(run: Path, ports: Ports) -> list[Part]:
    """In the order of their start. They end in the reverse order, so that the last lines and events still arrive."""
    return [
        syslog(run, ports),
        logdesk("index", run, ports),
        logdesk("serve", run, ports, ready=f"http://127.0.0.1:{ports.logdesk}/healthz"),
        *([bugsink(run, ports)] if own_tracker() else []),
        *(service(name, run, port, ports) for name, port in ports.services.items()),
    ]


def syslog(run: Path, ports: Ports) -> Part:
    return Part(
        "syslog",
        (str(SERVICES / "syslog" / "run"), "central"),
        ready=f"127.0.0.1:{ports.syslog}",
        env={"SYSLOG_PORT": str(ports.syslog), "SYSLOG_ARCHIVE_DIR": str(run / "archive")},
    )


def logdesk(command: str, run: Path, ports: Ports, ready: str = "") -> Part:
    """Two processes: the index is written by one, and the pages never hold it up."""
    return Part(
        f"logdesk-{command}",
        (sys.executable, "-m", "logdesk", command),
        ready,
        env={
            "LOGDESK_PORT": str(ports.logdesk),
            "LOGDESK_ARCHIVE": str(run / "archive"),
            "LOGDESK_INDEX": str(run / "index"),
        },
        folder=SERVICES / "logdesk",
    )


def bugsink(run: Path, ports: Ports) -> Part:
    return Part(
        "bugsink",
        (str(SERVICES / "bugsink" / "run"),),
        ready=f"127.0.0.1:{ports.bugsink}",
        env={"RUN_DIR": str(run), "BUGSINK_PORT": str(ports.bugsink), "LOGDESK_PORT": str(ports.logdesk)},
    )


def set_up_bugsink(run: Path, ports: Ports) -> None:
    """Makes the tracker's account, project and DSN when there are none yet."""
    subprocess.run([SERVICES / "bugsink" / "bootstrap"], env=environment(bugsink(run, ports)), check=True)  # noqa: S603


def tracker_settings(run: Path, ports: Ports) -> dict[str, str]:
    dsn = run / "bugsink" / "dsn"
    if not dsn.exists():  # `make demo` beside `make run ERRORS=off`
        return {}
    return {
        "SENTRY_DSN": dsn.read_text().strip(),
        "ERROR_EVENT_URL": f"http://127.0.0.1:{ports.bugsink}/issues/event/{{uuid}}/",
    }


def service(name: str, run: Path, port: int, ports: Ports) -> Part:
    """A Flask service under gunicorn; its stdout and stderr go to syslog as Docker's driver would send them."""
    gunicorn = (sys.executable, "-m", "gunicorn", "-c", "gunicorn_config.py", "project:create_app()")
    ship = (sys.executable, str(SERVICES / "syslog" / "ship.py"), "--tag", name)
    return Part(
        name,
        (*ship, "--address", f"tcp://127.0.0.1:{ports.syslog}", "--echo", "--", *gunicorn),
        ready=f"http://127.0.0.1:{port}/healthz",
        env={
            "GUNICORN_PORT": str(port),
            "LOG_LEVELS_FILE": str(run / "log-levels"),
            "LOGDESK_URL": f"http://127.0.0.1:{ports.logdesk}",
            **(tracker_settings(run, ports) if own_tracker() else {}),
        },
        folder=SERVICES / name,
    )


def environment(part: Part) -> dict[str, str]:
    return {**os.environ, **part.env}
