"""The lines of shared files that make a service one of the stack: added by copying bs-whatweb's, and taken away."""

import re

from native.new_service.copying import SOURCE, folder, parted, renamed
from native.services import ROOT, Service

COMPOSE = ("docker-compose.yml", "docker-compose-staging.yml")
REQUIREMENTS = "requirements.in"  # of the virtual environment in which `make run` runs all services


def wired(service: Service) -> dict[str, str]:
    """Path in the repository → its text with the service."""
    return {
        **{name: _with_block(_read(name), new_block(name, service)) for name in COMPOSE},
        REQUIREMENTS: _read(REQUIREMENTS).replace(_line(SOURCE), _line(SOURCE) + _line(service)),
    }


def unwired(service: Service) -> dict[str, str]:
    """Path in the repository → its text without the service."""
    return {
        **{name: _read(name).replace("\n" + block(_read(name), service.name), "") for name in COMPOSE},
        REQUIREMENTS: _read(REQUIREMENTS).replace(_line(service), ""),
    }


def new_block(file: str, service: Service) -> str:
    """The service in that compose file, as new-service writes it."""
    common, _ = parted(block(_read(file), SOURCE.name), "\n")
    return renamed(common, service)


def block(text: str, name: str) -> str:
    """A service's lines in a compose file: its name and all that is indented below; empty when it isn't there."""
    found = re.search(rf"^  {name}:\n(?:\n*    .*\n)*", text, re.M)
    return found[0] if found else ""


def _with_block(text: str, new: str) -> str:
    """After the last service: what follows the services are the networks."""
    before, networks, after = text.partition("\nnetworks:\n")
    return f"{before}\n{new}{networks}{after}"


def _line(service: Service) -> str:
    return f"-r {folder(service)}/requirements.in\n"


def _read(name: str) -> str:
    return (ROOT / name).read_text()
