"""Checkouts: one for each test that changes it, one for those that only look."""

from pathlib import Path

import pytest

from tests.new_service.checkout import Checkout


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path / "checkout")


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    """A checkout with bs-foo, as new-service made it."""
    checkout = Checkout(tmp_path_factory.mktemp("made") / "checkout")
    done = checkout.make("new-service", "NAME=bs-foo", "PORT=5010")
    assert done.returncode == 0, done.stderr
    return checkout
