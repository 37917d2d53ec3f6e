from collections.abc import Iterator

import pytest

from tests.whatweb.fetch.origin import Servers


@pytest.fixture
def servers() -> Iterator[Servers]:
    running = Servers()
    yield running
    running.stop()
