"""honcho, with an end that loses nothing: the parts stop one after the other, senders before receivers."""

import signal
import threading
import time
from collections.abc import Callable

import honcho.manager
from honcho.manager import SIGNALS, Manager

PATIENCE = 30  # seconds that a part gets to end: requests finish, lines leave

honcho.manager.KILL_WAIT = 4 * PATIENCE  # the backstop for all of them, otherwise 5


class OrderedManager(Manager):  # type: ignore[misc]  # honcho has no types
    """Starts the parts in the order they were added and ends them in the reverse.

    honcho's own end is one SIGTERM for all: syslog would be gone before the services' last lines.
    `meanwhile` runs in a thread of its own, once all parts were started.
    """

    def __init__(self, meanwhile: Callable[[], None]) -> None:
        super().__init__()
        self._meanwhile = meanwhile
        self._asked_to_end = threading.Event()

    def terminate(self) -> None:
        self._asked_to_end.set()

    def _start(self) -> None:
        super()._start()
        # Threads only now: honcho forks for each part, and a fork beside a thread may inherit a lock that nobody opens.
        # Ctrl-C is waited for instead of interrupting honcho's loop, whose handler prints, wherever the loop just was.
        signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
        for work in (self._await_signal, self._end_in_order, self._meanwhile):
            threading.Thread(target=work, daemon=True).start()

    def _await_signal(self) -> None:
        received = SIGNALS[signal.sigwait(SIGNALS)]
        self._system_print(f"{received['name']} received\n")
        self.returncode = received["rc"]
        self.terminate()

    def _end_in_order(self) -> None:
        self._asked_to_end.wait()
        for name in reversed(list(self._processes)):
            process = self._processes[name]
            deadline = time.monotonic() + PATIENCE
            while process.get("returncode") is None and time.monotonic() < deadline:
                # Again and again: a process that is still being started doesn't hear the first one.
                if process.get("pid") is not None:
                    self._procmgr.terminate(process["pid"])
                time.sleep(0.5)
