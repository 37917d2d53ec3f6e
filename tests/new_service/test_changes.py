"""All of a change or nothing of it."""

from pathlib import Path

import pytest

from native.new_service import changes


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository's folder, with one to be moved and an empty one to work in."""
    monkeypatch.setattr(changes, "ROOT", tmp_path)
    (tmp_path / "kept.yml").write_text("old\n")
    (tmp_path / "kept.yml").chmod(0o640)
    (tmp_path / "gone.env").write_text("was here\n")
    for folder in ("prepared", "work"):
        (tmp_path / folder).mkdir()
    return tmp_path


def put(tree: Path, files: dict[str, str | None]) -> None:
    changes.put(files, (tree / "prepared", tree / "placed"), tree / "work")


def test_files_are_replaced_made_and_removed_and_the_folder_moves(tree: Path) -> None:
    put(tree, {"kept.yml": "new\n", "made.env": "made\n", "gone.env": None})
    assert ((tree / "kept.yml").read_text(), (tree / "made.env").read_text()) == ("new\n", "made\n")
    assert (tree / "kept.yml").stat().st_mode & 0o777 == 0o640
    assert not (tree / "gone.env").exists()
    assert (tree / "placed").exists()


def test_when_the_last_file_cannot_be_put_everything_is_as_before(tree: Path) -> None:
    with pytest.raises(FileNotFoundError):
        put(tree, {"kept.yml": "new\n", "made.env": "made\n", "gone.env": None, "no/such/folder/file": "x"})
    assert ((tree / "kept.yml").read_text(), (tree / "gone.env").read_text()) == ("old\n", "was here\n")
    assert not (tree / "made.env").exists()
    assert (tree / "prepared").exists()
    assert not (tree / "placed").exists()
