"""The fields of a line (Elastic Common Schema), the short names people type, and where the index keeps each."""

from __future__ import annotations

ALIASES = {
    "action": "event.action",
    "agent": "user_agent.original",
    "client": "client.address",
    "dataset": "event.dataset",
    "duration": "event.duration",
    "env": "service.environment",
    "error": "error.type",
    "file": "log.origin.file.name",
    "function": "log.origin.function",
    "host": "host.hostname",
    "id": "event.id",
    "kind": "event.kind",
    "level": "log.level",
    "logger": "log.logger",
    "method": "http.request.method",
    "path": "url.path",
    "pid": "process.pid",
    "process": "process.entity_id",
    "query": "url.query",
    "request": "http.request.id",
    "sequence": "event.sequence",
    "service": "service.name",
    "status": "http.response.status_code",
    "trace": "trace.id",
    "user": "user.name",
    "version": "service.version",
}
SHORT = {name: alias for alias, name in ALIASES.items()}
WITHOUT_DOT = frozenset({"message", "tags", "@timestamp"})

# Names from other tools, and the fields that are meant.
MISTAKEN = {
    "address": "client",
    "bytes": "http.response.body.bytes",
    "code": "status",
    "exception": "error",
    "ip": "client",
    "latency": "duration",
    "msg": "message",
    "severity": "level",
    "stack": "error.stack_trace",
    "text": "message",
    "uri": "path",
    "url": "path",
}

# Constant for one kind of line of one service: five fields cost the index a single number a line.
SOURCE = ("service.name", "event.dataset", "host.hostname", "service.version", "service.environment")

# Few different values: each line keeps a number, and the word behind it is stored once. The first three are columns
# as well.
TAGGED = (
    "log.level",
    "log.logger",
    "http.request.method",
    "http.response.status_code",
    "event.kind",
    "event.action",
    "error.type",
    "process.pid",
)

# A value of these is an identifier: it matches as a whole. Every other field matches by its words.
WHOLE = frozenset(
    {
        *SOURCE,
        *TAGGED,
        "client.address",
        "event.id",
        "http.request.id",
        "http.request.mime_type",
        "http.version",
        "log.origin.file.name",
        "log.origin.function",
        "process.entity_id",
        "span.id",
        "trace.id",
        "transaction.id",
        "url.path",
        "user.name",
    }
)

# Only numbers: another value of these is a mistake.
NUMBERS = frozenset({"event.sequence", "http.response.status_code", "process.pid"})

# On (nearly) every line: indexed as tags and columns, or the same everywhere, so no text to search for.
HEAD = frozenset(
    {
        *SOURCE,
        "@timestamp",
        "ecs.version",
        "event.duration",
        "event.id",
        "event.ingested",
        "event.sequence",
        "http.request.body.bytes",
        "http.response.body.bytes",
        "http.response.status_code",
        "http.version",
        "log.level",
        "log.origin.file.line",
        "log.syslog.hostname",
        "log.syslog.severity.code",
        "process.entity_id",
        "process.pid",
    }
)

# Program names. A search for the bare word `fetch` is about what happened, not about a function of that name,
# so these are indexed apart from the text.
NAMES = frozenset(
    {
        "event.kind",
        "http.request.mime_type",
        "http.request.method",
        "log.logger",
        "log.origin.file.name",
        "log.origin.function",
        "log.syslog.appname",
    }
)

# Text that most lines have: noting its presence would tell nothing.
COMMON = frozenset({"message", "client.address", "http.request.id", "trace.id", "url.path", "user_agent.original"})

# Levels in the spellings of Python, syslog and others, by severity.
SEVERITY = {
    "trace": 0,
    "debug": 1,
    "info": 2,
    "informational": 2,
    "notice": 3,
    "warn": 4,
    "warning": 4,
    "err": 5,
    "error": 5,
    "crit": 6,
    "critical": 6,
    "fatal": 6,
    "alert": 7,
    "emerg": 8,
    "emergency": 8,
    "panic": 8,
}

DURATION = "event.duration"
LEVEL = "log.level"
PATH = "url.path"
MAX_PATH = 512  # characters of a path that the index keeps

HAS = "has"  # kind of word: a field that is there
MAGNITUDE = "magnitude"  # kind of word: the number of bits of a duration in nanoseconds
