"""Checkouts: one for each test that changes it, one for those that only look."""

from pathlib import Path

import pytest

from tests.docker.compose import copy_of_the_tree
from tests.new_service.checkout import Checkout


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(copy_of_the_tree(tmp_path / "checkout"))


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    """A checkout with bs-foo, as new-service made it."""
    checkout = Checkout(copy_of_the_tree(tmp_path_factory.mktemp("made")))
    done = checkout.make("new-service", "NAME=bs-foo", "PORT=5010")
    assert done.returncode == 0, done.stderr
    return checkout
