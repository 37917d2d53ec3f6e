"""Requests that fail at the same time, on one gevent worker."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.errors.serving import failing
from tests.errors.trackers import Kent


@pytest.mark.parametrize("client", ["sentry", "raven"])
def test_200_concurrent_failures_each_keep_their_own_user_tags_request_and_ids(tmp_path: Path, client: str) -> None:
    with Kent() as tracker, failing(tmp_path, tracker.dsn, client) as server:

        def call(n: int) -> None:
            headers = {"X-Request-ID": f"r-{n}", "traceparent": f"00-{n + 1:032x}-00000000000000ff-01"}
            assert server.get(f"/user/{n}?n={n}", headers)[0] == 500

        with ThreadPoolExecutor(200) as pool:
            list(pool.map(call, range(200)))
        tracker.wait(200)
        server.stop()
        events = tracker.events()

    seen = {
        (
            event["user"]["id"],
            event["tags"]["number"],
            event["tags"]["request_id"],
            event["contexts"]["trace"]["trace_id"],
            event["request"]["url"].rpartition("/")[2],
            event["request"]["query_string"],
            event["exception"]["values"][-1]["value"],
        )
        for event in events
    }
    assert seen == {(str(n), str(n), f"r-{n}", f"{n + 1:032x}", str(n), f"n={n}", f"user {n}") for n in range(200)}
    assert len(events) == 200
