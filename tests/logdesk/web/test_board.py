"""What the dashboard's links ask for."""

from __future__ import annotations

import pytest

from logdesk.query import parse
from logdesk.web.board import errors_term, route_term


@pytest.mark.parametrize(
    ("levels", "asked"),
    [
        (["info", "error"], "level:error"),
        (["info"], "level:error"),
        (["fatal", "debug", "error", "err"], "level:(err OR error OR fatal)"),
    ],
)
def test_errors_are_asked_for_by_the_spellings_that_occur(levels: list[str], asked: str) -> None:
    assert errors_term(levels) == asked
    assert parse(asked).problem is None


@pytest.mark.parametrize(
    ("route", "asked"), [("/users/{id}/orders", "path:/users/*/orders"), ("/ping", "path:/ping"), ("(other)", "")]
)
def test_route_is_asked_for_with_anything_in_its_variable_parts(route: str, asked: str) -> None:
    assert route_term(route) == asked
