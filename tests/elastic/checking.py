"""Reads our configuration files with the variables filled in, and holds values to types."""

import re
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
LONGEST_LINE = 160_000  # rsyslog's longest line of the archive: 64 kB of text that JSON escapes
VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_.]*)(?::([^}]*))?\}")


def filled(text: str, **variables: str) -> str:
    """`${NAME:default}`, as Filebeat and Logstash fill it in; one without a value is an error, as it is to them."""

    def value(match: re.Match[str]) -> str:
        found = variables.get(match[1], match[2])
        assert found is not None, f"{match[0]} has no default"
        return found

    return VARIABLE.sub(value, text)


def read_yaml(file: str, **variables: str) -> Any:
    def fill(node: Any) -> Any:
        if isinstance(node, dict):
            return {key: fill(value) for key, value in node.items()}
        if isinstance(node, list):
            return [fill(value) for value in node]
        return filled(node, **variables) if isinstance(node, str) else node

    return fill(yaml.safe_load((ROOT / file).read_text()))


def flat(node: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """{"a": {"b.c": 1}} → {"a.b.c": 1}"""
    found: dict[str, Any] = {}
    for key, value in node.items():
        found |= flat(value, f"{prefix}{key}.") if isinstance(value, dict) else {f"{prefix}{key}": value}
    return found


NUMBER, DURATION = r"-?[0-9]+(\.[0-9]+)?", r"[0-9]+(ms|s|m|h)"
PATTERNS = {
    "number": NUMBER,
    "duration": DURATION,
    "bytes": r"[0-9]+(b|kb|mb|gb)",
    "boolean": "true|false",
    "version": r"[0-9]+\.[0-9]+\.[0-9]+",
    "none": "None",
    "codec": "json|plain",
}


def fits(value: Any, kind: str) -> bool:
    """Whether a program that wants this kind takes the value."""
    if kind == "array":
        return isinstance(value, list)
    if kind == "hosts":  # a list, or a text that Filebeat splits at commas
        hosts = value if isinstance(value, list) else str(value).split(",")
        return all(re.fullmatch(r"[^:/ ]+:[0-9]+", host) for host in hosts)
    if kind == "hash":
        return isinstance(value, dict)
    if kind in ("string", "password", "path"):
        return isinstance(value, str)
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return re.fullmatch(PATTERNS.get(kind, kind), text) is not None
