"""Filters that every service needs. Handlers take them by dotted name, so an INI file can use them too."""

import logging
from collections.abc import Collection, Mapping

from . import access

HEALTH_CHECK_PATHS = ("/healthz",)


class HealthCheckFilter(logging.Filter):
    """Keeps successful health checks out of the access log; one that fails is shown."""

    def __init__(self, paths: Collection[str] = HEALTH_CHECK_PATHS) -> None:
        super().__init__()
        self.paths = frozenset(paths)

    def filter(self, record: logging.LogRecord) -> bool:
        atoms = record.args
        if record.name not in access.LOGGERS or not isinstance(atoms, Mapping):
            return True
        return atoms.get("U") not in self.paths or not str(atoms.get("s")).startswith("2")
