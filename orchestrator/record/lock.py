"""Who may write a sweep's runs: one thread of one process at a time, on whichever host that shares the store.

A run is looked for before it is made; whoever does so while another does the same makes it twice. A file lock would
keep apart the processes of one host only, so the right is a lease in the store: a holder that died on this host is
passed over at once, one elsewhere after a minute of silence.
"""

import threading
import time
from types import TracebackType
from typing import Self

from orchestrator.store import HeldElsewhereError, Holder, Lease, Store, SweepPaths
from trainables.errors import UserError

LOCK_WAIT_S = 60.0
ASK_AGAIN_S = 0.2

_between_threads: dict[tuple[str, int, str], threading.Lock] = {}
"""By process and place: a lease cannot tell the threads of a process apart."""


class RecordHeldError(UserError):
    """Somebody else writes the sweep's runs, and has not come to an end in time."""


class RecordLock:
    """Held inside `with`; may be entered again by the thread that holds it."""

    def __init__(self, store: Store, sweep: str, wait_s: float = LOCK_WAIT_S):
        self._store, self._sweep, self._wait_s = store, sweep, wait_s
        self._folder = SweepPaths(sweep).record
        me = Holder.this_process(time.time())
        place = (me.host, me.pid, f"{store.url}/{self._folder}")
        self._threads = _between_threads.setdefault(place, threading.Lock())
        self._lease: Lease | None = None
        self._generation, self._depth = -1, 0
        self.changed_hands = False
        """Whether somebody else has held it since this one last did."""

    def check(self) -> None:
        """Raise RecordHeldError if others may think that it is theirs: this process stood still for a minute."""
        if self._lease is None or not self._lease.is_held:
            raise RecordHeldError(
                f"the right to record {self._sweep} was lost while it was in use; MLflow is asked anew"
            )

    def __enter__(self) -> Self:
        if self._depth == 0:
            deadline = time.monotonic() + self._wait_s
            if not self._threads.acquire(timeout=self._wait_s):
                raise RecordHeldError(f"another thread of this process is recording {self._sweep}")
            try:
                self._lease = self._acquired(deadline)
            except BaseException:
                self._threads.release()
                raise
            self.changed_hands = self._lease.generation != self._generation + 1
            self._generation = self._lease.generation
        self._depth += 1
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._depth -= 1
        if self._depth == 0:
            assert self._lease is not None
            lease, self._lease = self._lease, None
            try:
                lease.release()
            finally:
                self._threads.release()

    def _acquired(self, deadline: float) -> Lease:
        while True:
            try:
                return Lease(self._store, self._folder).acquire()
            except HeldElsewhereError as held:
                if time.monotonic() >= deadline:
                    raise RecordHeldError(
                        f"{self._sweep} is being recorded elsewhere, {held}; seedwise sync does what is left later"
                    ) from None
            time.sleep(ASK_AGAIN_S)
