"""Text to a tree, by recursive descent; each method reads one thing and leaves `at` behind it."""

from __future__ import annotations

import difflib
import re
import unicodedata
from dataclasses import dataclass, field

from . import fields as f
from .syntax import EVERYTHING, And, Compare, Has, Node, Not, Number, Or, Value, Words, words

MAX_QUERY = 2_000  # characters
FIELD = re.compile(r"([A-Za-z_@][\w@.-]*):", re.ASCII)
STATUS_CLASS = re.compile(r"([1-5])xx", re.IGNORECASE)

_MAX_DEPTH = 30
_MAX_INTEGER = 2**63 - 1
_NUMBER = re.compile(r"(-?\d+(?:\.\d+)?)([a-zµμ]*)")
_UNITS_NS = {
    "ns": 1,
    "us": 10**3,
    "µs": 10**3,
    "μs": 10**3,
    "ms": 10**6,
    "s": 10**9,
    "m": 60 * 10**9,
    "h": 3600 * 10**9,
}


_COMPARED = re.compile(rf"({'|'.join([*f.ALIASES, *map(re.escape, f.SHORT)])})(!=|[<>]=?|==?)([^\s()]*)")


class Problem(Exception):  # noqa: N818 - not ours: the person's who typed the query
    """What is wrong with the text, as a sentence for that person."""


def is_known(name: str) -> bool:
    """A name without a dot or underscore is likelier a mistyped short name than a field."""
    return name in f.ALIASES or name in f.WITHOUT_DOT or "." in name or "_" in name


@dataclass(slots=True)
class Parser:
    text: str
    at: int = 0
    depth: int = 0
    field: str | None = field(default=None)  # inside `field:( … )`

    def parse(self) -> Node:
        if len(self.text) > MAX_QUERY:
            raise Problem(f"The query is longer than {MAX_QUERY} characters: shorten it.")
        node = self.any_of()
        if self.at < len(self.text):
            raise self.problem(self.at, "closes nothing: remove it, or put it in quotes")
        return node

    def any_of(self) -> Node:
        items = [self.all_of(after=self.at - 1)]
        while self.keyword("OR"):
            items.append(self.all_of(after=self.at - len("OR")))
        return items[0] if len(items) == 1 else Or(tuple(items))

    def all_of(self, after: int) -> Node:
        """`after` is the place of the OR or the parenthesis before it."""
        items: list[Node] = []
        start = self.at
        while True:
            self.space()
            if self.keyword("AND"):
                if not items:
                    raise self.problem(self.at - 3, "stands between two terms: write one before it")
                continue
            if self.at >= len(self.text) or self.text[self.at] == ")" or self.peek_keyword("OR"):
                break
            items.append(self.term())
        if not items and (self.depth or self.peek_keyword("OR") or self.text[:start].strip()):
            place = self.at if self.peek_keyword("OR") else after
            raise self.problem(place, "needs a term beside it: write one, or remove it")
        return items[0] if len(items) == 1 else And(tuple(items))

    def term(self) -> Node:
        start = self.at
        self.depth += 1
        if self.depth > _MAX_DEPTH:
            raise self.problem(start, "is nested too deeply: write the query with fewer parentheses")
        try:
            if self.text[start] == "-" or self.keyword("NOT"):
                if self.text[start] == "-":
                    self.at += 1
                else:
                    self.space()
                if self.at >= len(self.text) or self.text[self.at].isspace() or self.text[self.at] == ")":
                    raise self.problem(
                        start, "has nothing to exclude: write it right before a term, or put it in quotes"
                    )
                return Not(self.term())
            if self.text[start] == "(":
                return self.group()
            if self.field is not None:
                return self.value(self.field)
            named = FIELD.match(self.text, start)
            if named and not self.text.startswith("//", named.end()):
                return self.named(named[1], start, named.end())
            if compared := _COMPARED.match(self.text, start):
                raise self.compared(compared, start)
            return self.bare()
        finally:
            self.depth -= 1

    def group(self) -> Node:
        start = self.at
        self.at += 1
        node = self.any_of()
        if self.at >= len(self.text):
            raise self.problem(start, "is not closed: add a ) at the end")
        self.at += 1
        return node

    def named(self, shown: str, start: int, end: int) -> Node:
        self.at = end
        if shown == "has":
            name = self.until_space()
            if not FIELD.fullmatch(name + ":"):
                raise self.problem(start, "needs the name of a field: write has:error.stack_trace, say")
            return Has(f.ALIASES.get(name, name))
        if not is_known(shown):
            meant = f"Did you mean {_meant(shown)}:? To find it as text, put it in quotes."
            raise Problem(f"Position {start + 1}: {shown} is no field. {meant}")
        name = f.ALIASES.get(shown, shown)
        if self.text.startswith("(", end):
            self.field = name
            try:
                return self.group()
            finally:
                self.field = None
        return self.value(name)

    def compared(self, term: re.Match[str], start: int) -> Problem:
        """What to write for `status!=200` or `duration>1s`, which would be searched as text and not be found."""
        name, op, value = term.groups()
        op, excluded = ("", "-") if op == "!=" else (op.strip("="), "") if op in ("=", "==") else (op, "")
        return self.problem(start, f"lacks a colon: write {excluded}{name}:{op}{value}, or put it in quotes as text")

    def value(self, name: str) -> Node:
        start = self.at
        rest = self.text[start : start + 2]
        if rest == "!=":
            raise self.problem(start, "is no value: to exclude one, write - before the field, as in -status:200")
        if rest[:1] == '"':
            return self.literal(name, self.quoted(), start, whole=False)
        if rest[:1] == "=":
            self.at += 1
            text = self.quoted() if self.text.startswith('"', self.at) else self.until_space()
            return self.literal(name, text, start, whole=True)
        if rest[:1] in ("<", ">"):
            op = rest if rest[1:] == "=" else rest[:1]
            self.at += len(op)
            return Compare(name, op, self.number(name, self.until_space(), start))
        text = self.until_space()
        if not text:
            raise self.problem(start - 1, "needs a value right after it; has:name finds the lines that have a field")
        if text.strip("*") == "":
            return Has(name)
        return self.numeric(name, text, start) or (
            Value(name, _printable(text), wildcard=True)
            if "*" in text
            else self.literal(name, text, start, whole=False)
        )

    def numeric(self, name: str, text: str, start: int) -> Node | None:
        """A range of numbers, a class of status codes, or a duration; None for other text."""
        low, dots, high = text.partition("..")
        if dots and name != f.LEVEL and _NUMBER.fullmatch(low) and _NUMBER.fullmatch(high):
            return And(
                (
                    Compare(name, ">=", self.number(name, low, start)),
                    Compare(name, "<=", self.number(name, high, start)),
                )
            )
        if name == f.DURATION:
            return Compare(name, "=", self.number(name, text, start))
        if name == "http.response.status_code" and (class_ := STATUS_CLASS.fullmatch(text)):
            first = int(class_[1]) * 100
            return And((Compare(name, ">=", first), Compare(name, "<", first + 100)))
        if name in f.NUMBERS and "*" not in text and not text.isdecimal():
            low, dash, high = text.partition("-")
            is_range = dash and low.isdecimal() and high.isdecimal()
            way_out = f"write {low}..{high} for a range" if is_range else "write 500, 400..499 or >=500, say"
            raise self.problem(start, f"is no number: {way_out}")
        return None

    def literal(self, name: str, text: str, start: int, *, whole: bool) -> Node:
        if name == f.DURATION:
            return Compare(name, "=", self.number(name, text, start))
        if not text or (not whole and name not in f.WHOLE and not words(text)):
            raise self.problem(start, "has no word to look for: punctuation isn't indexed")
        if name == f.LEVEL and not whole and text.lower() in f.SEVERITY:
            return Compare(name, "=", f.SEVERITY[text.lower()])
        return Value(name, text, whole=whole or name in f.WHOLE)

    def number(self, name: str, text: str, start: int) -> Number:
        if name == f.LEVEL:
            if text.lower() not in f.SEVERITY:
                raise self.problem(start, "needs a level: write level:>=warning, say")
            return f.SEVERITY[text.lower()]
        match = _NUMBER.fullmatch(text)
        if not match:
            raise self.problem(start, "needs a number: write status:>=500 or duration:>250ms, say")
        digits, unit = match.groups()
        if len(digits) > 30:
            raise self.problem(start, "is too long a number: use at most 30 digits")
        number: Number = float(digits) if "." in digits or len(digits) > 18 else int(digits)
        if name == f.DURATION:
            if unit not in _UNITS_NS:
                raise self.problem(start, "needs a unit: write duration:>250ms (ns, us, ms, s, m or h)")
            number *= _UNITS_NS[unit]
        elif unit:
            raise self.problem(start, f"has a unit ({unit}), which only duration takes: remove it")
        return float(number) if abs(number) > _MAX_INTEGER else number

    def bare(self) -> Node:
        start = self.at
        if self.text[start] == '"':
            text, prefix = self.quoted(), False
            if self.text.startswith("*", self.at):
                self.at += 1
                prefix = True
        else:
            text = self.until_space()
            if text.strip("*") == "":
                return EVERYTHING
            prefix = text.endswith("*")
            text = text.rstrip("*")
            if "*" in text:
                raise self.problem(start, "has a * inside: in text it may only stand at the end of a word")
        if not words(text):
            raise self.problem(start, "has no word to look for: punctuation isn't indexed")
        return Words(_printable(text), prefix)

    def quoted(self) -> str:
        start = self.at
        parts: list[str] = []
        self.at += 1
        while self.at < len(self.text):
            char = self.text[self.at]
            self.at += 1
            if char == '"':
                return "".join(parts)
            if char == "\\" and self.at < len(self.text):
                char = self.text[self.at]
                self.at += 1
            parts.append(char)
        raise self.problem(start, 'is not closed: add a " at the end')

    def until_space(self) -> str:
        start = self.at
        while self.at < len(self.text):
            char = self.text[self.at]
            if char.isspace() or char == '"' or (char == ")" and self.depth > 1):
                break
            self.at += 1
        return self.text[start : self.at]

    def space(self) -> None:
        while self.at < len(self.text) and self.text[self.at].isspace():
            self.at += 1

    def peek_keyword(self, word: str) -> bool:
        end = self.at + len(word)
        return self.text.startswith(word, self.at) and (
            end == len(self.text) or self.text[end].isspace() or self.text[end] in "()"
        )

    def keyword(self, word: str) -> bool:
        self.space()
        found = self.peek_keyword(word)
        if found:
            self.at += len(word)
        return found

    def problem(self, at: int, what: str) -> Problem:
        piece = self.text[max(at, 0) :].split(None, 1)
        shown = piece[0] if piece else "the end"
        return Problem(f"Position {at + 1}: {shown[:40]} {what}.")


def _meant(name: str) -> str:
    near = f.MISTAKEN.get(name.lower()) or next(iter(difflib.get_close_matches(name.lower(), f.ALIASES, n=1)), None)
    return near or f"labels.{name}"


def _printable(text: str) -> str:
    """Control characters (a NUL would end the text for SQLite) separate words, as they do in the index."""
    return "".join(" " if unicodedata.category(char) == "Cc" else char for char in text)
