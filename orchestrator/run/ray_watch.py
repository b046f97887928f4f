"""Notices that Ray on this machine has lost a process without which nothing goes on, and says so.

Ray itself waits for a minute, and then ends the driver, in words of its own. Until then the driver mostly stands
still in a call that nobody answers, where neither a turn of its loop nor a signal's handler reaches it: so the
thread that notices it ends the process, too, where it does not come to its end in order.
"""

import os
import threading
from collections.abc import Callable, Iterable

import psutil

from orchestrator.run.last_resort import BEFORE_END_S, done_within, say_ended_late

NEEDED = ("gcs_server", "raylet")
ASK_EVERY_S = 1.0
ENDS_WITHIN_S = 10.0
"""From then on, for the end in order, and then BEFORE_END_S; where the raylet has died Ray ends the process after
13 s."""


class RayWatch:
    """Looks at Ray's processes from `start` to `end`."""

    def __init__(
        self,
        processes: Iterable[psutil.Process],
        lost: Callable[[str], None],
        before_end: Callable[[], object] = lambda: None,
    ):
        """`lost` is called once, in another thread, with what has died, for a user; `before_end` likewise, before
        the process is ended here."""
        named = ((_name(process), process) for process in processes)
        self._needed = {name: process for name, process in named if name in NEEDED}
        self._lost, self._before_end = lost, before_end
        self._ending, self._ended = threading.Event(), threading.Event()

    def start(self) -> None:
        threading.Thread(target=self._run, name="ray watch", daemon=True).start()

    def ending(self) -> None:
        """To be called before Ray is ended on purpose: what dies from now on is as it should be."""
        self._ending.set()

    def ended(self) -> None:
        """To be called when that is done."""
        self._ended.set()

    def _run(self) -> None:
        while (dead := self._dead()) is None:
            if self._ending.wait(ASK_EVERY_S):
                return
        if self._ending.is_set():
            return
        why = f"Ray's {dead} has died, as where memory runs out and the system chooses it"
        self._lost(why)
        if self._ended.wait(ENDS_WITHIN_S):
            return
        done_within(BEFORE_END_S, self._before_end)
        if not self._ended.is_set():
            say_ended_late(why)
            os._exit(1)

    def _dead(self) -> str | None:
        return next((name for name, process in self._needed.items() if not _lives(process)), None)


def _name(process: psutil.Process) -> str:
    try:
        return str(process.name())
    except psutil.NoSuchProcess:  # what Ray's agents start may last no longer than a moment
        return ""


def _lives(process: psutil.Process) -> bool:
    try:  # not by waiting for it, which is its parent's
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False
