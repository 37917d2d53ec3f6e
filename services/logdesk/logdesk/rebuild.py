"""Building the index anew from the archive, while the old one is searched and the indexer goes on."""

from __future__ import annotations

import shutil
import sqlite3
import sys
import time
from pathlib import Path
from typing import TextIO

from . import generations
from .days import Days
from .index import Indexer
from .settings import Settings

_BAR = 40  # characters


def rebuild(settings: Settings, out: TextIO = sys.stderr) -> None:
    """Build beside the current index, then take its place. A running indexer goes on with the new one within a
    second or two. Raises generations.InUse when another rebuild runs."""
    with generations.rebuild_lock(settings.index):
        old = generations.current(settings.index)
        new = generations.create(settings.index)
        try:
            _build(settings, new, old, Progress(out))
        except BaseException:
            shutil.rmtree(new, ignore_errors=True)
            raise
        generations.make_current(new)
    try:
        with generations.writer_lock(settings.index):
            generations.remove_others(settings.index)
    except generations.InUse:
        pass  # the indexer removes it, once it has changed over


def _build(settings: Settings, new: Path, old: Path | None, progress: Progress) -> None:
    indexer = Indexer(settings, new)
    try:
        while indexer.follower.step():
            progress.show(*indexer.follower.progress())
        if old is not None:
            try:
                _carry_expired(old, indexer.days)
            except sqlite3.DatabaseError as error:
                progress.note(f"the old index is damaged ({error}): lines of days long removed may count as missing")
        while indexer.follower.step():  # what came meanwhile
            pass
    finally:
        indexer.close()
    progress.done()


def _carry_expired(old: Path, days: Days) -> None:
    """Which numbers were in days since removed is all that the archive can't tell."""
    old_days = Days(old)
    try:
        for day in set(old_days.names) & set(days.names):
            days.get(day).expire(old_days.get(day).expired())
    finally:
        old_days.close()


class Progress:
    """A bar on a terminal; elsewhere a line for each tenth."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._start = time.monotonic()
        self._tenth = 0
        self._bar = out.isatty()

    def show(self, done: int, total: int) -> None:
        share = done / total if total else 1.0
        seconds = time.monotonic() - self._start
        if self._bar:
            filled = round(share * _BAR)
            left = seconds / share * (1 - share) if share else 0
            self._out.write(
                f"\r[{'#' * filled}{'.' * (_BAR - filled)}] {share:4.0%}  {done / 1e6:,.0f} of {total / 1e6:,.0f} MB"
                f"  {left:,.0f} s left \033[K"
            )
        elif int(share * 10) > self._tenth:
            self._tenth = int(share * 10)
            self._out.write(f"rebuilding: {self._tenth * 10} %, {seconds:,.0f} s\n")
        self._out.flush()

    def done(self) -> None:
        self.note(f"rebuilt in {time.monotonic() - self._start:,.0f} s")

    def note(self, text: str) -> None:
        self._out.write(f"{chr(10) if self._bar else ''}{text}\n")
        self._out.flush()
