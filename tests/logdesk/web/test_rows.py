"""What a row says of its error."""

from __future__ import annotations

from typing import Any

import pytest

from logdesk.search import Hit
from logdesk.web.rows import failure


@pytest.mark.parametrize(
    ("message", "type_", "told", "shown"),
    [
        ("Exception on / [GET]", "ValueError", "no name", "ValueError: no name"),
        ("refused: no name", "ValueError", "no name", "ValueError"),
        ("ValueError: no name", "ValueError", "no name", ""),
        ("done", None, "", ""),
        ("odd", 5, {"a": 1}, "5: {'a': 1}"),
    ],
)
def test_a_row_names_what_its_message_does_not(message: str, type_: Any, told: Any, shown: str) -> None:
    fields = {"error.type": type_, "error.message": told}
    assert failure(Hit("1", 0, "shop", "error", "", message, fields=fields)) == shown
