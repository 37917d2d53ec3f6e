"""Writes Elasticsearch's mappings of the log streams from the table that docs/fields.md is made from as well.

What a hostile or careless line may hold must not cost a document its place, so each type takes what it can:
- a text longer than MAX_KEYWORD characters stays in the document and isn't indexed (Lucene refuses terms of more than
  32 766 bytes),
- what can't be read as a number or a time stays in the document too (`ignore_malformed`),
- `labels` is one field however many keys it has and however deep they are,
- fields that aren't in the table are kept and not indexed: no line can add to the mapping, and none is refused for it.
What is refused all the same (an object where a text is expected) goes to the dead-letter stream, by Logstash.
"""

import json
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
SOURCE = HERE.parent / "services/bs-whatweb/project/api/utils/fields.json"
TARGET = HERE.parent / "services/elasticsearch/component_template/bs-whatweb-mappings.json"

MAX_KEYWORD = 8191  # characters, each at most 4 bytes of UTF-8
MAX_DEPTH = 100  # levels of `labels`; the default of 20 refuses the whole document

MAPPINGS: dict[str, dict[str, Any]] = {
    "date": {"type": "date", "ignore_malformed": True},
    "keyword": {"type": "keyword", "ignore_above": MAX_KEYWORD},
    "wildcard": {"type": "wildcard", "ignore_above": MAX_KEYWORD},
    "text": {"type": "text"},
    "long": {"type": "long", "ignore_malformed": True},
    "short": {"type": "short", "ignore_malformed": True},
    "boolean": {"type": "boolean"},
    # Its terms are key and value together, so values must leave room for the key.
    "flattened": {"type": "flattened", "ignore_above": 1024, "depth_limit": MAX_DEPTH},
}


def properties() -> dict[str, Any]:
    """The table's dotted names as Elasticsearch's nested objects."""
    root: dict[str, Any] = {}
    for name, field in json.loads(SOURCE.read_text()).items():
        *parents, leaf = name.removesuffix(".*").split(".")
        at = root
        for parent in parents:
            at = at.setdefault(parent, {"properties": {}})["properties"]
        at[leaf] = MAPPINGS[field["type"]]
    # A data stream's own time: Elasticsearch allows no ignore_malformed on it.
    root["@timestamp"] = {"type": "date"}
    return root


def render() -> str:
    template = {
        "_meta": {"description": "Made by `make docs` from fields.json of bs-whatweb; don't edit."},
        "template": {"mappings": {"dynamic": False, "properties": properties()}},
    }
    return json.dumps(template, indent=2) + "\n"


if __name__ == "__main__":
    TARGET.write_text(render())
