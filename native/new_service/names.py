"""What a service is called in every place, and which names and ports can't be had."""

import re
from keyword import iskeyword

from native.services import ROOT, Service, all_services

ELASTIC_CHAIN = {"elasticsearch", "kibana", "logstash", "filebeat", "redis", "kafka"}
# Beside it: syslog's own folder in the archive, `make demo`'s service, `make test-docker`, GUNICORN_PORT, and every
# service's module.
RESERVED = {*ELASTIC_CHAIN, "rsyslogd", "demo", "docker", "gunicorn", "project"}
RESERVED_PORTS = {5601, 9200, 2514, 6514}  # Kibana, Elasticsearch, RELP, syslog over TLS
STAGING = "-server-staging"
LONGEST = 48 - len(STAGING)  # characters: syslog cuts a program's name at 48 (RFC 5424, APP-NAME)


class RefusedError(Exception):
    """It can't be done, and nothing has changed. The message says why, and what to do."""


def words(service: Service) -> tuple[str, ...]:
    """What differs between the texts of two services, each at its place in the tuple."""
    return (service.name, short(service.name) + STAGING, service.port_variable, str(service.port))


def short(name: str) -> str:
    return name.removeprefix("bs-")


def new_service(name: str, port: str) -> Service:
    """Raises RefusedError for a name or a port that can't be had."""
    if not name or not port:
        raise RefusedError("say how it is called and where it listens: make new-service NAME=bs-foo PORT=5010")
    if not re.fullmatch(r"[a-z]([a-z0-9-]*[a-z0-9])?", name):
        raise RefusedError(
            f"{name!r} is no DNS label, which it becomes: write lower-case letters, digits and hyphens, e.g. bs-foo"
        )
    if len(name) > LONGEST:
        raise RefusedError(
            f"{name} has {len(name)} characters and syslog has room for {LONGEST}: choose a shorter name"
        )
    if iskeyword(short(name).replace("-", "_")):
        raise RefusedError(
            f"{short(name)} is a Python keyword, so no module of the service could be called that: choose another name"
        )
    if (ROOT / "services" / name).exists():
        raise RefusedError(f"services/{name} is there already, so the name {name} is taken: choose another")
    variable = f"{name.upper().replace('-', '_')}_PORT"
    if _is_taken(name) or variable in _in_compose(r"\b([A-Z_]+_PORT)\b"):
        raise RefusedError(f"the name {name} is taken by a part of the stack: choose another")
    return Service(name, _port(port), variable)


def known_service(name: str) -> Service:
    """Raises RefusedError when there is none that can be removed."""
    services = {service.name: service for service in all_services()}
    if not name:
        raise RefusedError("say which: make remove-service NAME=bs-foo")
    if name not in services:
        raise RefusedError(f"there is no service {name!r}; there are: {', '.join(services)}")
    return services[name]


def _is_taken(name: str) -> bool:
    """By a service, by its short name in staging's tags, by a part of the stack or by a part's image."""
    services = {short(service.name) for service in all_services()}
    parts = _in_compose(r"^  ([a-z][a-z0-9-]*):") | _in_compose(r"image: ([a-z0-9-]+):")
    return short(name) in services | RESERVED or name in parts


def _port(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and 1024 <= int(text) < 65536):
        raise RefusedError(f"{text!r} is no port for a service: write a number from 1024 to 65535, e.g. 5010")
    port = int(text)
    taken = {service.port for service in all_services()} | RESERVED_PORTS
    if port in taken | {int(word) for word in _in_compose(r"_PORT:-(\d+)")}:
        raise RefusedError(f"port {port} is taken by a part of the stack: choose another")
    return port


def _in_compose(pattern: str) -> set[str]:
    files = ROOT.glob("docker-compose*.yml")
    return {word for file in files for word in re.findall(pattern, file.read_text(), re.MULTILINE)}
