import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.syslog.rsyslog import Rsyslog


@pytest.fixture
def central(tmp_path: Path) -> Iterator[Rsyslog]:
    """A central with its archive under tmp_path, listening."""
    with Rsyslog(tmp_path) as started:
        yield started


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 12 MB and 1 000 files."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=12m,nr_inodes=1000", "tmpfs", str(disk)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("may not mount a file system here")
    yield disk
    subprocess.run(["umount", "--lazy", disk], check=True)
