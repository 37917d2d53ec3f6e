"""The names of fields, from fields.json, which also has their Elasticsearch types and is made into docs/fields.md."""

import json
from pathlib import Path

_SPEC = json.loads(Path(__file__).with_name("fields.json").read_text(encoding="utf-8"))


def _on(*places: str) -> frozenset[str]:
    return frozenset(name for name, field in _SPEC.items() if field["on"] in places)


KNOWN = frozenset(_SPEC)
REQUEST = _on("inside a request")
# What the formatter itself fills on a line; nothing from outside may set or repeat these.
OWN = _on("every line", "all but access lines") | {"log.truncated"}
