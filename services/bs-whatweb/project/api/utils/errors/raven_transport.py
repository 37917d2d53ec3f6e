"""How raven's events leave the process: one at a time, from a queue that ends somewhere.

raven's own transports: the threaded one queues without end and loses events at exit under gevent; gevent's makes the
101st failing request wait for the tracker.
"""

import threading
import time
from collections.abc import Callable
from queue import Full, Queue
from typing import Any

from raven.transport.base import AsyncTransport
from raven.transport.http import HTTPTransport

QUEUE = 1000  # events
TIMEOUT = 5  # seconds

Send = Callable[[], None]


class QueuedTransport(AsyncTransport, HTTPTransport):
    scheme = ("http", "https")

    def __init__(self) -> None:
        super().__init__(timeout=TIMEOUT)
        self._queue: Queue[Send] = Queue(QUEUE)
        self._sender: threading.Thread | None = None  # made with the first event: the process may still fork

    def async_send(
        self, url: str, data: bytes, headers: Any, success: Callable[[], None], failure: Callable[[Any], None]
    ) -> None:
        def send() -> None:
            try:
                self.send(url, data, headers)
            except Exception as error:
                failure(error)
            else:
                success()

        try:
            self._queue.put_nowait(send)
        except Full:
            failure("the queue is full")
        if self._sender is None:
            self._sender = threading.Thread(target=self._run, name="raven", daemon=True)
            self._sender.start()

    def flush(self, timeout: float) -> None:
        deadline = time.monotonic() + timeout
        while self._queue.unfinished_tasks and time.monotonic() < deadline:
            time.sleep(0.01)

    def _run(self) -> None:
        while True:
            send = self._queue.get()
            try:
                send()
            finally:
                self._queue.task_done()
