"""A script for cron: what it logs, what it warns of and what ends it are lines, the last one says how many."""

import atexit
import logging
import secrets
import sys

from jsonlog import capture, context, lifecycle
from jsonlog.handlers import StreamLineHandler
from jsonlog.logger import JSONFormatter

log = logging.getLogger("cron.stock")


def main(path: str) -> None:
    log.info("Counting %s", path)
    with open(path) as file:
        items = sum(int(line) for line in file)
    log.info("Counted", extra={"items": items})


if __name__ == "__main__":
    handler = StreamLineHandler()
    handler.setFormatter(JSONFormatter())
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    capture.capture()
    atexit.register(lifecycle.log_end)
    # One id for all lines of this run; an exception that ends the script still finds it there.
    context.bind({"trace.id": secrets.token_hex(16)})
    main(sys.argv[1])
