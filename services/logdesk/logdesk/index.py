"""The indexer: follows the archive for as long as it runs, and keeps to the limits of what is kept."""

from __future__ import annotations

import errno
import gc
import logging
import sqlite3
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

from . import generations, retention
from .days import Days
from .follow import Follower
from .settings import Settings

POLL_SECONDS = 0.02  # a line is searchable so much after it is written, and two transactions later at worst
_IDLE_SECONDS = 0.05  # when nothing came for a while
_CLEAN_SECONDS = 60.0
_RETRY_SECONDS = 5.0
_PASSING = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_READONLY,
}
_DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}

log = logging.getLogger("logdesk")


class Damaged(RuntimeError):  # noqa: N818 - a state to be told, not a bug
    """The index can't be read; the message says what to do."""


class Indexer:
    """Writes one generation. Closed and made anew after any error: all it must know is in the index."""

    def __init__(self, settings: Settings, generation: Path) -> None:
        gc.set_threshold(50_000)  # the process is ours: a batch makes many objects and no cycles
        self._settings = settings
        self.generation = generation
        self.days = Days(generation)
        try:
            self.follower = Follower(settings.archive, self.days)
        except BaseException:
            self.days.close()
            raise
        self._cleaned = -_CLEAN_SECONDS

    def close(self) -> None:
        self.follower.close()
        self.days.close()

    def step(self) -> bool:
        """Index what is new; False when there was nothing."""
        if time.monotonic() - self._cleaned >= _CLEAN_SECONDS:
            self._cleaned = time.monotonic()
            generations.remove_others(self._settings.index, self.generation)
            for day in retention.apply(self._settings, self.days, self.follower, datetime.now(UTC).date()):
                log.info("removed %s from archive and index (LOGDESK_KEEP_DAYS, LOGDESK_KEEP_BYTES)", day)
        return self.follower.step()


def run(settings: Settings, stop: threading.Event) -> None:
    """Index until `stop` is set. Raises generations.InUse when another indexer runs, Damaged."""
    with generations.writer_lock(settings.index):
        waiting = False
        while not stop.is_set():
            try:
                _run_generation(settings, stop, resumed=waiting)
                waiting = False
            except (sqlite3.Error, OSError) as error:
                reason = _reason(error, settings.index)
                if not waiting:  # said once, not every five seconds
                    log.error("%s Indexing waits; no line is lost, the archive keeps them.", reason)
                waiting = True
                stop.wait(_RETRY_SECONDS)


def _run_generation(settings: Settings, stop: threading.Event, *, resumed: bool) -> None:
    """Write the current generation until it is another one."""
    generation = generations.current(settings.index)
    if generation is None:
        generation = generations.create(settings.index)
        generations.make_current(generation)
    indexer = Indexer(settings, generation)
    try:
        quiet = checked = time.monotonic()
        while not stop.is_set():
            now = time.monotonic()
            if indexer.step():
                quiet = now
                if resumed:
                    log.info("indexing goes on")
                    resumed = False
            if not indexer.follower.is_behind:
                stop.wait(POLL_SECONDS if now - quiet < 10 else _IDLE_SECONDS)
            if now - checked > 1:
                checked = now
                if generations.current(settings.index) != generation:
                    log.info("the index was rebuilt: going on with the new one")
                    return
                if not indexer.days.are_there():
                    log.info("a day of the index was removed: reading its lines again")
                    return
    finally:
        indexer.close()


def _reason(error: sqlite3.Error | OSError, index: Path) -> str:
    """A sentence for what can be waited for; raises for the rest."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in _DAMAGED:
        raise Damaged(f"The index in {index} is damaged ({error}). Build it anew: python -m logdesk rebuild") from error
    if code == sqlite3.SQLITE_FULL or (isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)):
        return f"The disk of {index} is full: free some, or lower LOGDESK_KEEP_BYTES."
    if code in _PASSING or isinstance(error, OSError):
        return f"The index in {index} can't be brought up to date ({error})."
    raise error
