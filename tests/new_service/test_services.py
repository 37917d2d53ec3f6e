"""service.toml says which services there are and their ports; the compose files say the same."""

import pytest

from native.new_service.copying import staging_file
from native.new_service.wiring import COMPOSE, block
from native.services import ROOT, Service, all_services


def test_bs_whatweb_keeps_its_port_and_variable() -> None:
    assert Service("bs-whatweb", 5007, "API_PORT") in all_services()


@pytest.mark.parametrize("service", all_services(), ids=lambda service: service.name)
def test_every_service_is_wired_into_the_stack_at_its_port(service: Service) -> None:
    for file in COMPOSE:
        lines = block((ROOT / file).read_text(), service.name)
        assert f"- 127.0.0.1:${{{service.port_variable}:-{service.port}}}:5000\n" in lines, file
    assert f"-r services/{service.name}/requirements.in\n" in (ROOT / "requirements.in").read_text()
    assert (ROOT / staging_file(service)).exists()
