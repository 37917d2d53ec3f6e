"""The original post's third INI file, which names raven's own handler."""

import http.client
from pathlib import Path

import pytest

from tests.errors.serving import failing
from tests.errors.trackers import Kent
from tests.service.post import FILES

EMPTY_DSN = 'args = ("",)'


@pytest.mark.parametrize("filled_in", [False, True])
def test_both_ways_of_the_post_together_report_each_failure_once(tmp_path: Path, filled_in: bool) -> None:
    with Kent() as tracker:
        ini = tmp_path / "logging.conf"
        text = (FILES / "third.conf").read_text()
        assert EMPTY_DSN in text
        ini.write_text(text.replace(EMPTY_DSN, f'args = ("{tracker.dsn}",)') if filled_in else text)
        with failing(tmp_path, tracker.dsn, "raven", GUNICORN_LOGCONFIG=str(ini), GUNICORN_TIMEOUT="3") as server:
            routes = ("unhandled", "exception", "error", "critical")
            for route in routes:
                server.get(f"/{route}", {"X-Request-ID": route})
            tracker.wait(len(routes))
            if filled_in:  # with an empty DSN the post's handler is off, in the master for good
                with pytest.raises(http.client.RemoteDisconnected):
                    server.get("/busy")
                server.until(server.answers, "no new worker")
                tracker.wait(len(routes) + 1)
        assert {route: len(tracker.of(route)) for route in routes} == dict.fromkeys(routes, 1)
        assert len(tracker.events()) == len(routes) + filled_in
