"""Elasticsearch's side: lifecycle, templates, roles, users. All can be set again at any time."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from . import open_source, security, settings
from .errors import SetupError
from .server import Server

FILES = Path(__file__).parents[2] / "elasticsearch"
_OLDEST = (7, 10)

# In this order: a template may only name what is there. The folders are named after what they hold.
_PATHS = {
    "ilm_policy": "/_ilm/policy",
    "component_template": "/_component_template",
    "index_template": "/_index_template",
}


def set_up(server: Server) -> None:
    version = server.wait("/", lambda answer: "version" in answer)["version"]
    _check(version)
    server.wait("/_cluster/health?wait_for_status=yellow&timeout=5s", lambda answer: not answer["timed_out"])
    bodies = {kind: _bodies(kind) for kind in _PATHS}
    _fill_in(bodies)
    complete = version.get("build_flavor") != "oss"
    if not complete:
        open_source.adapt(bodies)
    for kind, path in _PATHS.items():
        for name, body in bodies[kind].items():
            _put(server, f"{path}/{name}", body)
    _apply_replicas(server)
    if not complete:
        print(open_source.LACKS)
    elif not security.is_on(server):
        print(security.OFF)
    else:
        security.set_up(server, _bodies("role"))
    print(f"Elasticsearch {version['number']} is set up.")


def _check(version: dict[str, Any]) -> None:
    number = str(version.get("number"))
    if "distribution" in version:
        raise SetupError(f"This is {version['distribution']} {number}, not Elasticsearch: it has other field types.")
    match = re.match(r"(\d+)\.(\d+)\.", number)
    if not match or (int(match[1]), int(match[2])) < _OLDEST:
        raise SetupError(f"Elasticsearch {number} is too old: 7.10 is the oldest that this is made for.")


def _bodies(kind: str) -> dict[str, Any]:
    return {file.stem: json.loads(file.read_text()) for file in sorted((FILES / kind).glob("*.json"))}


def _fill_in(bodies: dict[str, dict[str, Any]]) -> None:
    """The files hold the defaults, so that they can be used as they are; what is set differently replaces them."""
    policy = bodies["ilm_policy"]["bs-whatweb"]["policy"]
    policy["phases"]["delete"]["min_age"] = f"{settings.number('ELASTIC_KEEP_DAYS', 30, 1)}d"
    index = bodies["component_template"]["bs-whatweb-settings"]["template"]["settings"]["index"]
    index["number_of_shards"] = settings.number("ELASTIC_SHARDS", 1, 1)
    index["number_of_replicas"] = settings.number("ELASTIC_REPLICAS", 0, 0)


def _put(server: Server, path: str, body: Any) -> None:
    answer = server.call("PUT", path, body)
    if answer.get("acknowledged") is not True:
        raise SetupError(f"Elasticsearch took PUT {path} and didn't confirm it: {answer}. Start this again.")


def _apply_replicas(server: Server) -> None:
    """Templates count for new indices only; those that are there get their copies now, or lose them."""
    replicas = settings.number("ELASTIC_REPLICAS", 0, 0)
    _put(server, "/logs-*-*/_settings?allow_no_indices=true", {"index": {"number_of_replicas": replicas}})
