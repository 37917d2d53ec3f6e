"""An index that can't be read is said, not a failure without a word."""

from __future__ import annotations

from logdesk import generations
from logdesk.web import create_app
from tests.logdesk.place import Place, line


def test_a_damaged_index_says_what_to_do(place: Place) -> None:
    place.write(line(1))
    place.index()
    place.restart()
    generation = generations.current(place.settings.index)
    assert generation is not None
    (generation / "2026-03-14.db").write_bytes(b"no database " * 500)
    for page in ("/", "/api/search"):
        answer = create_app(place.settings).test_client().get(page, headers={"Host": "localhost"})
        assert answer.status_code == 503
        assert "python -m logdesk rebuild" in answer.text
