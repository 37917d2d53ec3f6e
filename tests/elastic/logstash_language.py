"""Reads Logstash's configuration language, by the rules that Logstash 8.3 and 9.5 share (its grammar.treetop).

section   input|filter|output { statement… }
statement name { option => value… }  |  if condition { … } else if condition { … } else { … }
value     string, number, bareword, [array], { hash }, codec { options }
"""

import re
from dataclasses import dataclass, field
from typing import Any, NoReturn


@dataclass
class Plugin:
    section: str
    name: str
    options: dict[str, Any] = field(default_factory=dict)


@dataclass
class Branch:
    """`if`: each condition with its statements; `None` is `else`."""

    cases: list[tuple[Any, list["Plugin | Branch"]]]


@dataclass
class Field:
    """`[log][level]` in a condition."""

    path: str


@dataclass
class Regex:
    pattern: str


Statements = list[Plugin | Branch]

SPACE = re.compile(r"(?:[ \t\r\n]+|#[^\r\n]*\r?\n)*")
NAME = re.compile(r"[A-Za-z0-9_-]+")
STRING = re.compile(r'"((?:\\"|[^"])*)"|\'((?:\\\'|[^\'])*)\'', re.DOTALL)
NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]*)?")
BAREWORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]+")
SELECTOR = re.compile(r"(?:\[[^\]\[,]+\])+")
REGEX = re.compile(r"/((?:\\/|[^/])*)/")
OPERATOR = re.compile(r"==|!=|<=|>=|<|>|=~|!~|in\b|not +in\b")
BOOLEAN = re.compile(r"and\b|or\b|xor\b|nand\b")


def read(text: str) -> Statements:
    """All statements of all sections. Raises ValueError with the line where Logstash would refuse the text."""
    reader = _Reader(text)
    statements = []
    reader.space()
    while reader.at < len(text):
        section = reader.expect(re.compile("input|filter|output"), "input, filter or output")
        statements += reader.block(section)
        reader.space()
    return statements


def plugins(statements: Statements) -> list[Plugin]:
    """Every plugin, those under conditions too."""
    found = []
    for statement in statements:
        if isinstance(statement, Plugin):
            found.append(statement)
        else:
            found += [plugin for _, inner in statement.cases for plugin in plugins(inner)]
    return found


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def fail(self, wanted: str) -> NoReturn:
        line = self.text.count("\n", 0, self.at) + 1
        raise ValueError(f"line {line}: expected {wanted} at {self.text[self.at : self.at + 30]!r}")

    def take(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        match = pattern.match(self.text, self.at)
        if match:
            self.at = match.end()
        return match

    def expect(self, pattern: re.Pattern[str], wanted: str) -> str:
        match = self.take(pattern) or self.fail(wanted)
        return match[0]

    def word(self, word: str) -> bool:
        """The word, with space before and after it."""
        before = self.at
        self.space()
        if self.text.startswith(word, self.at):
            self.at += len(word)
            self.space()
            return True
        self.at = before
        return False

    def need(self, word: str) -> None:
        if not self.word(word):
            self.fail(word)

    def space(self) -> None:
        self.take(SPACE)

    def block(self, section: str) -> Statements:
        self.need("{")
        statements: Statements = []
        while not self.word("}"):
            statements.append(self.branch(section) if self.take(re.compile(r"if\b")) else self.plugin(section))
        return statements

    def branch(self, section: str) -> Branch:
        cases = []
        more = True
        while more:
            self.space()
            cases.append((self.condition(), self.block(section)))
            self.space()
            more = self.take(re.compile(r"else\s+if\b")) is not None
        if self.take(re.compile(r"else\b")):
            cases.append((None, self.block(section)))
            self.space()
        return Branch(cases)

    def plugin(self, section: str) -> Plugin:
        return Plugin(section, self.expect(NAME, "a plugin's name"), self.pairs(NAME))

    def pairs(self, name: re.Pattern[str]) -> dict[str, Any]:
        self.need("{")
        found: dict[str, Any] = {}
        while not self.word("}"):
            if found and not self.text[self.at - 1].isspace():
                self.fail("space between two options")
            key = self.string() if self.text[self.at] in "\"'" else self.expect(name, "a name")
            if key in found:
                self.fail(f"{key} only once")
            self.need("=>")
            found[key] = self.value()
            self.space()
        return found

    def string(self) -> str:
        match = self.take(STRING) or self.fail("a string")
        return match[1] if match[1] is not None else match[2]

    def value(self) -> Any:
        first = self.text[self.at : self.at + 1]
        if first in ("'", '"'):
            return self.string()
        if first == "[":
            return self.array()
        if first == "{":
            return self.pairs(re.compile(f"{NUMBER.pattern}|{BAREWORD.pattern}"))
        if number := self.take(NUMBER):
            return float(number[0]) if "." in number[0] else int(number[0])
        word = self.expect(BAREWORD, "a value")
        return Plugin("codec", word, self.pairs(NAME)) if re.compile(r"\s*\{").match(self.text, self.at) else word

    def array(self) -> list[Any]:
        self.need("[")
        found: list[Any] = []
        while not self.word("]"):
            if found:
                self.need(",")
            found.append(self.value())
        return found

    def condition(self) -> Any:
        """[operator, left, right] for each pair, `["!", condition]`, or one operand alone."""
        left = self.expression()
        self.space()
        while operator := self.take(BOOLEAN):
            self.space()
            left = [operator[0], left, self.expression()]
            self.space()
        return left

    def expression(self) -> Any:
        if self.word("("):
            inner = self.condition()
            self.need(")")
            return inner
        if self.take(re.compile("!")):
            return ["!", self.expression()]
        left = self.operand()
        self.space()
        if operator := self.take(OPERATOR):
            self.space()
            return [operator[0], left, self.operand()]
        return left

    def operand(self) -> Any:
        if regex := self.take(REGEX):
            return Regex(regex[1].replace("\\/", "/"))
        if selector := self.take(SELECTOR):
            return Field(selector[0])
        return self.value()
