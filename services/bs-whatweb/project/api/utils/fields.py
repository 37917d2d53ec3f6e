"""The names that the formatter itself fills on a line; nothing from outside may set or repeat them.

fields.json beside this file describes these and all other fields, with their Elasticsearch types.
"""

OWN = frozenset({
    "@timestamp", "log.level", "message", "ecs.version", "service.name", "service.version", "service.environment",
    "host.hostname", "event.dataset", "event.sequence", "event.id", "process.pid", "process.entity_id",
    "log.logger", "log.origin.file.name", "log.origin.file.line", "log.origin.function", "log.truncated",
})  # fmt: skip
