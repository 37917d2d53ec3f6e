"""Which services there are. A folder of services/ with a service.toml is one; nothing else lists them."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]


@dataclass(frozen=True)
class Service:
    name: str  # of its folder, in compose, and as syslog's tag
    port: int  # on 127.0.0.1, unless port_variable says another
    port_variable: str


def all_services(root: Path = ROOT) -> list[Service]:
    return [
        Service(file.parent.name, **tomllib.loads(file.read_text()))
        for file in sorted((root / "services").glob("*/service.toml"))
    ]
