"""honcho, with an end that loses nothing: the parts stop one after the other, senders before receivers."""

import threading
import time

import honcho.manager
from honcho.manager import Manager

PATIENCE = 30  # seconds that a part gets to end: requests finish, lines leave

honcho.manager.KILL_WAIT = 4 * PATIENCE  # the backstop for all of them, otherwise 5


class OrderedManager(Manager):  # type: ignore[misc]  # honcho has no types
    """Starts the parts in the order they were added and ends them in the reverse.

    honcho's own end is one SIGTERM for all: syslog would be gone before the services' last lines.
    """

    _ender: threading.Thread | None = None

    def terminate(self) -> None:
        if self._ender is None:
            self._ender = threading.Thread(target=self._end_in_order, daemon=True)
            self._ender.start()

    def _end_in_order(self) -> None:
        for name in reversed(list(self._processes)):
            process = self._processes[name]
            deadline = time.monotonic() + PATIENCE
            while process.get("returncode") is None and time.monotonic() < deadline:
                # Again and again: a process that is still being started doesn't hear the first one.
                if process.get("pid") is not None:
                    self._procmgr.terminate(process["pid"])
                time.sleep(0.5)
