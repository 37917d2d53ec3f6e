"""The days of one generation of the index, for its writer."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import OrderedDict
from pathlib import Path

from .day import Day

_MAX_OPEN = 4  # the writer is at work on one day, or two around midnight; each costs up to 10 MB


def existing(generation: Path) -> dict[str, Path]:
    """Day to database, oldest first."""
    return {path.stem: path for path in sorted(generation.glob("????-??-??.db"))}


def with_siblings(database: Path) -> list[Path]:
    """The files of one database: itself, its write-ahead log and that one's index."""
    return [database, *(database.with_name(database.name + end) for end in ("-wal", "-shm"))]


class Days:
    """`names` are the days there are, oldest first."""

    def __init__(self, generation: Path) -> None:
        self._generation = generation
        self.names = list(existing(generation))
        self._open: OrderedDict[str, Day] = OrderedDict()

    def path(self, day: str) -> Path:
        return self._generation / f"{day}.db"

    def are_there(self) -> bool:
        """Whether nobody removed one: what is written to an open one would go on, and be seen by nobody."""
        return all(self.path(day).exists() for day in self.names)

    def get(self, day: str) -> Day:
        """The day, opened or made."""
        if day in self._open:
            self._open.move_to_end(day)
            return self._open[day]
        while len(self._open) >= _MAX_OPEN:
            self._open.popitem(last=False)[1].close()
        self._open[day] = Day(self.path(day))
        if day not in self.names:
            insort(self.names, day)
        return self._open[day]

    def before(self, day: str) -> Day | None:
        """The latest day before this one."""
        at = bisect_left(self.names, day)
        return self.get(self.names[at - 1]) if at else None

    def remove(self, day: str) -> None:
        """Delete the index of a day. What its numbered lines were is noted in the next day of each process, so that
        the audit doesn't take them for lost."""
        number_of = {
            (service, entity_id): last
            for service, entity_id, last in self.get(day).db.execute(
                "SELECT service, entity_id, max(expired, coalesce(max(last), 0))"
                " FROM process LEFT JOIN received ON process = id GROUP BY id"
            )
        }
        self.close_day(day)
        self.names.remove(day)
        for later in self.names[bisect_left(self.names, day) :]:
            if not number_of:
                break
            self.get(later).expire(number_of)
        for path in with_siblings(self.path(day)):
            path.unlink(missing_ok=True)

    def close_day(self, day: str) -> None:
        if day in self._open:
            self._open.pop(day).close()

    def close(self) -> None:
        for day in list(self._open):
            self.close_day(day)
