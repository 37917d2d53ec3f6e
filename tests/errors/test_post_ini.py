"""The original post's third INI file, which names raven's own handler."""

import http.client
from pathlib import Path

import pytest

from tests.errors.serving import failing
from tests.errors.trackers import Kent

INI = """
[loggers]
keys = root, gunicorn.access, gunicorn.error

[handlers]
keys = access, error, sentry

[formatters]
keys = json, generic

[logger_root]
handlers = error, sentry

[logger_gunicorn.access]
handlers = access
qualname = gunicorn.access
level = INFO
propagate = 0

[logger_gunicorn.error]
handlers = error, sentry
qualname = gunicorn.error
level = ERROR
propagate = 0

[handler_access]
class = StreamHandler
formatter = json
args = (sys.stdout,)

[handler_error]
class = StreamHandler
formatter = json
args = (sys.stderr,)

[handler_sentry]
class = raven.handlers.logging.SentryHandler
level = CRITICAL
formatter = generic
args = ("{dsn}",)

[formatter_generic]
format = [bs-whatweb][%(levelname)s] [%(name)s]: %(message)s
[formatter_json]
class = project.api.utils.logger.JSONFormatter
"""


@pytest.mark.parametrize("filled_in", [False, True])
def test_both_ways_of_the_post_together_report_each_failure_once(tmp_path: Path, filled_in: bool) -> None:
    with Kent() as tracker:
        ini = tmp_path / "logging.conf"
        ini.write_text(INI.format(dsn=tracker.dsn if filled_in else ""))
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
