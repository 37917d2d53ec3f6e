"""`python serve.py`: uvicorn, with nothing but lines on its streams and a last one from each process.

The settings are those of the `uvicorn` command, which can't run anything in its parent process nor at an end.
"""

import atexit
import logging
import os
import signal
import sys

import uvicorn

from jsonlog import capture, lifecycle


def without_colours(record: logging.LogRecord) -> bool:
    """uvicorn adds its message once more, in a terminal's colours, and ends some with a newline."""
    if record.name.startswith("uvicorn"):
        vars(record).pop("color_message", None)
        record.msg = str(record.msg).rstrip()
    return True


LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "jsonlog.logger.JSONFormatter"}},
    "handlers": {
        "stderr": {
            "class": "jsonlog.handlers.StreamLineHandler",
            "formatter": "json",
            "filters": [without_colours],
        }
    },
    "root": {"handlers": ["stderr"], "level": "INFO"},
}

# What stands here runs in each process: workers import this file, too.
capture.capture()
atexit.register(lifecycle.log_end)
# uvicorn ends by raising again the signal that it got, which would end the process before `atexit`.
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))

if __name__ == "__main__":
    uvicorn.run("shop:app", port=int(os.environ.get("PORT", "8080")), workers=2, log_config=LOGGING, access_log=False)
