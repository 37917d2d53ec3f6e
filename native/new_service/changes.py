"""All of a change or nothing of it."""

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from native.services import ROOT


def put(files: Mapping[str, str | None], move: tuple[Path, Path], workplace: Path) -> None:
    """Moves a folder, then gives files their texts (None: removes one). If it can't, all is as before.

    `workplace` is an empty folder on the repository's disk, where the new texts are written first: what is left to do
    are renames, and whoever reads a file meanwhile finds its old text or its new one.
    """
    before, after = workplace / "before", workplace / "after"
    for name, text in files.items():
        _prepare(name, text, before, after)
    old, new = move
    old.rename(new)
    try:
        for name in files:
            _replace(name, after)
    except BaseException:  # Ctrl-C as well
        for name in files:
            _replace(name, before)
        new.rename(old)
        raise


def _prepare(name: str, text: str | None, before: Path, after: Path) -> None:
    for side in (before, after):
        (side / name).parent.mkdir(parents=True, exist_ok=True)
    if (ROOT / name).exists():
        shutil.copy2(ROOT / name, before / name)
        shutil.copy2(ROOT / name, after / name)  # for its mode
    if text is None:
        (after / name).unlink(missing_ok=True)
    else:
        (after / name).write_text(text)


def _replace(name: str, source: Path) -> None:
    if (source / name).exists():
        os.replace(source / name, ROOT / name)
    else:
        (ROOT / name).unlink(missing_ok=True)
