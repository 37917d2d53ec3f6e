"""A query as SQL for one day of the index.

Words and few-valued fields become one full-text expression, the rest conditions on columns. What neither can decide
is decided on the lines themselves (match.py); then the SQL finds a superset. Text of the user reaches SQLite only as
a parameter, and in a full-text expression only inside a quoted string.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from . import fields as f
from .match import fits
from .parts import EVERYTHING, NOTHING, UNKNOWN, Part, either, every, negated, on_line
from .reader import Shard
from .syntax import And, Compare, Has, Node, Not, Or, Value, Words, words
from .words import OTHER, process_tag, tag

_COLUMNS = {"log.level": "line.level", "log.logger": "line.logger", "http.request.method": "line.method"}
_IN_TEXT = "line.id IN (SELECT rowid FROM fts WHERE fts MATCH :{} AND rowid BETWEEN :low AND :high)"


@dataclass(slots=True)
class Plan:
    """`select` gives a statement with the parameters :low and :high, both included, for the range of keys."""

    shard: Shard
    parameters: dict[str, Any] = field(default_factory=dict)
    part: Part = EVERYTHING
    has_prefix: bool = False

    @property
    def verify(self) -> bool:
        return self.part.verify

    @property
    def key(self) -> str:
        """The column to sort by."""
        return "fts.rowid" if self.part.match else "line.id"

    @property
    def finds_nothing(self) -> bool:
        return self.part == NOTHING

    def select(self, columns: str, *conditions: str) -> str:
        wheres = [*conditions, f"({self.part.where})"] if self.part.where else list(conditions)
        if self.part.match is None:
            return _sql(columns, "line", ["line.id BETWEEN :low AND :high", *wheres])
        # CROSS JOIN keeps the order of the tables: SQLite would otherwise walk the lines and ask the full-text index
        # for each (2.2 s instead of 0.07 s).
        return _sql(
            columns,
            "fts CROSS JOIN line ON line.id = fts.rowid",
            ["fts MATCH :match", "fts.rowid BETWEEN :low AND :high", *wheres],
        )

    def candidates(self) -> str:
        """As `select`, but a bare row for each line: ten times as fast where the full-text index knows all."""
        if self.part.match is None or self.part.where:
            return self.select("1")
        return _sql("1", "fts", ["fts MATCH :match", "fts.rowid BETWEEN :low AND :high"])

    def add(self, node: Node) -> Part:
        match node:
            case And(items):
                return every([self.add(item) for item in items])
            case Or(items):
                return either([self.add(item) for item in items])
            case Not(item):
                return negated(self.add(item))
            case Words(text, prefix):
                self.has_prefix |= prefix
                return self._in_text(_phrase("text", text, prefix=prefix))
            case Has(name):
                return self._has(name)
            case Value() | Compare():
                return self._condition(node)

    def _condition(self, node: Value | Compare) -> Part:
        name = node.field
        if name in f.SOURCE or name in f.TAGGED:
            return self._tagged(node)
        if name == "process.entity_id":
            found = self.shard.rows("SELECT id, entity_id FROM process")
            ids = [id for id, entity_id in found if fits(node, entity_id)]
            return self._tags(ids, f"coalesce(line.process IN ({_list(ids)}), 0)", token=process_tag)
        if isinstance(node, Compare):
            return self._number(node)
        if name == f.PATH:
            return self._path(node)
        if name == "event.id":
            return self._event_id(node)
        return self._other_value(node)

    def _tagged(self, node: Value | Compare) -> Part:
        """Lines with one of the words that fit. Those with OTHER may have any value."""
        name = node.field
        if name in f.SOURCE:
            at = f.SOURCE.index(name)
            known = [(id, self.shard.source(id)[at]) for id, text in self.shard.words("source") if text]
            others = [id for id, text in self.shard.words("source") if text == OTHER]
            column = "line.source"
        else:
            known = [(id, text) for id, text in self.shard.words(name) if text]
            others = [id for id, text in self.shard.words(name) if text == OTHER]
            column = _COLUMNS.get(name, "")
        ids = [id for id, text in known if text and fits(node, text)] + others
        predicate = f"coalesce({column} IN ({_list(ids)}), 0)" if column else None
        return self._tags(ids, predicate, verify=bool(others))

    def _number(self, node: Compare) -> Part:
        if node.field == "event.sequence":
            return on_line(f"coalesce(line.sequence {node.op} :{self._parameter(node.number)}, 0)")
        if node.field != f.DURATION:
            return self._present(node.field)
        where = f"coalesce(line.duration_ns {node.op} :{self._parameter(node.number)}, 0)"
        # The number of bits of a duration is a tag, so that the few slow ones among many are found without
        # looking at all.
        bits = Compare(f.MAGNITUDE, node.op[0] + "=" * (node.op != "="), max(int(node.number), 0).bit_length())
        ids = [id for id, text in self.shard.words(f.MAGNITUDE) if fits(bits, text)]
        part = self._tags(ids, where)
        return part if part == NOTHING else Part(part.match, where, where)

    def _path(self, node: Value) -> Part:
        pattern = node.text[: f.MAX_PATH].replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        if node.wildcard:
            pattern = pattern.replace("*", "%")
        where = f"coalesce(line.path LIKE :{self._parameter(pattern)} ESCAPE '\\', 0)"
        return Part(_candidate("text", node), where, where)

    def _event_id(self, node: Value) -> Part:
        entity_id, _, number = node.text.rpartition("-")
        if node.wildcard:
            return UNKNOWN
        if not (number.isascii() and number.isdigit() and len(number) < 19):
            return Part(where="line.process IS NULL", predicate="line.process IS NULL", verify=True)
        entity_id, number = self._parameter(entity_id), self._parameter(int(number))
        processes = f"SELECT id FROM process WHERE lower(entity_id) = lower(:{entity_id})"  # noqa: S608
        return on_line(f"coalesce(line.process IN ({processes}) AND line.sequence = :{number}, 0)")

    def _other_value(self, node: Value) -> Part:
        """A field that the index knows only as words of the text, if at all: its lines are to be read."""
        if node.field in f.HEAD:
            return UNKNOWN
        column = "names" if node.field in f.NAMES else "text"
        candidate = _candidate(column, node)
        text = self._in_text(candidate) if candidate else EVERYTHING
        return every([self._present(node.field), text])

    def _present(self, name: str) -> Part:
        """Candidates for a condition on a field: the lines that have it, where the index knows."""
        if name in f.HEAD or name in f.NAMES or name in f.COMMON:
            return UNKNOWN
        part = self._has(name)
        return part if part == NOTHING else replace(part, verify=True)

    def _has(self, name: str) -> Part:
        if name == f.PATH:
            return on_line("line.path IS NOT NULL")
        if name == f.DURATION:
            return on_line("line.duration_ns IS NOT NULL")
        if name in ("event.sequence", "process.entity_id"):
            return on_line("line.process IS NOT NULL")
        if name in f.SOURCE or name in f.TAGGED:
            return self._tagged(Value(name, "*", wildcard=True))
        if name in f.HEAD or name in f.NAMES or name in f.COMMON:
            return UNKNOWN
        known = [(id, text) for id, text in self.shard.words(f.HAS) if text in (name, OTHER)]
        return self._tags([id for id, _ in known], verify=any(text == OTHER for _, text in known))

    def _tags(
        self,
        ids: list[int],
        predicate: str | None = None,
        *,
        verify: bool = False,
        token: Callable[[int], str] = tag,
    ) -> Part:
        if not ids:
            return NOTHING
        match = f"tags : ({' OR '.join(map(token, ids))})"
        return Part(match, None, predicate or _IN_TEXT.format(self._parameter(match)), verify=verify)

    def _in_text(self, match: str) -> Part:
        return Part(match, None, _IN_TEXT.format(self._parameter(match)))

    def _parameter(self, value: object) -> str:
        name = f"p{len(self.parameters)}"
        self.parameters[name] = value
        return name


def plan(shard: Shard, root: Node) -> Plan:
    made = Plan(shard)
    made.part = made.add(root)
    made.parameters["match"] = made.part.match
    return made


def _list(ids: Iterable[int]) -> str:
    return ", ".join(map(str, ids))


def _sql(columns: str, tables: str, conditions: list[str]) -> str:
    return f"SELECT {columns} FROM {tables} WHERE {' AND '.join(conditions)}"  # noqa: S608 - ours, see the head


def _phrase(column: str, text: str, *, prefix: bool = False) -> str:
    quoted = text.replace('"', '""')
    return f'{column} : "{quoted}"{" *" * prefix}'


def _candidate(column: str, node: Value) -> str | None:
    """The words of a value as far as they are certain: those before the first *, but for one that the * continues."""
    text = node.text.partition("*")[0] if node.wildcard else node.text
    prefix = node.wildcard and bool(text) and text[-1].isalnum()
    text = "".join(char if char.isprintable() else " " for char in text)
    return _phrase(column, text, prefix=prefix) if words(text) else None
