"""A sender may claim any time; the pages show it and go on."""

from __future__ import annotations

from typing import Any

import pytest

from logdesk.web import create_app
from tests.logdesk.place import Place, numbered

END = "9999-12-31T23:59:59.999999Z"


@pytest.mark.parametrize(
    "page",
    [
        "/audit?from=2026-03-01",
        "/api/audit?from=2026-03-01",
        f"/?from=2026-03-01&to={END}",
        f"/dashboard?from=9999-12-31&to={END}",
        f"/?from=9999-12-31&to={END}",
        "/event/e1-2",
        "/event/e1-3",
    ],
)
def test_a_line_of_the_last_moment_of_the_year_9999_breaks_no_page(place: Place, page: str) -> None:
    fields: dict[str, Any] = {"trace__id": "t1", "http__response__status_code": 500, "event__duration": 5}
    place.write(
        numbered(1),
        numbered(2, **fields | {"@timestamp": END}),
        numbered(3, **fields | {"@timestamp": "9999-12-31T23:59:59-23:59"}),
    )
    place.index()
    answer = create_app(place.settings).test_client().get(page, headers={"Host": "localhost"})
    assert answer.status_code == 200
