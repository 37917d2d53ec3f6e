"""Whole lines, however many processes write to one file and rotate it."""

from pathlib import Path

import pytest

from project.api.utils.handlers import RotatingLineHandler
from tests.service.lines import check_line, record
from tests.service.programs import run
from tests.service.writing import expected, forked, joined, with_json, write, written


def files(path: Path) -> list[Path]:
    """The newest first."""
    old = [
        child for child in path.parent.iterdir() if child.name.startswith(f"{path.name}.") and child.suffix != ".lock"
    ]
    return [path, *sorted(old, key=lambda child: int(child.suffix[1:]))]


def in_files(path: Path) -> list[bytes]:
    return [line for child in reversed(files(path)) for line in child.read_bytes().splitlines()]


def test_several_processes_rotate_a_file_and_lose_no_line(tmp_path: Path) -> None:
    path = tmp_path / "app.jsonl"
    inherited = with_json(RotatingLineHandler(path, max_bytes=50_000, backups=1000))

    def work(number: int) -> None:
        own = with_json(RotatingLineHandler(path, max_bytes=50_000, backups=1000))
        write(inherited if number % 2 else own, number, 50)

    joined(forked(work))
    assert sorted(written(in_files(path))) == sorted(expected(4, 50))
    sizes = [child.stat().st_size for child in files(path)]
    assert len(sizes) > 20
    assert all(20_000 < size <= 50_000 for size in sizes[1:])
    for number in range(4):  # and each process's lines are in order
        assert [name for name in written(in_files(path)) if name.startswith(f"{number}-")] == [
            f"{number}-{line}" for line in range(50)
        ]
    inherited.close()


def test_no_more_old_files_are_kept_than_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "app.jsonl"
    handler = RotatingLineHandler(path, max_bytes=30, backups=2)
    for number in range(10):
        handler.handle(record(f"line {number} of some length"))
    assert [child.name for child in files(path)] == ["app.jsonl", "app.jsonl.1", "app.jsonl.2"]
    assert [line[5:6] for line in in_files(path)] == [b"7", b"8", b"9"]
    handler.close()


def test_a_line_longer_than_the_limit_has_a_file_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "app.log"
    handler = RotatingLineHandler(path, max_bytes=10)
    for line in ("a" * 50, "b" * 50):
        handler.handle(record(line))
    assert [child.read_text() for child in files(path)] == ["b" * 50 + "\n", "a" * 50 + "\n"]
    handler.close()


def test_a_limit_is_reached_exactly(tmp_path: Path) -> None:
    handler = RotatingLineHandler(tmp_path / "app.log", max_bytes=10)
    for line in ("1234", "6789", "x"):
        handler.handle(record(line))
    assert [child.read_text() for child in files(tmp_path / "app.log")] == ["x\n", "1234\n6789\n"]
    handler.close()


def test_a_file_that_logrotate_moved_is_made_anew(tmp_path: Path) -> None:
    path = tmp_path / "app.log"
    handler = RotatingLineHandler(path)
    handler.handle(record("first"))
    path.rename(tmp_path / "moved.log")
    handler.handle(record("second"))
    path.unlink()
    handler.handle(record("third"))
    assert (tmp_path / "moved.log").read_text() == "first\n"
    assert path.read_text() == "third\n"
    handler.close()


def test_a_file_is_not_readable_by_everybody_and_goes_on_after_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "app.log"
    for line in ("first", "second"):
        handler = RotatingLineHandler(path)
        handler.handle(record(line))
        handler.close()
        handler.close()  # logging.shutdown closes once more
    assert path.read_text() == "first\nsecond\n"
    assert path.stat().st_mode & 0o007 == 0


def test_limits_that_make_no_sense_are_refused(tmp_path: Path) -> None:
    for max_bytes, backups in ((0, 1), (1, 0)):
        with pytest.raises(ValueError, match=r"must be at least 1 for .*app\.log"):
            RotatingLineHandler(tmp_path / "app.log", max_bytes, backups)


# What can't be written.


def test_a_file_that_cannot_be_written_is_reported_once_each_time_and_comes_back(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    folder, away = tmp_path / "logs", tmp_path / "away"
    folder.mkdir()
    handler = with_json(RotatingLineHandler(folder / "app.jsonl"))
    for _ in range(2):
        folder.rename(away)
        handler.handle(record("0-0 lost"))
        handler.handle(record("0-0 lost"))
        away.rename(folder)
        handler.handle(record("0-1 written"))
        [report] = [check_line(line) for line in capfd.readouterr().err.splitlines()]
        assert "No such file or directory" in report["message"]
    assert written((folder / "app.jsonl").read_bytes().splitlines()) == ["0-1", "0-1"]
    handler.close()


FULL_DISK = """
import logging, resource
from project.api.utils.handlers import RotatingLineHandler
handler = RotatingLineHandler("app.log")
log = logging.getLogger("shop")
log.addHandler(handler)
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, resource.RLIM_INFINITY))
for number in range(4):
    log.error("%s", str(number) * 400)
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
log.error("%s", "4" * 400)
"""


def test_a_disk_that_fills_up_in_the_middle_of_a_line_leaves_no_half_of_it(tmp_path: Path) -> None:
    stderr = run(FULL_DISK, tmp_path).stderr
    assert (tmp_path / "app.log").read_text().split() == ["0" * 400, "1" * 400, "4" * 400]
    assert stderr.count("Log lines are lost until") == 1
    assert "File too large" in stderr
