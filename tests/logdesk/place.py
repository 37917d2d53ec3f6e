"""An archive and its index in a test's own folder."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from logdesk import generations
from logdesk.audit import audit
from logdesk.index import Indexer
from logdesk.process_audit import ProcessAudit
from logdesk.query import parse
from logdesk.reader import Span, open_index
from logdesk.search import Hit, find
from logdesk.settings import Settings

DAY = "2026-03-14"
ALL = Span(0, 2**62)
_MIDNIGHT = datetime(2026, 3, 14, tzinfo=UTC)


def stamp(second: float = 0, *, day: int = 0) -> str:
    """A time of DAY (or of a day after it) as a line has it."""
    moment = _MIDNIGHT + timedelta(days=day, seconds=second)
    return moment.isoformat(timespec="microseconds").replace("+00:00", "Z")


def us(second: float = 0, *, day: int = 0) -> int:
    return round((_MIDNIGHT + timedelta(days=day, seconds=second)).timestamp() * 1e6)


def line(second: float = 0, message: str = "hello", **fields: Any) -> dict[str, Any]:
    """A line of the contract; names are given with `__` for dots."""
    return {
        "event.ingested": stamp(second),
        "@timestamp": stamp(second),
        "log.level": "info",
        "message": message,
        "service.name": "shop",
        **{name.replace("__", "."): value for name, value in fields.items()},
    }


def numbered(number: int, entity_id: str = "e1", **fields: Any) -> dict[str, Any]:
    return line(
        number / 100,
        f"line {number}",
        **{
            "process__entity_id": entity_id,
            "event__sequence": number,
            "event__id": f"{entity_id}-{number}",
            "host__hostname": "web1",
            "process__pid": 7,
            **fields,
        },
    )


def encode(lines: Iterable[dict[str, Any] | bytes]) -> bytes:
    return b"".join(one if isinstance(one, bytes) else json.dumps(one).encode() + b"\n" for one in lines)


class Place:
    def __init__(self, folder: Path) -> None:
        self.settings = Settings(archive=folder / "archive", index=folder / "index", keep_days=0)
        self.archive = self.settings.archive
        self.archive.mkdir()
        self._indexer: Indexer | None = None

    def file(self, service: str = "shop", day: str = DAY, end: str = ".jsonl") -> Path:
        path = self.archive / service / f"{day}{end}"
        path.parent.mkdir(exist_ok=True)
        return path

    def write(self, *lines: dict[str, Any] | bytes, service: str = "shop", day: str = DAY) -> Path:
        path = self.file(service, day)
        with path.open("ab") as file:
            file.write(encode(lines))
        return path

    @property
    def indexer(self) -> Indexer:
        """One that stays, as in production; `restart` ends it."""
        if self._indexer is None:
            generation = generations.current(self.settings.index)
            if generation is None:
                generation = generations.create(self.settings.index)
                generations.make_current(generation)
            self._indexer = Indexer(self.settings, generation)
        return self._indexer

    def restart(self) -> None:
        if self._indexer is not None:
            self._indexer.close()
            self._indexer = None

    def index(self) -> None:
        """Index all there is, after a look at the folders."""
        self.indexer.follower.rescan()
        while self.indexer.step():
            pass

    def keep(self, *, days: int = 0, bytes: int = 0) -> None:
        self.restart()
        self.settings = replace(self.settings, keep_days=days, keep_bytes=bytes)

    def hits(self, text: str = "", limit: int = 1000, span: Span = ALL) -> list[Hit]:
        query = parse(text)
        assert query.problem is None, query.problem
        with open_index(self.settings) as db:
            return find(db, query, span, limit=limit).hits

    def messages(self, text: str = "", limit: int = 1000, span: Span = ALL) -> list[str]:
        """Newest first."""
        return [hit.message for hit in self.hits(text, limit, span)]

    def audit(self, service: str | None = None) -> dict[str, ProcessAudit]:
        with open_index(self.settings) as db:
            return {one.entity_id: one for one in audit(db, service)}
