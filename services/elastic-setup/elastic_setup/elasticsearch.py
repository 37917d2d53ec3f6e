"""Elasticsearch's side: lifecycle, templates, roles, users. All can be set again at any time."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from . import settings
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
_USERS = {
    "logstash_writer": ("logs_writer", "LOGSTASH_WRITER_PASSWORD"),
    "logs_reader": ("logs_reader", "LOGS_READER_PASSWORD"),
}


def set_up(server: Server) -> None:
    version = _version(server.wait("/", lambda answer: "version" in answer))
    server.wait("/_cluster/health?wait_for_status=yellow&timeout=5s", lambda answer: not answer["timed_out"])
    bodies = {kind: _bodies(kind) for kind in _PATHS}
    _fill_in(bodies)
    for kind, path in _PATHS.items():
        for name, body in bodies[kind].items():
            _put(server, f"{path}/{name}", body)
    _apply_replicas(server)
    secured = _secure(server)
    print(f"Elasticsearch {version} is set up" + (": lifecycle, templates, roles and users." if secured else "."))


def _version(about: dict[str, Any]) -> str:
    version = about["version"]
    number = str(version.get("number", ""))
    if version.get("distribution") or version.get("build_flavor") == "oss":
        name = version.get("distribution") or "the open-source distribution of Elasticsearch"
        raise SetupError(
            f"This is {name} {number}, without lifecycles or the `flattened` and `wildcard` fields: use Elasticsearch's"
            " default distribution."
        )
    match = re.match(r"(\d+)\.(\d+)\.", number)
    if not match or (int(match[1]), int(match[2])) < _OLDEST:
        raise SetupError(
            f"Elasticsearch {number or 'of unknown version'} is too old: 7.10 is the oldest that this is made for."
        )
    return number


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


def _secure(server: Server) -> bool:
    """Roles and users. False, and a warning, where security is off: then there is nobody to give rights to."""
    features = server.call("GET", "/_xpack?categories=features")["features"]
    if not features["security"]["enabled"]:
        print(
            "Security is off in this Elasticsearch: no roles or users were made, and whoever reaches it can read and"
            " delete all. Set xpack.security.enabled: true and start this again."
        )
        return False
    passwords = {user: settings.needed_secret(variable) for user, (_, variable) in _USERS.items()}
    kibana = settings.needed_secret("KIBANA_PASSWORD")
    for name, body in _bodies("role").items():
        server.call("PUT", f"/_security/role/{name}", body)
    for user, (role, _) in _USERS.items():
        server.call("PUT", f"/_security/user/{user}", {"password": passwords[user], "roles": [role]})
    server.call("PUT", "/_security/user/kibana_system/_password", {"password": kibana})
    return True
