"""Settings: every variable that the service reads, with its default, in one place.

gunicorn's own are in gunicorn_config.py, logging's in docs/logging.md.
"""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import TypeVar

VERSION = "1.0.0"
T = TypeVar("T")
Number = TypeVar("Number", int, float)


class SettingsError(ValueError):
    """A variable that can't be used; the message says which and what to write."""


@dataclass(frozen=True)
class Settings:
    service_name: str = "bs-whatweb"
    service_version: str = VERSION
    service_environment: str = "development"
    allow_networks: tuple[IPv4Network | IPv6Network, ...] = field(default=())
    signatures: Path = Path(__file__).parent / "whatweb" / "signatures.json"
    fetch_deadline: float = 10.0  # seconds for a scan's fetch, name look-up and redirects included
    max_body: int = 2 * 1024 * 1024  # bytes of a page that are looked at

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] = os.environ) -> "Settings":
        def read(name: str, convert: Callable[[str], T], default: T, wants: str) -> T:
            value = environ.get(name)
            if not value:
                return default
            try:
                return convert(value)
            except ValueError as error:
                raise SettingsError(f"{name}={value!r}: {error}. It takes {wants}.") from None

        return cls(
            service_name=read("SERVICE_NAME", str, cls.service_name, "a name"),
            service_version=read("SERVICE_VERSION", str, cls.service_version, "a version"),
            service_environment=read("SERVICE_ENVIRONMENT", str, cls.service_environment, "a name"),
            allow_networks=read("WHATWEB_ALLOW_NETWORKS", _networks, (), "CIDR networks, e.g. 10.0.0.0/8,::1/128"),
            signatures=read("WHATWEB_SIGNATURES", Path, cls.signatures, "a file in the Wappalyzer JSON schema"),
            fetch_deadline=read("WHATWEB_DEADLINE", _positive(float), cls.fetch_deadline, "seconds, e.g. 10"),
            max_body=read("WHATWEB_MAX_BODY", _positive(int), cls.max_body, "bytes, e.g. 2097152"),
        )

    def service(self) -> dict[str, str]:
        """Who logs, as the environment variables that JSONFormatter reads."""
        return {
            "SERVICE_NAME": self.service_name,
            "SERVICE_VERSION": self.service_version,
            "SERVICE_ENVIRONMENT": self.service_environment,
        }


def _networks(value: str) -> tuple[IPv4Network | IPv6Network, ...]:
    return tuple(ip_network(part.strip()) for part in value.split(",") if part.strip())


def _positive(kind: Callable[[str], Number]) -> Callable[[str], Number]:
    def convert(value: str) -> Number:
        number = kind(value)
        if not 0 < number < float("inf"):
            raise ValueError("it must be more than 0")
        return number

    return convert
