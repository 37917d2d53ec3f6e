"""What bench_formatter compares, each set up to write the fields of JSONFormatter's lines as near as it can.

None of the others numbers its lines, cuts them to Docker's size, redacts secrets or reads gunicorn's atoms.
"""

import json
import logging
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from ecs_logging import StdlibFormatter
from json_log_formatter import VerboseJSONFormatter
from pythonjsonlogger.json import JsonFormatter
from pythonjsonlogger.msgspec import MsgspecFormatter
from pythonjsonlogger.orjson import OrjsonFormatter

from bench.records import IDS
from project.api.utils.logger import JSONFormatter

Format = Callable[[logging.LogRecord], str]

SERVICE = {
    "service.name": "bs-whatweb",
    "service.version": "1.0.0",
    "service.environment": "production",
    "host.hostname": "web1",
}
# What JSONFormatter finds out by itself; given to the others as constants, which costs them the least.
GIVEN = {**SERVICE, **IDS, "event.dataset": "bs-whatweb.app", "process.entity_id": "9c1f4ab2d07e6635"}
STATIC = {"ecs.version": "8.17.0", **GIVEN}
RENAMED = {
    "levelname": "log.level",
    "name": "log.logger",
    "filename": "log.origin.file.name",
    "lineno": "log.origin.file.line",
    "funcName": "log.origin.function",
    "process": "process.pid",
}

OURS = "JSONFormatter"
ECS = "ecs-logging"
DEFAULT = "python-json-logger as it comes"


def formatters() -> dict[str, Format]:
    """Name of each row → `format` of a new formatter."""
    same_fields: Any = {
        "fmt": ["message", *RENAMED],
        "rename_fields": RENAMED,
        "static_fields": STATIC,
        "timestamp": "@timestamp",
    }
    unlike_ours = ("log.original", "process.name", "process.thread")
    return {
        OURS: JSONFormatter(fields=SERVICE).format,
        "python-json-logger, msgspec": MsgspecFormatter(**same_fields).format,
        "python-json-logger, orjson": OrjsonFormatter(**same_fields).format,
        "python-json-logger, json": JsonFormatter(**same_fields).format,
        DEFAULT: JsonFormatter().format,
        "json-log-formatter": _Verbose().format,
        ECS: StdlibFormatter(extra=GIVEN, exclude_fields=unlike_ours).format,
        "json.dumps by hand": _by_hand,
        "text: logging.Formatter": logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s").format,
    }


class _Verbose(VerboseJSONFormatter):  # type: ignore[misc]  # it has no types
    def json_record(self, message: str, extra: dict[str, Any], record: logging.LogRecord) -> Any:
        return super().json_record(message, {**STATIC, **extra}, record)


_STANDARD = frozenset(vars(logging.makeLogRecord({})))
_traceback = logging.Formatter().formatException


def _by_hand(record: logging.LogRecord) -> str:
    """What one writes in a quarter of an hour."""
    fields = {
        "@timestamp": datetime.fromtimestamp(record.created, UTC).isoformat(),
        "log.level": record.levelname.lower(),
        "message": record.getMessage(),
        "log.logger": record.name,
        "log.origin.file.name": record.filename,
        "log.origin.file.line": record.lineno,
        "log.origin.function": record.funcName,
        "process.pid": record.process,
        **STATIC,
    }
    fields.update((key, value) for key, value in vars(record).items() if key not in _STANDARD)
    if record.exc_info:
        fields["error.stack_trace"] = _traceback(record.exc_info)
    return json.dumps(fields, default=str)
