"""docker-compose-elk.yml: what starts, in which order, and what it may do."""

import json
import re
import subprocess

import pytest

from native.services import all_services
from tests.compose import config
from tests.elastic.checking import LONGEST_LINE, ROOT, read_yaml
from tests.elastic.compose import BASE, BASE_SECRETS, ELK, ELK_SECRETS, services

CHAIN = {"elasticsearch", "elastic-setup", "filebeat", "kibana", "kibana-setup", "logstash"}
PROFILES = {"redis": {"redis"}, "kafka": {"kafka"}, "redis,agent": {"redis", "logstash-agent"}}


def base_services() -> set[str]:
    return set(json.loads(config(BASE, **BASE_SECRETS).stdout)["services"])


@pytest.mark.parametrize("profiles", PROFILES)
def test_three_nodes_are_a_third_file(profiles: str) -> None:
    done = config(BASE, ELK, "docker-compose-elk-cluster.yml", profiles=profiles, **BASE_SECRETS, **ELK_SECRETS)
    assert (done.returncode, done.stderr) == (0, "")
    assert set(json.loads(done.stdout)["services"]) > set(services(profiles))


def test_the_base_alone_asks_for_no_secret_of_the_chain() -> None:
    done = config(BASE, **BASE_SECRETS)
    assert (done.returncode, done.stderr) == (0, "")
    assert not CHAIN & base_services()


@pytest.mark.parametrize("secret", ELK_SECRETS)
def test_without_a_secret_compose_refuses_and_says_what_to_do(secret: str) -> None:
    others = {name: value for name, value in ELK_SECRETS.items() if name != secret}
    done = config(BASE, ELK, profiles="redis", **BASE_SECRETS, **others)
    assert done.returncode
    assert secret in done.stderr
    assert "make up-elk" in done.stderr


@pytest.mark.parametrize("profiles", PROFILES)
def test_a_profile_starts_its_broker_and_no_other(profiles: str) -> None:
    assert set(services(profiles)) == base_services() | CHAIN | PROFILES[profiles]


@pytest.mark.parametrize("broker", ["redis", "kafka"])
def test_the_broker_is_one_variable_for_both_ends(broker: str) -> None:
    found = services(f"{broker},agent", BROKER=broker)
    ends = [found[name]["environment"] for name in ("filebeat", "logstash", "logstash-agent")]
    assert {end["BROKER"] for end in ends} == {broker}
    addresses = ("REDIS_HOST", "REDIS_PORT", "REDIS_PASSWORD", "KAFKA_BOOTSTRAP_SERVERS", "LOG_TOPIC")
    assert len({tuple(end[name] for name in addresses) for end in ends}) == 1


def test_a_broker_elsewhere_is_an_address() -> None:
    found = services("", BROKER="kafka", KAFKA_BOOTSTRAP_SERVERS="a:9092,b:9092")
    assert not {"redis", "kafka"} & set(found)
    assert found["logstash"]["environment"]["KAFKA_BOOTSTRAP_SERVERS"] == "a:9092,b:9092"


def test_the_set_up_is_complete_before_logstash_and_kibana_start() -> None:
    found = services()
    for name in ("logstash", "kibana"):
        assert found[name]["depends_on"]["elastic-setup"]["condition"] == "service_completed_successfully"
    assert found["elastic-setup"]["depends_on"]["elasticsearch"]["condition"] == "service_healthy"
    assert found["kibana-setup"]["depends_on"]["kibana"]["condition"] == "service_healthy"
    for name in ("elastic-setup", "kibana-setup"):
        assert found[name]["restart"] == "no"


@pytest.mark.parametrize("broker", ["redis", "kafka"])
def test_both_ends_wait_for_their_broker(broker: str) -> None:
    found = services(f"{broker},agent", BROKER=broker)
    for name in ("filebeat", "logstash", "logstash-agent"):
        assert found[name]["depends_on"][broker]["condition"] == "service_healthy"
    assert found["filebeat"]["depends_on"]["logstash-agent"]["condition"] == "service_healthy"


def test_a_password_goes_only_where_it_is_used() -> None:
    found = services("redis,kafka,agent")

    def users(secret: str) -> set[str]:
        return {name for name, service in found.items() if ELK_SECRETS[secret] in json.dumps(service)}

    assert users("ELASTIC_PASSWORD") == {"elasticsearch", "elastic-setup", "kibana-setup"}
    assert users("KIBANA_PASSWORD") == {"kibana", "elastic-setup"}
    assert users("LOGSTASH_WRITER_PASSWORD") == {"logstash", "elastic-setup"}
    assert users("LOGS_READER_PASSWORD") == {"elastic-setup"}
    assert users("KIBANA_ENCRYPTION_KEY") == {"kibana"}
    assert users("REDIS_PASSWORD") == {"redis", "filebeat", "logstash", "logstash-agent"}


def test_every_service_is_confined() -> None:
    for name, service in services("redis,kafka,agent").items():
        if name in base_services():
            continue
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert int(service["mem_limit"]), name
        assert service["cpus"], name
        assert service["pids_limit"], name
        assert service["stop_grace_period"], name
        assert service["logging"]["driver"] == "local", name
        # A network of its own: the services can't reach a broker or Elasticsearch.
        assert set(service["networks"]) == {"elknet"}, name
        writes = {"elasticsearch", "kafka", "kibana", "logstash", "logstash-agent"}
        assert service.get("read_only", False) is (name not in writes), name


def test_every_port_is_published_on_loopback_only() -> None:
    found = services("redis,kafka,agent")
    ports = [port for name, service in found.items() for port in service.get("ports", []) if name in CHAIN]
    assert {port["target"] for port in ports} == {5601, 9200}
    assert {port["host_ip"] for port in ports} == {"127.0.0.1"}


def test_filebeat_has_memory_for_a_queue_of_the_longest_lines() -> None:
    queue = read_yaml("services/filebeat/filebeat.yml")["queue.mem"]
    # Once as text, once decoded or as JSON.
    assert queue["events"] * 2 * LONGEST_LINE < int(services()["filebeat"]["mem_limit"])


def test_what_must_survive_has_a_volume_and_the_archive_is_read_only() -> None:
    found = services("redis,kafka,agent")
    volumes = {
        (name, volume["source"], volume.get("read_only", False))
        for name, service in found.items()
        if name not in base_services()
        for volume in service.get("volumes", [])
        if volume["type"] == "volume"
    }
    assert volumes == {("filebeat", "archive", True)} | {
        (name, name, False)
        for name in ("elasticsearch", "filebeat", "kafka", "kibana", "logstash", "logstash-agent", "redis")
    }


def test_every_long_running_service_has_a_health_check() -> None:
    dockerfile = (ROOT / "services" / "elastic.Dockerfile").read_text()
    checked = {
        target for target, body in re.findall(r"AS (\S+)\n((?:(?!FROM ).*\n)*)", dockerfile) if "HEALTHCHECK" in body
    }
    for name, service in services("redis,kafka,agent").items():
        if name in base_services() or service["restart"] == "no":
            continue
        assert "healthcheck" in service or service["build"]["target"] in checked, name


def test_elastics_version_stands_in_one_place() -> None:
    dockerfile = (ROOT / "services" / "elastic.Dockerfile").read_text()
    (version,) = re.findall(r"^ARG ELASTIC_VERSION=(\d+\.\d+\.\d+)$", dockerfile, re.MULTILINE)
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, check=True, capture_output=True, text=True).stdout.split()
    others = [
        name
        for name in tracked
        if not name.startswith(("docs/", "tests/"))
        and name != "services/elastic.Dockerfile"
        and (ROOT / name).is_file()
        if version in (ROOT / name).read_text(errors="replace")
    ]
    assert others == []


@pytest.mark.parametrize("profiles", ["redis", "kafka"])
def test_every_image_has_an_exact_tag(profiles: str) -> None:
    for name, service in services(profiles).items():
        ours = name in {service.name for service in all_services()} and service["image"] == f"{name}:dev"
        assert ours or re.fullmatch(r"[a-z/-]+:v?\d+\.\d+\.\d+(-alpine)?", service["image"]), name
