"""`gunicorn -c gunicorn_config.py shop.wsgi`"""

import os
from typing import Any

from jsonlog import capture, lifecycle
from shop.settings import LOGGING

bind = f"127.0.0.1:{os.environ.get('PORT', '8080')}"
workers = 2
control_socket_disable = True
logconfig_dict = LOGGING
logger_class = "jsonlog.gunicorn_logger.Logger"
access_log_format = (
    '{"client.address": "%(h)s", "http.request.method": "%(m)s", "url.path": "%(U)s", "url.query": "%(q)s", '
    '"http.version": "%(H)s", "http.response.status_code": "%(s)s", "http.response.body.bytes": "%(B)s", '
    '"event.duration": "%(D)s000", "user_agent.original": "%(a)s"}'
)


def when_ready(server: Any) -> None:
    capture.capture()


def worker_exit(server: Any, worker: Any) -> None:
    lifecycle.log_end()


def on_exit(server: Any) -> None:
    lifecycle.log_end()
