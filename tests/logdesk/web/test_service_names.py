"""The list of services, which no assertion on a page's text sees while it is closed."""

from __future__ import annotations

from logdesk.web import create_app
from tests.logdesk.place import Place, line


def test_a_service_s_name_turns_no_text_around(place: Place) -> None:
    place.write(line(1, service__name="\u202elived"))
    place.index()
    answer = create_app(place.settings).test_client().get("/audit", headers={"Host": "localhost"})
    assert '<option value="\u202elived">U+202Elived</option>' in answer.text
