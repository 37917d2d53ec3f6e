"""Runs a filter of ours on an event, as Logstash's documentation says its plugins work.

A stand-in: Logstash itself isn't to be had on every machine. It knows what our files use and refuses everything else.
"""

import hashlib
import json
import re
from collections.abc import Callable
from typing import Any

from tests.elastic.logstash_language import Branch, Field, Plugin, Regex, Statements

Event = dict[str, Any]


def run(statements: Statements, event: Event) -> Event | None:
    """The event, changed; None when it was dropped."""
    for statement in statements:
        if isinstance(statement, Branch):
            chosen = next((inner for condition, inner in statement.cases if holds(condition, event)), [])
            if run(chosen, event) is None:
                return None
        elif statement.name == "drop":
            return None
        else:
            for option, argument in ordered(statement):
                OPERATIONS[statement.name, option](event, argument, statement.options)
    return event


def ordered(plugin: Plugin) -> list[tuple[str, Any]]:
    """A mutate's own order, in which `copy` is the last; one operation each of the others."""
    if plugin.name != "mutate":
        return [("source", plugin.options["source"])]
    order = ["replace", "gsub", "lowercase", "copy", "remove_field"]
    return sorted(plugin.options.items(), key=lambda item: order.index(item[0]))


def holds(condition: Any, event: Event) -> bool:
    if condition is None:
        return True
    operator, *operands = condition
    if operator == "!":
        return not holds(operands[0], event)
    left, right = operands
    assert isinstance(left, Field)
    value = get(event, left.path)
    if operator == "in":
        return value in right
    assert operator == "=~"
    assert isinstance(right, Regex)
    return isinstance(value, str) and re.search(right.pattern.replace(r"\z", r"\Z"), value) is not None


def keys(path: str) -> list[str]:
    return re.findall(r"\[([^\]]+)\]", path) or [path]


def get(event: Event, path: str) -> Any:
    value: Any = event
    for key in keys(path):
        value = value.get(key) if isinstance(value, dict) else None
    return value


def put(event: Event, path: str, value: Any) -> None:
    *parents, last = keys(path)
    for key in parents:
        event = event.setdefault(key, {})
    event[last] = value


def sprintf(event: Event, template: str) -> str:
    """`%{[a][b]}`; what is missing stays as it is written."""

    def value(match: re.Match[str]) -> str:
        found = get(event, match[1])
        return match[0] if found is None else found if isinstance(found, str) else json.dumps(found)

    return re.sub(r"%\{([^}]+)\}", value, template)


def remove_field(event: Event, paths: list[str], _: object) -> None:
    for path in paths:
        *parents, last = keys(path)
        parent = get(event, "".join(f"[{key}]" for key in parents)) if parents else event
        if isinstance(parent, dict):
            parent.pop(last, None)


def copy(event: Event, pairs: dict[str, str], _: object) -> None:
    for source, target in pairs.items():
        if get(event, source) is not None:
            put(event, target, get(event, source))


def lowercase(event: Event, paths: list[str], _: object) -> None:
    for path in paths:
        if isinstance(value := get(event, path), str):
            put(event, path, value.lower())


def gsub(event: Event, triples: list[str], _: object) -> None:
    for path, pattern, replacement in zip(triples[::3], triples[1::3], triples[2::3], strict=True):
        if isinstance(value := get(event, path), str):
            put(event, path, re.sub(pattern, replacement, value))


def replace(event: Event, pairs: dict[str, str], _: object) -> None:
    for path, template in pairs.items():
        put(event, path, sprintf(event, template))


def fingerprint(event: Event, sources: list[str], options: dict[str, Any]) -> None:
    assert (options["method"], options["concatenate_sources"]) == ("SHA256", "true")
    text = "".join(f"|{source}|{get(event, source) or ''}" for source in sorted(sources)) + "|"
    put(event, options["target"], hashlib.sha256(text.encode()).hexdigest())


OPERATIONS: dict[tuple[str, str], Callable[[Event, Any, Any], None]] = {
    ("mutate", "remove_field"): remove_field,
    ("mutate", "copy"): copy,
    ("mutate", "lowercase"): lowercase,
    ("mutate", "gsub"): gsub,
    ("mutate", "replace"): replace,
    ("fingerprint", "source"): fingerprint,
}
