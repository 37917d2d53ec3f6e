"""The service's settings: every variable that it reads, with its default, in one place.

gunicorn's own are in gunicorn_config.py, logging's in docs/logging.md.
"""

from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path

from project.environment import ServiceSettings, positive, setting

Networks = tuple[IPv4Network | IPv6Network, ...]


def _networks(value: str) -> Networks:
    return tuple(ip_network(part.strip()) for part in value.split(",") if part.strip())


@dataclass(frozen=True)
class Settings(ServiceSettings):
    service_name: str = setting("SERVICE_NAME", str, "bs-whatweb", "a name")
    service_version: str = setting("SERVICE_VERSION", str, "1.0.0", "a version")
    allow_networks: Networks = setting(
        "WHATWEB_ALLOW_NETWORKS", _networks, (), "CIDR networks, e.g. 10.0.0.0/8,::1/128"
    )
    signatures: Path = setting(
        "WHATWEB_SIGNATURES",
        Path,
        Path(__file__).parent / "whatweb" / "signatures.json",
        "a file in the Wappalyzer JSON schema",
    )
    # Seconds for a scan's fetch, name look-up and redirects included.
    fetch_deadline: float = setting("WHATWEB_DEADLINE", positive(float), 10.0, "seconds, e.g. 10")
    # Bytes of a page that are looked at.
    max_body: int = setting("WHATWEB_MAX_BODY", positive(int), 2 * 1024 * 1024, "bytes, e.g. 2097152")
