"""`python serve.py`: uvicorn, with nothing but lines on its streams and a last one from each process.

The settings are those of the `uvicorn` command, which can't run anything in its parent process nor at an end.
"""

import atexit
import os
import signal
import sys

import uvicorn

from jsonlog import capture, lifecycle

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "jsonlog.logger.JSONFormatter"}},
    "handlers": {"stderr": {"class": "jsonlog.handlers.StreamLineHandler", "formatter": "json"}},
    "root": {"handlers": ["stderr"], "level": "INFO"},
}

# What stands here runs in each process: workers import this file, too.
capture.capture()
atexit.register(lifecycle.log_end)
# uvicorn ends by raising again the signal that it got, which would end the process before `atexit`.
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))

if __name__ == "__main__":
    uvicorn.run("shop:app", port=int(os.environ.get("PORT", "8080")), workers=2, log_config=LOGGING, access_log=False)
