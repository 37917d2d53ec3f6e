"""Celery's side: lines instead of its text, and on each line of a task its id and the ids of who sent it."""

import logging.config
from contextvars import Token
from typing import Any

import celery.apps.worker
from celery import signals

from jsonlog import capture, context, lifecycle

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "jsonlog.logger.JSONFormatter"}},
    "handlers": {"stderr": {"class": "jsonlog.handlers.StreamLineHandler", "formatter": "json"}},
    "root": {"handlers": ["stderr"], "level": "INFO"},
}
HEADER = "log_context"  # of a task's message: who sent it

log = logging.getLogger("celery.worker")
_bound: dict[str, Token[context.Context]] = {}


@signals.celeryd_init.connect  # before a worker's first warnings
@signals.setup_logging.connect  # keeps Celery from configuring logging itself
def configure(**_: Any) -> None:
    logging.config.dictConfig(LOGGING)
    for handler in logging.root.handlers:
        handler.addFilter(without_arguments)
    capture.capture()
    # Celery prints that it is told to stop, in a signal handler, past logging.
    celery.apps.worker.safe_say = lambda message, file=None: log.info(message)


def without_arguments(record: logging.LogRecord) -> bool:
    """Celery adds a task's arguments to its records, without names that redaction could go by."""
    vars(record).pop("data", None)
    return True


@signals.before_task_publish.connect
def send_context(headers: dict[str, Any], **_: Any) -> None:
    headers[HEADER] = dict(context.current().fields)


@signals.task_prerun.connect
def begin(task_id: str, task: Any, **_: Any) -> None:
    sender = task.request.get(HEADER) or {}
    _bound[task_id] = context.bind(
        {"trace.id": task.request.root_id.replace("-", ""), **sender, "labels.task_id": task_id}
    )


@signals.task_postrun.connect
def end(task_id: str, **_: Any) -> None:
    context.unbind(_bound.pop(task_id))


# The last line of each process: the pool's, and the worker that started them.
@signals.worker_process_shutdown.connect
@signals.worker_shutdown.connect
def last_line(**_: Any) -> None:
    lifecycle.log_end()
