"""The compose files of the Elastic chain, as Compose reads them."""

import json
from typing import Any

from tests.compose import config

BASE = "docker-compose.yml"
ELK = "docker-compose-elk.yml"
BASE_SECRETS = {"LOGDESK_PASSWORD": "a", "BUGSINK_PASSWORD": "b", "SENTRY_KEY": "0" * 32}
ELK_SECRETS = {
    name: f"p-{name}"
    for name in (
        "ELASTIC_PASSWORD",
        "KIBANA_ENCRYPTION_KEY",
        "KIBANA_PASSWORD",
        "LOGSTASH_WRITER_PASSWORD",
        "LOGS_READER_PASSWORD",
        "REDIS_PASSWORD",
    )
}


def services(profiles: str = "redis", **variables: str) -> dict[str, dict[str, Any]]:
    """Those of both files, as Compose would start them."""
    done = config(BASE, ELK, profiles=profiles, **BASE_SECRETS, **ELK_SECRETS, **variables)
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    found: dict[str, dict[str, Any]] = json.loads(done.stdout)["services"]
    return found
