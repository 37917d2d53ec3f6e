"""Writes Kibana's saved objects: the data view, the saved searches and the dashboard with logdesk's questions.

Their form is in kibana_forms.py.
"""

from pathlib import Path

from kibana_forms import (
    DATA_VIEW,
    KQL,
    NUMBERS,
    TABLE,
    Json,
    agg,
    chart,
    object_id,
    saved_object,
    search,
    terms,
    text,
    vega,
    visualization,
)  # fmt: skip

TARGET = Path(__file__).parent.parent / "services/kibana/saved_objects.ndjson"

STREAMS = "logs-*"
_ERRORS = "log.level : (error or critical)"
_REQUESTS = "http.response.status_code : *"


def data_view() -> Json:
    plain = {"id": "number", "params": {"pattern": "0"}}  # an id, not an amount: without thousands separators
    duration = {"inputFormat": "nanoseconds", "outputFormat": "asMilliseconds", "outputPrecision": 1}
    formats = {
        "event.duration": {"id": "duration", "params": duration},
        **dict.fromkeys(("event.sequence", "process.pid", "log.origin.file.line", "http.response.status_code"), plain),
    }
    attributes = {"title": STREAMS, "timeFieldName": "@timestamp", "fieldFormatMap": text(formats)}
    return saved_object("index-pattern", DATA_VIEW, attributes, "7.6.0", [])


def searches() -> list[Json]:
    line = ["log.level", "service.name", "log.logger", "message"]
    newest = [["@timestamp", "desc"]]
    numbers = ["service.name", "process.entity_id", "event.sequence", "event.action", "message"]
    return [
        search("errors", "Errors", "Lines of level error and critical.", _ERRORS, [*line, "error.type"], newest),
        search(
            "trace",
            "One trace",
            'What one request did, in order. Write its id for the star: trace.id : "0f96…", or http.request.id : "…".',
            "trace.id : *",
            [*line, "http.response.status_code", "trace.id"],
            [["@timestamp", "asc"]],
        ),
        search(
            "slow-requests",
            "Slow requests",
            "Requests that took a second or longer (event.duration is in nanoseconds).",
            f"{_REQUESTS} and event.duration >= 1000000000",
            ["event.duration", "http.request.method", "url.path", "http.response.status_code", "trace.id"],
            [["event.duration", "desc"]],
        ),
        search(
            "audit",
            "Lost lines: the numbers of each process",
            "A number that is left out is a lost line; log-end is a process's last. `make audit-elk` counts them.",
            "event.sequence : *",
            numbers,
            [["process.entity_id", "asc"], ["event.sequence", "asc"]],
        ),
        search(
            "text-lines",
            "Lines kept as text",
            "What was no JSON, and what Elasticsearch refused: then the reason is the message.",
            "event.kind : pipeline_error or not event.ingested : *",
            ["service.name", "message", "error.message", "event.original"],
            newest,
        ),
    ]


def visualizations() -> list[Json]:
    classes = [
        {
            "input": {"query": f"http.response.status_code >= {n}00 and http.response.status_code < {n + 1}00", **KQL},
            "label": f"{n}xx",
        }
        for n in range(1, 6)
    ]
    totals = [
        {"input": {"query": query, **KQL}, "label": label}
        for label, query in (("lines", ""), ("requests", _REQUESTS), ("errors", _ERRORS))
    ]
    count = agg("1", "count", "metric")
    by_time = agg("2", "date_histogram", "segment", field="@timestamp", interval="auto", min_doc_count=0)
    return [
        visualization("totals", "Lines, requests, errors", "metric", NUMBERS, [
            count, agg("2", "filters", "group", filters=totals),
        ]),
        vega("lines-lost", "Lines lost", LINES_LOST),
        visualization("requests", "Requests by status", "histogram", chart("histogram", "requests", stacked=True), [
            count, by_time, agg("3", "filters", "group", filters=classes),
        ], _REQUESTS),
        visualization("latency", "Latency: p50, p95, p99", "line", chart("line", "latency", stacked=False), [
            agg("1", "percentiles", "metric", field="event.duration", percents=[50, 95, 99]), by_time,
        ], _REQUESTS),
        visualization("error-loggers", "Errors by logger", "table", TABLE, [
            count, terms("2", "log.logger", "1"),
        ], _ERRORS),
        visualization("slow-routes", "Slowest routes", "table", TABLE, [
            agg("1", "percentiles", "metric", field="event.duration", percents=[95]),
            agg("2", "count", "metric"),
            # With fewer than five requests a route's p95 means nothing.
            terms("3", "url.path", "1.95", json=text({"min_doc_count": 5})),
        ], _REQUESTS),
        visualization("processes", "Lines received of each process", "table", TABLE, [
            count,
            agg("2", "min", "metric", field="event.sequence", customLabel="first"),
            agg("3", "max", "metric", field="event.sequence", customLabel="last"),
            terms("4", "service.name", "1"),
            terms("5", "process.entity_id", "1", size=100),
        ], "event.sequence : *"),
    ]  # fmt: skip


# What is missing between the first and the last line that each process wrote in the time shown. Only the time counts,
# not the dashboard's query: among the errors alone almost every number is missing.
LINES_LOST: Json = {
    "$schema": "https://vega.github.io/schema/vega-lite/v4.json",
    "data": {
        "url": {
            "index": STREAMS,
            "body": {
                "size": 0,
                "query": {"bool": {"filter": [
                    {"range": {"@timestamp": {"%timefilter%": True}}}, {"exists": {"field": "event.sequence"}},
                ]}},
                "aggs": {"processes": {
                    "terms": {"field": "process.entity_id", "size": 1000},
                    "aggs": {
                        "first": {"min": {"field": "event.sequence"}},
                        "last": {"max": {"field": "event.sequence"}},
                    },
                }},
            },
        },
        "format": {"property": "aggregations.processes.buckets"},
    },
    "transform": [
        {"calculate": "datum.last.value - datum.first.value + 1 - datum.doc_count", "as": "lost"},
        {"aggregate": [{"op": "sum", "field": "lost", "as": "lost"}, {"op": "count", "as": "processes"}]},
        {"calculate": "datum.lost + ' lost'", "as": "text"},
        {"calculate": "'of ' + datum.processes + ' processes'", "as": "of"},
    ],
    "layer": [
        {"mark": {"type": "text", "fontSize": 36}, "encoding": {
            "text": {"field": "text", "type": "nominal"},
            "color": {"condition": {"test": "datum.lost > 0", "value": "#bd271e"}, "value": "#69707d"},
        }},
        {"mark": {"type": "text", "dy": 32, "color": "#69707d"}, "encoding": {
            "text": {"field": "of", "type": "nominal"},
        }},
    ],
    "config": {"view": {"stroke": None}},
}  # fmt: skip


def dashboard() -> Json:
    w, h = 24, 14  # of 48 columns
    layout = [
        ("visualization", "totals", 0, 0, 32, 7),
        ("visualization", "lines-lost", 32, 0, 16, 7),
        ("visualization", "requests", 0, 7, w, h),
        ("visualization", "latency", w, 7, w, h),
        ("visualization", "error-loggers", 0, 21, w, h),
        ("visualization", "slow-routes", w, 21, w, h),
        ("visualization", "processes", 0, 35, w, h),
        ("search", "errors", w, 35, w, h),
    ]
    panels, references = [], []
    for at, (kind, name, left, top, width, height) in enumerate(layout):
        panels.append({
            "version": "7.10.2",
            "panelIndex": str(at),
            "gridData": {"x": left, "y": top, "w": width, "h": height, "i": str(at)},
            "embeddableConfig": {},
            "panelRefName": f"panel_{at}",
        })  # fmt: skip
        references.append({"name": f"panel_{at}", "type": kind, "id": object_id(name)})
    attributes = {
        "title": "Services",
        "description": "The questions of logdesk's dashboard.",
        "panelsJSON": text(panels),
        "optionsJSON": text({"useMargins": True, "hidePanelTitles": False}),
        "version": 1,
        "timeRestore": True,
        "timeFrom": "now-24h",
        "timeTo": "now",
        "refreshInterval": {"pause": False, "value": 60000},
        "kibanaSavedObjectMeta": {"searchSourceJSON": text({"query": {"query": "", **KQL}, "filter": []})},
    }
    return saved_object("dashboard", object_id("dashboard"), attributes, "7.9.3", references)


def render() -> str:
    objects = [data_view(), *searches(), *visualizations(), dashboard()]
    return "".join(text(one) + "\n" for one in objects)


if __name__ == "__main__":
    TARGET.write_text(render())
