"""Our signature file is sound, and other files of the schema load or are refused with a reason."""

import json
import logging
from pathlib import Path
from typing import Any

import pytest

from project.whatweb.signatures import SignatureError, Signatures, load_signatures
from tests.whatweb.answers import SIGNATURES, SIGNATURES_FILE

CATEGORIES = {"1": {"name": "Web server", "priority": 8, "groups": [7]}, "2": {"name": "CMS"}}


def load(tmp_path: Path, technologies: Any, categories: Any = CATEGORIES) -> Signatures:
    file = tmp_path / "foreign.json"
    file.write_text(json.dumps({"categories": categories, "technologies": technologies}))
    return load_signatures(file)


def test_our_file_compiles_entirely_without_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    assert load_signatures(SIGNATURES_FILE).skipped == ()
    assert caplog.records == []
    assert len(SIGNATURES.technologies) > 100


def test_our_file_has_only_keys_that_detection_reads() -> None:
    """The loader must let foreign keys pass; in our own file one would be a typing error."""
    data = json.loads(SIGNATURES_FILE.read_bytes())
    known = {"cats", "headers", "cookies", "meta", "scriptSrc", "html", "url", "implies"}
    assert {key for entry in data["technologies"].values() for key in entry} == known
    assert list(data["technologies"]) == sorted(data["technologies"], key=str.lower)


def test_our_file_uses_every_category_and_every_technology_can_be_found() -> None:
    data = json.loads(SIGNATURES_FILE.read_bytes())
    used = {str(category) for entry in data["technologies"].values() for category in entry["cats"]}
    assert used == data["categories"].keys()
    assert all(signature.categories for signature in SIGNATURES.technologies.values())
    matched = {pattern.technology for patterns in SIGNATURES.patterns.values() for pattern in patterns}
    implied = {name for signature in SIGNATURES.technologies.values() for name, _ in signature.implies}
    assert matched | implied == SIGNATURES.technologies.keys()


def test_schema_as_foreign_files_use_it_loads(tmp_path: Path) -> None:
    known = load(
        tmp_path,
        {
            "One": {
                "cats": ["1", 2],
                "headers": {"X-One": r"one(?:/(\d))?\;version:\1\;confidence:40", "x-one": ["a", ""]},
                "cookies": {"one": ""},
                "meta": {"generator": ["One"]},
                "scriptSrc": [r"/one\.js", r"/one\.min\.js"],
                "script": "old",
                "scripts": "inline",
                "html": "<one",
                "url": "^https",
                "implies": [r"Two\;confidence:50", "Three"],
                "js": {"One.version": r"(.+)\;version:\1"},
                "dom": {"#one": {"exists": ""}},
                "excludes": "Two",
                "pricing": ["low"],
                "website": "https://one.example",
            },
            "Two": {"implies": "Three"},
            "Three": {},
        },
    )
    assert known.technologies["One"].categories == ("Web server", "CMS")
    assert known.technologies["One"].implies == (("Two", 50), ("Three", 100))
    assert known.technologies["Two"].implies == (("Three", 100),)
    assert {where: [pattern.source for pattern in patterns] for where, patterns in known.patterns.items()} == {
        "header:x-one": ["one(?:/(\\d))?", "a", ""],
        "cookie:one": [""],
        "meta:generator": ["One"],
        "script": [r"/one\.js", r"/one\.min\.js", "old"],
        "html": ["inline", "<one"],
        "url": ["^https"],
    }
    first = known.patterns["header:x-one"][0]
    assert (first.technology, first.where, first.confidence, first.version) == ("One", "header:X-One", 40, r"\1")


def test_patterns_that_cannot_be_used_are_skipped_with_one_warning_that_counts_them(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    patterns = ["(?<!a)b", "fine", r"(a)\1", r"x\;version:\1", "(", "also fine"]
    known = load(tmp_path, {"A": {"html": patterns}})
    assert [pattern.source for pattern in known.patterns["html"]] == ["fine", "also fine"]
    assert known.skipped == (
        "technology 'A', field html, pattern '(?<!a)b': invalid perl operator: (?<!",
        r"technology 'A', field html, pattern '(a)\\1': invalid escape sequence: \1",
        r"technology 'A', field html, pattern 'x\\;version:\\1': its version refers to a group that it has not",
        "technology 'A', field html, pattern '(': missing ): (",
    )
    (record,) = caplog.records
    assert record.levelno == logging.WARNING
    file = tmp_path / "foreign.json"
    assert record.getMessage() == (
        f"4 of 6 patterns in {file} can't be used and are skipped; the first: {known.skipped[0]}"
    )
    assert capfd.readouterr() == ("", "")  # RE2 itself would print lines that are not JSON


@pytest.mark.parametrize(
    ("technologies", "fault"),
    [
        ([], "technologies: must be an object, not []"),
        ({"A": "html"}, "technology 'A': must be an object, not 'html'"),
        ({"A": {"html": 7}}, "technology 'A', field html: must be a string or a list of strings, not 7"),
        ({"A": {"html": ["a", {}]}}, "technology 'A', field html: must be a string or a list of strings, not {}"),
        ({"A": {"headers": "Server"}}, "technology 'A', field headers: must be an object, not 'Server'"),
        (
            {"A": {"headers": {"Server": None}}},
            "technology 'A', field headers.Server: must be a string or a list of strings, not None",
        ),
        (
            {"A": {"meta": {"m": r"a\;confidence:sure"}}},
            r"technology 'A', field meta.m, pattern 'a\\;confidence:sure': confidence must be 0 to 100",
        ),
        (
            {"A": {"implies": r"A\;confidence:101"}},
            r"technology 'A', field implies, pattern 'A\\;confidence:101': confidence must be 0 to 100",
        ),
        ({"A": {"implies": "B"}}, "technology 'A', field implies: no technology 'B' in the file"),
        ({"A": {"cats": [3]}}, "technology 'A', field cats: no category '3' with a name in `categories`"),
        ({"A": {"cats": 3}}, "technology 'A', field cats: must be a list of category ids"),
    ],
)
def test_file_that_breaks_the_schema_is_refused_with_the_place_and_the_fault(
    tmp_path: Path, technologies: Any, fault: str
) -> None:
    with pytest.raises(SignatureError) as caught:
        load(tmp_path, technologies, {"1": {"name": "One"}})
    assert str(caught.value) == f"{tmp_path}/foreign.json: {fault}"


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (None, "No such file"),
        (b"{", "cannot be read as JSON: Expecting property name"),
        (b"\xff", "cannot be read as JSON"),
        (b"[]", "the file must be an object with 'categories'; merge the parts if the data is split"),
        (b'{"categories": {}}', "the file must be an object with 'technologies'"),
        (b'{"categories": {"1": 1}, "technologies": {}}', "category 1: must be an object, not 1"),
    ],
)
def test_what_is_no_signature_file_is_refused(tmp_path: Path, content: bytes | None, fault: str) -> None:
    file = tmp_path / "signatures.json"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(SignatureError, match=fault) as caught:
        load_signatures(file)
    assert str(caught.value).startswith(f"{file}: ")


@pytest.mark.parametrize(
    ("tags", "text", "version"),
    [
        (r"A(?:/([\d.]+))?\;version:\1", "A/1.2.3", "1.2.3"),
        (r"A(?:/([\d.]+))?\;version:\1", "A/1.2.", "1.2"),
        (r"A(?:/([\d.]+))?\;version:\1", "A", None),
        (r"A(\d+)\;version:\1", "A" + "1" * 41, None),
        (r"A(\d)(\d)\;version:\1.\2", "A47", "4.7"),
        (r"A(b)?\;version:\1?2.x:1.x", "Ab", "2.x"),
        (r"A(b)?\;version:\1?2.x:1.x", "A", "1.x"),
        (r"A(b)?\;version:\1?2.x:", "A", None),
        (r"A(b)?\;version:\1?:1.x", "Ab", None),
        (r"A(?:b(\d)|c(\d))\;version:\1?\1.b:\2.c", "Ac7", "7.c"),
        (r"A(\d)\;version:v\1", "A5", "v5"),
        (r"A(.)\;version:\1", "Aé", "é"),
        (r"A(\d)", "A5", None),
    ],
)
def test_version_is_filled_in_from_the_groups(tmp_path: Path, tags: str, text: str, version: str | None) -> None:
    (pattern,) = load(tmp_path, {"A": {"html": tags}}).patterns["html"]
    assert pattern.version_of(pattern.regex.search(text.encode())) == version


def test_patterns_ignore_case(tmp_path: Path) -> None:
    (pattern,) = load(tmp_path, {"A": {"html": "<Title>é"}}).patterns["html"]
    assert pattern.regex.search("<tITLE>É".encode())
