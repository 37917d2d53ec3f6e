"""Writes docs/fields.md from the table that the formatter, the tests and the index templates share."""

import json
from itertools import groupby
from pathlib import Path

HERE = Path(__file__).parent
SOURCE = HERE.parent / "services/bs-whatweb/project/api/utils/fields.json"
TARGET = HERE / "fields.md"

HEAD = """\
# Fields of a log line

Made by `make docs` from `services/bs-whatweb/project/api/utils/fields.json`; don't edit.

One record makes one line: a JSON object in UTF-8, from `{"` to `}` and a newline, at most 16 000 bytes (Docker cuts
lines at 16 384). Names are the [Elastic Common Schema](https://www.elastic.co/guide/en/ecs/current/index.html)'s, flat
and dotted. A line that would be longer has its longest texts cut in the middle, each cut marked, and `log.truncated`
set. The types are Elasticsearch's.
"""


def render() -> str:
    fields = json.loads(SOURCE.read_text())
    parts = [HEAD]
    for group, rows in groupby(fields.items(), key=lambda item: item[1]["on"]):
        parts.append(f"\n## {group[0].upper()}{group[1:]}\n\n| field | type | |\n|---|---|---|\n")
        parts += [f"| `{name}` | {field['type']} | {field['description']} |\n" for name, field in rows]
    return "".join(parts)


if __name__ == "__main__":
    TARGET.write_text(render())
