"""No worker hangs: a client that starts in the wrong place does so in most runs, so it is tried more than once."""

import http.client
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.errors.serving import failing
from tests.errors.trackers import Kent


@pytest.mark.parametrize(("client", "start"), [("sentry", 1), ("sentry", 2), ("raven", 1)])
def test_every_worker_answers_also_one_started_after_the_master_reported(
    tmp_path: Path, client: str, start: int
) -> None:
    # Five seconds: on a machine with other work to do, two don't prove that a worker hangs.
    with Kent() as tracker:
        with failing(tmp_path, tracker.dsn, client, GUNICORN_WORKERS="2", GUNICORN_TIMEOUT="5") as server:

            def burst() -> None:
                paths = ["/unhandled", "/ping", "/error"] * 20
                with ThreadPoolExecutor(30) as pool:
                    answers = list(pool.map(lambda path: server.get(path)[0], paths))
                assert answers == [500, 200, 200] * 20, server.text("stderr")

            burst()
            tracker.wait(40)  # what is queued in a worker that gets stuck may be lost
            with pytest.raises(http.client.RemoteDisconnected):
                server.get("/busy")
            server.until(lambda: server.text("stderr").count("Booting worker") == 3, "no new worker")
            burst()
            tracker.wait(81)
        events = tracker.events()
    text = server.text("stderr")
    assert len(events) == 81
    assert text.count("WORKER TIMEOUT") == 1
    assert "MonkeyPatchWarning" not in text
