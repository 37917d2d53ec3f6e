"""The set-up program against a test server (answering.py): its own logic, not Elasticsearch's."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from elastic_setup.errors import SetupError
from elastic_setup.server import Server
from tests.elastic.answering import Answering, Asked, run
from tests.elastic.test_templates import fields
from tests.ports import free_port

SECRETS = {
    "ELASTIC_PASSWORD": "superuser-secret",
    "KIBANA_PASSWORD": "kibana-secret",
    "LOGSTASH_WRITER_PASSWORD": "writer-secret",
    "LOGS_READER_PASSWORD": "reader-secret",
}


class Elastic:
    """Answers as the reference documents it, 7.10's and 9's being alike here but for `version`."""

    def __init__(self, number: str = "9.5.1", *, security: bool = True, **version: str) -> None:
        self.version = {"number": number, "build_flavor": "default", **version}
        self.security = security
        self.instead: dict[str, tuple[int, Any]] = {}

    def __call__(self, asked: Asked) -> tuple[int, Any]:
        path = asked.path.partition("?")[0]
        if self.security and asked.user != "elastic:superuser-secret":
            return 401, {"error": {"type": "security_exception", "reason": "unable to authenticate user"}}
        if path in self.instead:
            return self.instead[path]
        if path == "/":
            return 200, {"name": "node", "version": self.version, "tagline": "You Know, for Search"}
        if path == "/_cluster/health":
            return 200, {"status": "green", "timed_out": False}
        if path == "/_xpack":
            return 200, {"features": {"security": {"available": True, "enabled": self.security}}}
        if path.startswith("/_security/role/"):
            return 200, {"role": {"created": True}}
        if path.startswith("/_security/"):
            return 200, {}
        return 200, {"acknowledged": True}


PUT = [
    "/_ilm/policy/bs-whatweb",
    "/_component_template/bs-whatweb-mappings",
    "/_component_template/bs-whatweb-settings",
    "/_index_template/logs-deadletter",
    "/_index_template/logs-whatweb",
    "/logs-*-*/_settings?allow_no_indices=true",
    "/_security/role/logs_reader",
    "/_security/role/logs_writer",
    "/_security/user/logstash_writer",
    "/_security/user/logs_reader",
    "/_security/user/kibana_system/_password",
]


@pytest.mark.parametrize("version", ["7.10.2", "8.3.0", "9.5.1"])
def test_all_is_put_in_order_and_may_be_put_again(version: str) -> None:
    with Answering(Elastic(version)).running() as server:
        for _ in range(2):
            done = run("elasticsearch", ELASTICSEARCH_URL=server.url, **SECRETS)
            assert (done.returncode, done.stderr) == (0, "")
            assert version in done.stdout
            assert server.paths("PUT") == PUT
            server_asked, server.asked = server.asked, []
    for asked in server_asked:
        assert asked.headers.get("content-type", "application/json") == "application/json"
    users = {asked.path.rpartition("/user/")[2]: asked.json for asked in server_asked if "/user/" in asked.path}
    assert users == {
        "logstash_writer": {"password": "writer-secret", "roles": ["logs_writer"]},
        "logs_reader": {"password": "reader-secret", "roles": ["logs_reader"]},
        "kibana_system/_password": {"password": "kibana-secret"},
    }


def test_numbers_of_the_environment_replace_the_files() -> None:
    with Answering(Elastic()).running() as server:
        numbers = {"ELASTIC_KEEP_DAYS": "7", "ELASTIC_SHARDS": "3", "ELASTIC_REPLICAS": "1"}
        assert run("elasticsearch", ELASTICSEARCH_URL=server.url, **SECRETS, **numbers).returncode == 0
    assert server.body("/_ilm/policy/bs-whatweb")["policy"]["phases"]["delete"]["min_age"] == "7d"
    index = server.body("/_component_template/bs-whatweb-settings")["template"]["settings"]["index"]
    assert (index["number_of_shards"], index["number_of_replicas"]) == (3, 1)
    assert server.body("/logs-*-*/_settings?allow_no_indices=true") == {"index": {"number_of_replicas": 1}}


@pytest.mark.parametrize(
    ("name", "value"), [("ELASTIC_KEEP_DAYS", "0"), ("ELASTIC_REPLICAS", "-1"), ("ELASTIC_SHARDS", "x")]
)
def test_a_number_that_cannot_be_is_told_before_anything_is_put(name: str, value: str) -> None:
    with Answering(Elastic()).running() as server:
        done = run("elasticsearch", ELASTICSEARCH_URL=server.url, **SECRETS, **{name: value})
    assert done.returncode == 1
    assert f"{name} is '{value}'" in done.stderr
    assert server.paths("PUT") == []


@pytest.mark.parametrize("path", PUT)
def test_a_refusal_ends_it_and_is_told(path: str) -> None:
    elastic = Elastic()
    elastic.instead[path.partition("?")[0]] = (400, {"error": {"reason": "unknown setting [no.such]"}, "status": 400})
    with Answering(elastic).running() as server:
        done = run("elasticsearch", ELASTICSEARCH_URL=server.url, **SECRETS)
    assert done.returncode == 1
    assert f"PUT {path} with 400" in done.stderr
    assert "unknown setting [no.such]" in done.stderr
    assert server.paths("PUT")[-1] == path


def test_what_is_not_confirmed_is_no_success() -> None:
    elastic = Elastic()
    elastic.instead["/_index_template/logs-whatweb"] = (200, {"acknowledged": False})
    with Answering(elastic).running() as server:
        done = run("elasticsearch", ELASTICSEARCH_URL=server.url, **SECRETS)
    assert done.returncode == 1
    assert "didn't confirm" in done.stderr


def test_it_waits_until_the_server_is_there_and_its_cluster_is_usable() -> None:
    elastic = Elastic()
    late = [(503, b"starting"), (200, {"status": "red", "timed_out": True}), (408, {"timed_out": True})]

    def answer(asked: Asked) -> tuple[int, Any]:
        return late.pop() if late and asked.path.startswith("/_cluster") else elastic(asked)

    port = free_port()
    env = {"ELASTICSEARCH_URL": f"http://127.0.0.1:{port}", **SECRETS}
    results: list[int] = []
    program = threading.Thread(target=lambda: results.append(run("elasticsearch", **env).returncode))
    program.start()
    program.join(0.7)  # it has found nobody by now
    with Answering(answer, port).running():
        program.join()
    assert results == [0]
    assert late == []


def test_it_gives_up_after_a_time_and_says_on_what() -> None:
    with pytest.raises(SetupError, match=r"Given up after 0 s.*can't be reached.*can be started again"):
        Server("Elasticsearch", f"http://127.0.0.1:{free_port()}").wait("/", lambda _: True, 0.1, 0.01)
    with (
        Answering(lambda _: (503, b"not ready yet")).running() as server,
        pytest.raises(SetupError, match="not ready yet"),
    ):
        Server("Kibana", server.url).wait("/api/status", lambda _: True, 0.1, 0.01)


def test_a_wrong_password_is_told_as_such() -> None:
    with Answering(Elastic()).running() as server:
        wrong = Server("Elasticsearch", server.url, "elastic", "other")
        with pytest.raises(SetupError, match="doesn't know user elastic with this password"):
            wrong.wait("/", lambda _: True, 0.1, 0.01)


def test_without_security_no_users_are_made_and_it_says_so() -> None:
    with Answering(Elastic("7.10.2", security=False)).running() as server:
        done = run("elasticsearch", ELASTICSEARCH_URL=server.url)
    assert done.returncode == 0
    assert "Security is off" in done.stdout
    assert server.paths("PUT") == PUT[:6]
    assert "/_xpack?categories=features" in server.paths("GET")


def test_without_x_pack_all_is_set_up_that_can_be_and_the_rest_is_told() -> None:
    with Answering(Elastic("7.10.2", security=False, build_flavor="oss")).running() as server:
        done = run("elasticsearch", ELASTICSEARCH_URL=server.url)
    assert (done.returncode, done.stderr) == (0, "")
    assert "no data streams and lifecycles" in done.stdout
    assert server.paths("PUT") == PUT[1:6]
    mappings = server.body("/_component_template/bs-whatweb-mappings")["template"]["mappings"]
    types = {name: mapping["type"] for name, mapping in fields(mappings["properties"])}
    assert set(types.values()) == {"date", "keyword", "text", "long", "short", "boolean", "object"}
    assert types["url.path"] == "keyword"
    assert mappings["properties"]["labels"] == {"type": "object", "enabled": False}
    settings = server.body("/_component_template/bs-whatweb-settings")["template"]["settings"]["index"]
    assert "lifecycle" not in settings
    for name in ("logs-whatweb", "logs-deadletter"):
        assert "data_stream" not in server.body(f"/_index_template/{name}")


@pytest.mark.parametrize(
    ("elastic", "reason"),
    [
        (Elastic("2.11.0", distribution="opensearch"), "opensearch 2.11.0"),
        (Elastic("7.9.3"), "7.9.3 is too old"),
    ],
)
def test_what_cannot_hold_the_streams_is_refused(elastic: Elastic, reason: str) -> None:
    with Answering(elastic).running() as server:
        done = run("elasticsearch", ELASTICSEARCH_URL=server.url, **SECRETS)
    assert done.returncode == 1
    assert reason in done.stderr
    assert server.paths("PUT") == []


@pytest.mark.parametrize("name", ["KIBANA_PASSWORD", "LOGSTASH_WRITER_PASSWORD", "LOGS_READER_PASSWORD"])
def test_no_user_gets_an_empty_password(name: str) -> None:
    with Answering(Elastic()).running() as server:
        done = run("elasticsearch", ELASTICSEARCH_URL=server.url, **{**SECRETS, name: ""})
    assert done.returncode == 1
    assert f"{name} is not set" in done.stderr
    assert not any("/_security/user" in path for path in server.paths("PUT"))


def test_no_secret_is_printed() -> None:
    elastic = Elastic()
    elastic.instead["/_security/user/logs_reader"] = (500, b"no")
    with Answering(elastic).running() as server:
        done = run("elasticsearch", ELASTICSEARCH_URL=server.url, **SECRETS)
    assert not any(secret in done.stdout + done.stderr for secret in SECRETS.values())


@pytest.mark.parametrize("url", ["file:///etc/passwd", "127.0.0.1:9200", "http://elastic:pw@127.0.0.1:9200"])
def test_an_address_that_is_none_is_told(url: str) -> None:
    done = run("elasticsearch", ELASTICSEARCH_URL=url, **SECRETS)
    assert done.returncode == 1
    assert "write http://HOST:PORT" in done.stderr


def test_something_else_on_that_port_is_told() -> None:
    with Answering(lambda _: (200, b"<html>hello</html>")).running() as server:
        done = run("elasticsearch", ELASTICSEARCH_URL=server.url, **SECRETS)
    assert done.returncode == 1
    assert "is no Elasticsearch" in done.stderr


def test_no_password_follows_to_another_address() -> None:
    with Answering(Elastic()).running() as elsewhere:

        def moved(_: Asked) -> tuple[int, Any]:
            return 302, {}

        with Answering(moved, location=elsewhere.url).running() as server:
            done = run("elasticsearch", ELASTICSEARCH_URL=server.url, **SECRETS)
    assert done.returncode == 1
    assert elsewhere.asked == []


def test_usage() -> None:
    done = run("everything")
    assert (done.returncode, done.stdout) == (2, "")
    assert "elasticsearch | kibana | audit" in done.stderr
