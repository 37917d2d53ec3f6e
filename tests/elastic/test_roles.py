"""The roles' rights, held to the privileges that 7.10 and 9 both document."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

ROLES = Path(__file__).parents[2] / "services/elasticsearch/role"

# Of the documented privileges those that let one see or change documents; both versions know all of them.
READ = {"all", "read", "read_cross_cluster"}
WRITE = {"all", "create", "create_doc", "delete", "index", "write", "manage", "delete_index", "create_index"}
KNOWN = READ | WRITE | {"auto_configure", "monitor", "view_index_metadata", "maintenance", "manage_ilm"}
CLUSTER = {"monitor"}  # of about fifty this is the one that shows the cluster's state and changes nothing


def load(name: str) -> Any:
    return json.loads((ROLES / f"{name}.json").read_text())


def rights(name: str) -> set[str]:
    return {right for index in load(name)["indices"] for right in index["privileges"]}


@pytest.mark.parametrize("name", ["logs_writer", "logs_reader"])
def test_a_role_has_rights_in_the_log_streams_only(name: str) -> None:
    role = load(name)
    assert role.keys() <= {"cluster", "indices", "applications"}
    assert set(role["cluster"]) <= CLUSTER
    assert all(index["names"] == ["logs-*"] for index in role["indices"])
    assert all(index.keys() == {"names", "privileges"} for index in role["indices"])
    assert rights(name) <= KNOWN


def test_the_writer_may_add_documents_and_do_nothing_else() -> None:
    assert rights("logs_writer") == {"create_doc", "auto_configure"}
    assert rights("logs_writer").isdisjoint(READ)
    assert "applications" not in load("logs_writer")


def test_the_reader_cannot_write() -> None:
    assert rights("logs_reader").isdisjoint(WRITE)
    (kibana,) = load("logs_reader")["applications"]
    assert kibana == {"application": "kibana-.kibana", "privileges": ["read"], "resources": ["*"]}
