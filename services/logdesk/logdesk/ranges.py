"""Sets of sequence numbers as ranges: a process that lost nothing is one pair, however long it lives."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable


class Ranges:
    """Whole numbers in ranges with both ends included, neither overlapping nor touching."""

    def __init__(self, pairs: Iterable[tuple[int, int]] = ()) -> None:
        self._firsts: list[int] = []
        self._lasts: list[int] = []
        for first, last in sorted(pairs):
            if self._lasts and first <= self._lasts[-1] + 1:
                self._lasts[-1] = max(self._lasts[-1], last)
            else:
                self._firsts.append(first)
                self._lasts.append(last)

    def __contains__(self, number: int) -> bool:
        at = bisect_right(self._firsts, number) - 1
        return at >= 0 and number <= self._lasts[at]

    def __len__(self) -> int:
        """How many ranges."""
        return len(self._firsts)

    def add(self, number: int) -> bool:
        """False when the number was there."""
        lasts = self._lasts
        if lasts and number == lasts[-1] + 1:  # the usual case: the next line of a process
            lasts[-1] = number
            return True
        at = bisect_right(self._firsts, number) - 1
        if at >= 0 and number <= lasts[at]:
            return False
        joins_left = at >= 0 and lasts[at] == number - 1
        joins_right = at + 1 < len(lasts) and self._firsts[at + 1] == number + 1
        if joins_left and joins_right:
            lasts[at] = lasts.pop(at + 1)
            del self._firsts[at + 1]
        elif joins_left:
            lasts[at] = number
        elif joins_right:
            self._firsts[at + 1] = number
        else:
            self._firsts.insert(at + 1, number)
            lasts.insert(at + 1, number)
        return True

    def pairs(self) -> list[tuple[int, int]]:
        return list(zip(self._firsts, self._lasts, strict=True))

    def total(self) -> int:
        return sum(self._lasts) - sum(self._firsts) + len(self._firsts)

    def missing(self, first: int, last: int) -> list[tuple[int, int]]:
        """The ranges between `first` and `last`, both included, that are not there."""
        gaps = []
        at = first
        for low, high in self.pairs():
            if low > last:
                break
            if low > at:
                gaps.append((at, low - 1))
            at = max(at, high + 1)
        if at <= last:
            gaps.append((at, last))
        return gaps
