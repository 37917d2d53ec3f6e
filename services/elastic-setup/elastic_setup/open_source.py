"""Elasticsearch 7.10 in its open-source distribution: what it lacks, taken out of the bodies."""

from __future__ import annotations

from typing import Any

LACKS = (
    "This is the open-source distribution. It has no data streams and lifecycles: each service and environment gets one"
    " index, and nothing is deleted after ELASTIC_KEEP_DAYS. Labels are kept and can't be searched. It has no users:"
    " whoever reaches it can read and delete all."
)


def adapt(bodies: dict[str, dict[str, Any]]) -> None:
    bodies["ilm_policy"].clear()
    components = bodies["component_template"]
    del components["bs-whatweb-settings"]["template"]["settings"]["index"]["lifecycle"]
    _adapt_fields(components["bs-whatweb-mappings"]["template"]["mappings"]["properties"])
    for template in bodies["index_template"].values():
        del template["data_stream"]


def _adapt_fields(properties: dict[str, Any]) -> None:
    for name, mapping in properties.items():
        if "properties" in mapping:
            _adapt_fields(mapping["properties"])
        elif mapping["type"] == "wildcard":
            mapping["type"] = "keyword"
        elif mapping["type"] == "flattened":
            properties[name] = {"type": "object", "enabled": False}
