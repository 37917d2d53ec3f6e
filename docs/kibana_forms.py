"""Kibana's saved objects in the form of Kibana 7.10.

Newer ones migrate it when they import it (`migrationVersion` says from where); what 7.10 hasn't, such as Lens in its
present form, isn't used. Much of an object is kept as JSON in a string, hence `text`.
"""

import json
from typing import Any

Json = dict[str, Any]

DATA_VIEW = "bs-whatweb-logs"
SOURCE = "kibanaSavedObjectMeta.searchSourceJSON.index"
FROM_DATA_VIEW = [{"name": SOURCE, "type": "index-pattern", "id": DATA_VIEW}]
KQL = {"language": "kuery"}
TABLE = {"perPage": 10, "showPartialRows": False, "showMetricsAtAllLevels": False, "showTotal": False,
          "totalFunc": "sum", "percentageCol": ""}  # fmt: skip
NUMBERS = {
    "addTooltip": True, "addLegend": False, "type": "metric",
    "metric": {
        "percentageMode": False, "useRanges": False, "colorSchema": "Green to Red", "metricColorMode": "None",
        "colorsRange": [{"from": 0, "to": 10000}], "labels": {"show": True}, "invertColors": False,
        "style": {"bgFill": "#000", "bgColor": False, "labelColor": False, "subText": "", "fontSize": 36},
    },
}  # fmt: skip


def chart(kind: str, label: str, *, stacked: bool) -> Json:
    return {
        "type": kind,
        "grid": {"categoryLines": False},
        "categoryAxes": [{
            "id": "CategoryAxis-1", "type": "category", "position": "bottom", "show": True, "style": {},
            "scale": {"type": "linear"}, "labels": {"show": True, "filter": True, "truncate": 100}, "title": {},
        }],
        "valueAxes": [{
            "id": "ValueAxis-1", "name": "LeftAxis-1", "type": "value", "position": "left", "show": True, "style": {},
            "scale": {"type": "linear", "mode": "normal"},
            "labels": {"show": True, "rotate": 0, "filter": False, "truncate": 100}, "title": {"text": label},
        }],
        "seriesParams": [{
            "show": True, "type": kind, "mode": "stacked" if stacked else "normal", "data": {"label": label, "id": "1"},
            "valueAxis": "ValueAxis-1", "drawLinesBetweenPoints": True, "lineWidth": 2, "showCircles": False,
        }],
        "addTooltip": True, "addLegend": True, "legendPosition": "right", "times": [], "addTimeMarker": False,
        "labels": {"show": False},
        "thresholdLine": {"show": False, "value": 10, "width": 1, "style": "full", "color": "#E7664C"},
    }  # fmt: skip


def agg(id: str, kind: str, schema: str, **params: Any) -> Json:
    return {"id": id, "enabled": True, "type": kind, "schema": schema, "params": params}


def terms(id: str, field: str, order_by: str, size: int = 10, **params: Any) -> Json:
    """`order_by` is the id of a metric; of percentiles with the percentile, as in 1.95."""
    return agg(id, "terms", "bucket", field=field, orderBy=order_by, order="desc", size=size, otherBucket=False,
                missingBucket=False, **params)  # fmt: skip


def visualization(name: str, title: str, kind: str, params: Json, aggs: list[Json], query: str = "") -> Json:
    source = {"query": {"query": query, **KQL}, "filter": [], "indexRefName": SOURCE}
    state = {"title": title, "type": kind, "params": params, "aggs": aggs}
    return _visual(name, title, state, source, FROM_DATA_VIEW)


def vega(name: str, title: str, spec: Json) -> Json:
    state = {"title": title, "type": "vega", "params": {"spec": json.dumps(spec, indent=2)}, "aggs": []}
    return _visual(name, title, state, {"query": {"query": "", **KQL}, "filter": []}, [])


def _visual(name: str, title: str, state: Json, source: Json, references: list[Json]) -> Json:
    attributes = {
        "title": title,
        "description": "",
        "visState": text(state),
        "uiStateJSON": "{}",
        "version": 1,
        "kibanaSavedObjectMeta": {"searchSourceJSON": text(source)},
    }
    return saved_object("visualization", object_id(name), attributes, "7.10.0", references)


def search(name: str, title: str, description: str, query: str, columns: list[str], sort: list[list[str]]) -> Json:
    source = {"query": {"query": query, **KQL}, "filter": [], "indexRefName": SOURCE}
    attributes = {
        "title": title,
        "description": description,
        "columns": columns,
        "sort": sort,
        "version": 1,
        "kibanaSavedObjectMeta": {"searchSourceJSON": text(source)},
    }
    return saved_object("search", object_id(name), attributes, "7.9.3", FROM_DATA_VIEW)


def saved_object(kind: str, id: str, attributes: Json, version: str, references: list[Json]) -> Json:
    return {
        "type": kind,
        "id": id,
        "attributes": attributes,
        "references": references,
        "migrationVersion": {kind: version},
    }


def object_id(name: str) -> str:
    return f"bs-whatweb-{name}"


def text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
