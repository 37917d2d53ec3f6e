"""Names and ports that can't be had are refused in one sentence, and nothing is changed."""

import pytest

from tests.new_service.checkout import Checkout


@pytest.mark.parametrize(
    ("name", "port", "why"),
    [
        ("", "5010", "NAME=bs-foo PORT=5010"),
        ("bs-bar", "", "NAME=bs-foo PORT=5010"),
        ("bs-foo", "5020", "services/bs-foo is there already"),
        ("foo", "5020", "taken"),  # its tag in staging would be bs-foo's
        ("bs-whatweb", "5020", "taken"),
        ("syslog", "5020", "taken"),
        ("logdesk-index", "5020", "taken"),
        ("bugsink", "5020", "taken"),
        ("bs-syslog", "5020", "taken"),  # an image's
        ("api", "5020", "taken"),  # API_PORT is bs-whatweb's
        *((name, "5020", "taken") for name in ("redis", "kafka", "elasticsearch", "kibana", "logstash", "filebeat")),
        *((name, "5020", "taken") for name in ("rsyslogd", "bs-demo", "docker", "gunicorn", "project")),
        ("_other", "5020", "DNS label"),
        ("bs_bar", "5020", "DNS label"),
        ("Bs-Bar", "5020", "DNS label"),
        ("bs-bar-", "5020", "DNS label"),
        ("1bar", "5020", "DNS label"),
        ("bs.bar", "5020", "DNS label"),
        ("../bar", "5020", "DNS label"),
        ("bs-bar; touch x", "5020", "DNS label"),
        ("bs-$(touch x)", "5020", "DNS label"),
        (f"bs-{'x' * 31}", "5020", "room for 33"),
        ("class", "5020", "Python keyword"),
        ("bs-import", "5020", "Python keyword"),
        ("bs-bar", "http", "no port"),
        ("bs-bar", "-1", "no port"),
        ("bs-bar", "80", "no port"),
        ("bs-bar", "65536", "no port"),
        ("bs-bar", "5_020", "no port"),
        *(("bs-bar", port, "taken") for port in ("5007", "5010", "5080", "5514", "8000", "5601", "9200", "6514")),
    ],
)
def test_what_cannot_be_had_is_refused(made: Checkout, name: str, port: str, why: str) -> None:
    before = made.changes()
    done = made.make("new-service", f"NAME={name.replace('$', '$$')}", f"PORT={port}")
    assert done.returncode
    sentence, *rest = done.stderr.splitlines()
    assert sentence.startswith("new-service: ")
    assert why in sentence
    assert len(rest) == 1, "more than a sentence, and make's own word that it failed"
    assert made.changes() == before


def test_a_name_may_look_like_the_words_that_are_replaced(checkout: Checkout) -> None:
    assert checkout.make("new-service", "NAME=bs-whatweb-5007", "PORT=5010").returncode == 0
    assert 'port_variable = "BS_WHATWEB_5007_PORT"' in checkout.text("services/bs-whatweb-5007/service.toml")
    assert "${BS_WHATWEB_5007_PORT:-5010}" in checkout.text("docker-compose.yml")


def test_a_failure_on_the_way_leaves_everything_as_it_was(checkout: Checkout) -> None:
    (checkout.folder / "bs-foo-staging.env").mkdir()  # a file can't be put there
    (checkout.folder / "bs-foo-staging.env" / "keep").touch()
    before = checkout.changes()
    done = checkout.make("new-service", "NAME=bs-foo", "PORT=5010")
    assert done.returncode
    assert "Nothing has changed" in done.stderr
    assert checkout.changes() == before
