from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from logdesk.fields import ALIASES
from logdesk.query import parse, term
from logdesk.syntax import And, Compare, Has, Node, Not, Or, Value, Words, words

LEVEL, LOGGER, STATUS = "log.level", "log.logger", "http.response.status_code"


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("", And(())),
        ("*", And(())),
        ("timeout", Words("timeout")),
        ("time*", Words("time", prefix=True)),
        ('"cache miss"', Words("cache miss")),
        ('"cache mi"*', Words("cache mi", prefix=True)),
        ("10.0.0.1", Words("10.0.0.1")),
        ("http://example.com/a:b", Words("http://example.com/a:b")),
        ("level:error", Compare(LEVEL, "=", 5)),
        ("level:warn", Compare(LEVEL, "=", 4)),
        ("log.level:Warning", Compare(LEVEL, "=", 4)),
        ("level:=warn", Value(LEVEL, "warn", whole=True)),
        ("level:odd", Value(LEVEL, "odd", whole=True)),
        ("-logger:x", Not(Value(LOGGER, "x", whole=True))),
        ("NOT logger:x", Not(Value(LOGGER, "x", whole=True))),
        ("status:>=500", Compare(STATUS, ">=", 500)),
        ("status:404..410", And((Compare(STATUS, ">=", 404), Compare(STATUS, "<=", 410)))),
        ("level:>=warn", Compare(LEVEL, ">=", 4)),
        ("level:<Error", Compare(LEVEL, "<", 5)),
        ("status:5xx", And((Compare(STATUS, ">=", 500), Compare(STATUS, "<", 600)))),
        ("duration:>250ms", Compare("event.duration", ">", 250_000_000)),
        ("duration:<1.5s", Compare("event.duration", "<", 1.5e9)),
        ("path:/api/*", Value("url.path", "/api/*", wildcard=True)),
        ('path:"/a b"', Value("url.path", "/a b", whole=True)),
        ("message:boom", Value("message", "boom")),
        ("labels.customer:c12", Value("labels.customer", "c12")),
        ('labels.customer:="c 12"', Value("labels.customer", "c 12", whole=True)),
        ("has:error.stack_trace", Has("error.stack_trace")),
        ("has:trace", Has("trace.id")),
        ("trace:*", Has("trace.id")),
        ("a b", And((Words("a"), Words("b")))),
        ("a AND b", And((Words("a"), Words("b")))),
        ("a OR b c", Or((Words("a"), And((Words("b"), Words("c")))))),
        ("(a OR b) c", And((Or((Words("a"), Words("b"))), Words("c")))),
        ("-(a OR b)", Not(Or((Words("a"), Words("b"))))),
        ("level:(error OR warning)", Or((Compare(LEVEL, "=", 5), Compare(LEVEL, "=", 4)))),
        ("level:(-debug)", Not(Compare(LEVEL, "=", 1))),
        ("ORder", Words("ORder")),
        ("status:4*", Value(STATUS, "4*", wildcard=True)),
        ('status:"400-499"', Value(STATUS, "400-499", whole=True)),
        ("labels.span:400-499", Value("labels.span", "400-499")),
        ('"status!=200"', Words("status!=200")),
        ("retries=3", Words("retries=3")),
    ],
)
def test_text_becomes_a_tree(text: str, tree: Node) -> None:
    query = parse(text)
    assert query.problem is None
    assert query.root == tree


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('a "b', 'Position 3: "b is not closed: add a "'),
        ("(a OR b", "Position 1: (a is not closed: add a )"),
        ("a )", "Position 3: ) closes nothing"),
        ("lvl:error", "lvl is no field. Did you mean level:?"),
        ("level:", "needs a value right after it"),
        ("status:>abc", "needs a number"),
        ("duration:>250", "needs a unit"),
        ("level:>5", "needs a level: write level:>=warning"),
        ("status:>5s", "has a unit (s), which only duration takes"),
        ("a - b", "Position 3: - has nothing to exclude"),
        ("ti*out", "only stand at the end of a word"),
        ("!!!", "punctuation isn't indexed"),
        ("status:400-499", "Position 8: 400-499 is no number: write 400..499 for a range"),
        ("status:ok", "Position 8: ok is no number: write 500, 400..499 or >=500, say"),
        ("status!=200", "Position 1: status!=200 lacks a colon: write -status:200, or"),
        ("status:!=200", "to exclude one, write - before the field"),
        ("a duration>1s", "Position 3: duration>1s lacks a colon: write duration:>1s, or"),
        ('level="error"', 'write level:"error", or'),
        ("(status==200)", "write status:200, or"),
        ("log.level>=error", "write log.level:>=error, or"),
        ("ip:10.0.0.1", "ip is no field. Did you mean client:?"),
        ("URL:/x", "URL is no field. Did you mean path:?"),
        ("problem:x", "problem is no field. Did you mean labels.problem:?"),
        ("a OR", "Position 3: OR needs a term beside it"),
        ("level:error OR ", "Position 13: OR needs a term beside it"),
        ("(a OR ) b", "Position 4: OR needs a term beside it"),
        ("OR a", "Position 1: OR needs a term beside it"),
        ("()", "needs a term beside it"),
        ("has:", "needs the name of a field"),
        ("(" * 100 + "a" + ")" * 100, "nested too deeply"),
        ("a " * 2000, "longer than 2000 characters"),
        (f"duration:>{'9' * 400}.0s", "too long a number"),
    ],
)
def test_a_mistake_is_said_with_its_place_and_a_way_out(text: str, said: str) -> None:
    assert said in (parse(text).problem or "")


pieces = st.sampled_from(
    [*"()\"-*:=<>. \\'%_\0\n", "OR", "AND", "NOT", "level:", "status:>=", "duration:", "has:", "..", "é", "5"]
)


@given(st.one_of(st.text(), st.lists(st.one_of(pieces, st.text(max_size=3)), max_size=30).map("".join)))
@example("-" * 1999)
@example("status:" + "9" * 1000)
@example("\ud800 level:\ud800")
def test_nothing_makes_the_parser_raise(text: str) -> None:
    query = parse(text)
    assert query.problem is None or (query.problem and query.root == And(()))


values = st.one_of(
    st.text(min_size=1, max_size=30),
    st.integers(),
    st.booleans(),
    st.sampled_from(["5xx", "1..2", ">5", "*", "-", '"', "\\", "OR"]),
)
names = st.sampled_from(
    ["level", "log.level", "status", "path", "message", "labels.a-b", "trace.id", "duration", "user_agent.original"]
)


@given(names, values, st.booleans())
def test_a_term_made_of_a_value_asks_for_exactly_that_value(name: str, value: object, exclude: bool) -> None:
    text = term(name, value, exclude=exclude)
    if text is None:
        assert name == "duration"
        assert type(value) is not int or not 0 <= value < 10**18
        return
    query = parse(text)
    assert query.problem is None
    node = query.root
    if exclude:
        assert isinstance(node, Not)
        node = node.item
    shown = str(value).lower() if isinstance(value, bool) else str(value)
    if isinstance(node, Compare):
        assert (node.op, node.number) == ("=", value)
    else:
        assert isinstance(node, Value)
        assert (node.text, node.whole, node.wildcard) == (shown, True, False)


def test_no_term_is_made_of_what_the_language_cannot_say() -> None:
    assert term("no field", "x") is None
    assert term("nofield", "x") is None
    assert term("message", "") is None
    assert term("message", {"a": 1}) is None


def test_words_are_letters_and_digits_without_case_and_accents() -> None:
    assert words("Café-au_lait: 42!") == ["cafe", "au", "lait", "42"]


def test_the_documented_names_are_those_of_the_language() -> None:
    text = (Path(__file__).parents[2] / "docs" / "query.md").read_text()
    assert dict(re.findall(r"`(\w+)` \| `([\w.]+)`", text)) == ALIASES


def test_the_documented_examples_are_understood() -> None:
    text = (Path(__file__).parents[2] / "docs" / "query.md").read_text()
    examples = [
        code for row in text.split("\n\n")[2].splitlines()[2:] for code in re.findall(r"`([^`]+)`", row.split("|")[1])
    ]
    assert len(examples) > 15
    assert [example for example in examples if parse(example).problem] == []
