"""Checkouts: one for each test that changes it, one for those that only look."""

from pathlib import Path

import pytest

from native.services import all_services
from tests.docker.compose import copy_of_the_tree
from tests.new_service.checkout import Checkout


def fresh(folder: Path) -> Checkout:
    """A checkout as it was before any service was made: those of the tree itself have names and ports, too."""
    checkout = Checkout(copy_of_the_tree(folder))
    for service in all_services(folder):
        if service.name != "bs-whatweb":
            done = checkout.make("remove-service", f"NAME={service.name}", "FORCE=1")
            assert done.returncode == 0, done.stderr
            checkout.commit(f"without {service.name}")
    return checkout


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return fresh(tmp_path / "checkout")


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    """A checkout with bs-foo, as new-service made it."""
    checkout = fresh(tmp_path_factory.mktemp("made"))
    done = checkout.make("new-service", "NAME=bs-foo", "PORT=5010")
    assert done.returncode == 0, done.stderr
    return checkout
