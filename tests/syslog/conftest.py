from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.syslog.rsyslog import Rsyslog


@pytest.fixture
def central(tmp_path: Path) -> Iterator[Rsyslog]:
    """A central with its archive under tmp_path, listening."""
    with Rsyslog(tmp_path) as started:
        yield started
