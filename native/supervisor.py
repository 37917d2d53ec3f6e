"""honcho, with an end that loses nothing: the parts stop one after the other, senders before receivers."""

import os
import select
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing import Queue, parent_process
from typing import Any

import honcho.manager
from honcho.compat import ProcessManager
from honcho.manager import Manager
from honcho.printer import Message, Printer
from honcho.process import Process

PATIENCE = 30  # seconds that a part gets to end: requests finish, lines leave
AGAIN = 0.5  # seconds between two SIGTERMs: a process that is still being started doesn't hear the first one
STDOUT = 1

honcho.manager.KILL_WAIT = 4 * PATIENCE  # the backstop for all of them, otherwise 5


@contextmanager
def outliving_its_reader() -> Iterator[None]:
    """For what prints: once the terminal or the pipe is gone, output goes nowhere, and all else goes on."""
    try:
        yield
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), STDOUT)


class OutlivingPrinter(Printer):  # type: ignore[misc]  # honcho has no types
    def write(self, message: Message) -> None:
        with outliving_its_reader():
            super().write(message)


class OrphanEndingProcess(Process):  # type: ignore[misc]
    """honcho's process beside each part, which also ends the part when the supervisor was killed.

    Each learns it by a pipe that the supervisor and the processes started after this one hold open. So they end in
    the order in which the supervisor would end them.
    """

    def run(self, events: "Queue[Any]", ignore_signals: bool = False) -> None:
        threading.Thread(target=self._end_orphan, args=(events,), daemon=True).start()
        super().run(events, ignore_signals)

    def _end_orphan(self, events: "Queue[Any]") -> None:
        supervisor = parent_process()
        assert supervisor is not None
        supervisor.join()
        events.cancel_join_thread()  # nobody reads them any more: don't wait for that at the end
        while True:
            if self._child is not None:
                ProcessManager().terminate(self._child.pid)
            time.sleep(AGAIN)


class OrderedManager(Manager):  # type: ignore[misc]
    """Starts the parts in the order they were added and ends them in the reverse.

    honcho's own end is one SIGTERM for all: syslog would be gone before the services' last lines.
    `meanwhile` runs in a thread of its own, once all parts were started.
    """

    def __init__(self, meanwhile: Callable[[], None]) -> None:
        super().__init__(OutlivingPrinter())
        self._process_ctor = OrphanEndingProcess
        self._meanwhile = meanwhile
        self._asked_to_end = threading.Event()

    def terminate(self) -> None:
        """honcho's word that a part has ended; or, while the parts are being started, its answer to Ctrl-C."""
        if not self._asked_to_end.is_set():
            self._asked_to_end.set()
            for name, process in self._processes.items():
                if (code := process.get("returncode")) is not None:
                    self._system_print(f"{name} {how_it_ended(code)}: everything ends\n")

    def _start(self) -> None:
        ending = {signal.SIGINT, signal.SIGTERM}
        if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # by nohup
            ending.add(signal.SIGHUP)
            # A handler, which honcho's processes inherit and programs don't: a closed terminal tells all processes
            # in it, and honcho's have to see their part's end. Were it ignored, so it would be by bash for ever.
            signal.signal(signal.SIGHUP, lambda *_: None)
        super()._start()
        # Threads only now: honcho forks for each part, and a fork beside a thread may inherit a lock that nobody opens.
        # Ctrl-C is waited for instead of interrupting honcho's loop, whose handler prints, wherever the loop just was.
        signal.pthread_sigmask(signal.SIG_BLOCK, ending)
        for work in (lambda: self._await_signal(ending), self._await_hangup, self._end_in_order, self._meanwhile):
            threading.Thread(target=work, daemon=True).start()

    def _await_signal(self, ending: set[signal.Signals]) -> None:
        received = signal.Signals(signal.sigwait(ending))
        self.returncode = 128 + received
        self._asked_to_end.set()
        self._system_print(f"{received.name} received\n")

    def _await_hangup(self) -> None:
        """The kernel tells only the session's leader, which is make after `ssh -t host make run`: it tells nobody."""
        if os.isatty(STDOUT):
            terminal = select.poll()
            terminal.register(STDOUT, 0)  # POLLHUP comes unasked
            ((_, events),) = terminal.poll()
            if events & select.POLLHUP:
                os.kill(os.getpid(), signal.SIGHUP)

    def _end_in_order(self) -> None:
        self._asked_to_end.wait()
        for name in reversed(list(self._processes)):
            process = self._processes[name]
            deadline = time.monotonic() + PATIENCE
            while process.get("returncode") is None and time.monotonic() < deadline:
                if process.get("pid") is not None:
                    self._procmgr.terminate(process["pid"])
                time.sleep(AGAIN)


def how_it_ended(code: int) -> str:
    """`code`: -9 as Python says of its child that SIGKILL ended, 137 as a shell says it."""
    try:
        return f"was ended by {signal.Signals(-code if code < 0 else code - 128).name}"
    except ValueError:
        return f"ended with code {code}"
