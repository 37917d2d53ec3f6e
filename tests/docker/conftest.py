"""Tests on a real Docker engine: `make test-docker` runs them, plain pytest leaves them out."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docker.compose import Stack, copy_of_the_tree

collect_ignore_glob = [] if os.environ.get("DOCKER_TESTS") else ["test_*.py"]


@pytest.fixture(scope="session")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh checkout: no .env, no certificates, nothing that was set up before."""
    return copy_of_the_tree(tmp_path_factory.mktemp("tree"))


@pytest.fixture(scope="session")
def stack(tree: Path) -> Iterator[Stack]:
    """The whole stack as `make up` starts it, with a service that can fail on purpose."""
    with Stack(tree) as stack:
        yield stack
