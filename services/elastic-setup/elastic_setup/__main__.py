"""python -m elastic_setup elasticsearch | kibana | audit"""

from __future__ import annotations

import sys

from . import audit, elasticsearch, kibana, report, settings
from .errors import SetupError
from .server import Server

ELASTICSEARCH = "http://127.0.0.1:9200"
KIBANA = "http://127.0.0.1:5601"


def main(arguments: list[str]) -> int:
    try:
        match arguments:
            case ["elasticsearch"]:
                url = settings.url("ELASTICSEARCH_URL", ELASTICSEARCH)
                elasticsearch.set_up(Server("Elasticsearch", url, "elastic", settings.secret("ELASTIC_PASSWORD")))
                return 0
            case ["kibana"]:
                url = settings.url("KIBANA_URL", KIBANA)
                kibana.set_up(Server("Kibana", url, "elastic", settings.secret("ELASTIC_PASSWORD")))
                return 0
            case ["audit"]:
                return _audit()
    except SetupError as error:
        print(f"elastic-setup: {error}", file=sys.stderr)
        return 1
    print(f"usage: {__doc__}", file=sys.stderr)
    return 2


def _audit() -> int:
    """1 when lines are missing."""
    url = settings.url("ELASTICSEARCH_URL", ELASTICSEARCH)
    server = Server("Elasticsearch", url, "logs_reader", settings.secret("LOGS_READER_PASSWORD"))
    processes = audit.audit(server, settings.number("ELASTIC_KEEP_DAYS", 30, 1))
    print(report.table(processes, audit.kept_as_text(server)))
    return 1 if any(process.missing_count for process in processes) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
