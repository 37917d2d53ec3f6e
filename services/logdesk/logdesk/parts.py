"""Conditions on lines, and how AND, OR and NOT make one of several."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Part:
    """A condition, said in two ways: `predicate` alone, on a line; or `match` in the full-text index and `where`, what
    is left to ask of the lines found there. None says nothing. `excluded` is the full-text expression of what a
    negation takes away. With `verify` what fits is only a candidate."""

    match: str | None = None
    where: str | None = None
    predicate: str | None = None
    excluded: str | None = None
    verify: bool = False


EVERYTHING = Part()
NOTHING = Part(where="0", predicate="0")
UNKNOWN = Part(verify=True)


def on_line(where: str) -> Part:
    return Part(where=where, predicate=where)


def every(parts: list[Part]) -> Part:
    if NOTHING in parts:
        return NOTHING
    matches = [part.match for part in parts if part.match]
    match = " AND ".join(f"({match})" for match in matches) or None
    wheres = parts
    if match:
        # Taken away inside the full-text index, where it costs least.
        excluded = [part.excluded for part in parts if part.excluded]
        match = f"({match})" + "".join(f" NOT ({other})" for other in excluded)
        wheres = [part for part in parts if not part.excluded]
    return Part(
        match,
        " AND ".join(f"({part.where})" for part in wheres if part.where) or None,
        " AND ".join(f"({part.predicate})" for part in parts if part.predicate) or None,
        verify=any(part.verify for part in parts),
    )


def either(parts: list[Part]) -> Part:
    parts = [part for part in parts if part != NOTHING]
    verify = any(part.verify for part in parts)
    if not parts:
        return NOTHING
    if any(part.predicate is None for part in parts):
        return Part(verify=verify)
    predicate = " OR ".join(f"({part.predicate})" for part in parts)
    if any(part.match is None for part in parts):
        return Part(None, predicate, predicate, verify=verify)
    match = " OR ".join(f"({part.match})" for part in parts)
    return Part(match, predicate if any(part.where for part in parts) else None, predicate, verify=verify)


def negated(part: Part) -> Part:
    if part == NOTHING:
        return EVERYTHING
    if part.verify:
        return UNKNOWN
    if part.predicate is None:
        return NOTHING
    where = f"NOT ({part.predicate})"
    return Part(None, where, where, excluded=part.match if not part.where else None)
