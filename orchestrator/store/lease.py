"""Who works on a cell, so that two workers do not train it for nothing.

A lease is a row of numbered records: the newest is the holder's. Taking over is creating the next number, which
only one can; renewing is rewriting one's own. It needs nothing of a store but `create`, so it works on object
storage as on a disk. A lease is a courtesy: where it fails, the create-once records keep the truth sound.
"""

import contextlib
import os
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Self

from orchestrator.store.base import DamagedError, Store, StoreError, seal, unseal
from orchestrator.store.cells import CellPaths
from orchestrator.store.damage import note_damage
from trainables.settings import Settings

RENEW_EVERY_S = 10.0
EXPIRES_AFTER_S = 60.0
"""A holder that has not renewed for so long is taken for dead, wherever it is."""


class Holder(Settings):
    """A process that holds a lease."""

    host: str
    boot: str
    """Kernel boot id: a process of an earlier boot is dead."""
    pid: int
    started: str
    """The process's start time in kernel ticks: a later process may have the same pid."""
    since: float
    renewed: float
    released: bool = False

    @classmethod
    def this_process(cls, now: float) -> "Holder":
        host, pid = socket.gethostname(), os.getpid()
        return cls(host=host, boot=_boot_id(), pid=pid, started=_start_ticks(pid), since=now, renewed=now)

    def is_same_process(self, other: "Holder") -> bool:
        return (self.host, self.boot, self.pid, self.started) == (other.host, other.boot, other.pid, other.started)

    def is_gone(self, now: float) -> bool:
        """True if released, expired, or a process of this host that no longer lives."""
        if self.released or now - self.renewed > EXPIRES_AFTER_S:
            return True
        if self.host != socket.gethostname():
            return False
        return self.boot != _boot_id() or self.started != _start_ticks(self.pid)

    def __str__(self) -> str:
        since = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(self.since))
        return f"process {self.pid} on {self.host}, since {since}"


class HeldElsewhereError(Exception):
    """Another living worker holds the cell's lease."""

    def __init__(self, holder: Holder):
        self.holder = holder
        super().__init__(f"held by {holder}")


class Lease:
    """The lease of one cell, held from `acquire` to `release`, renewed by a thread of its own."""

    def __init__(self, store: Store, key: str, clock: Callable[[], float] = time.time):
        self.store, self.clock = store, clock
        self.folder = CellPaths(key).lease
        self.lost = threading.Event()
        """Set when somebody else has taken over: stop, and write no more."""
        self._generation = 0
        self._me = Holder.this_process(clock())
        self._released = threading.Event()
        self._thread: threading.Thread | None = None

    def acquire(self, wait: bool = False, stop: Callable[[], bool] = lambda: False) -> Self:
        """Hold the lease, or raise HeldElsewhereError, at once or, with `wait`, when the holder is seen to live on
        or `stop` says so.

        A holder on another host that has died is as silent as one between two renewals: only waiting tells them
        apart. It ends with the lease's expiry, or with a second renewal seen: the first may be the last of a
        worker that outlives its driver by seconds.
        """
        seen: set[float] = set()
        while True:
            generation, holder = self._newest()
            if holder is None or holder.is_gone(self.clock()) or holder.is_same_process(self._me):
                self._me = Holder.this_process(self.clock())
                created = self.store.create(self._name(generation + 1), self._record())
                # Others may have taken it, given it back and dropped that number since it was read.
                if created and self._newest()[0] == generation + 1:
                    self._generation = generation + 1
                    break
                continue
            seen.add(holder.renewed)
            if not wait or len(seen) > 2 or stop():
                raise HeldElsewhereError(holder)
            time.sleep(0.2)
        for name in self.store.names(self.folder):
            if name < self._name(self._generation):
                self.store.delete(name)
        self._thread = threading.Thread(target=self._keep, name="lease", daemon=True)
        self._thread.start()
        return self

    def renew(self) -> None:
        """Say that the holder lives, or notice that somebody else has taken over."""
        if self._newest()[0] > self._generation:
            self.lost.set()
            return
        self._me = self._me.model_copy(update={"renewed": self.clock()})
        self.store.replace(self._name(self._generation), self._record())

    def release(self) -> None:
        """Give the lease back; the next worker need not wait for its expiry."""
        self._released.set()
        if self._thread is not None:
            self._thread.join(timeout=RENEW_EVERY_S)
        if self._generation and not self.lost.is_set():
            self._me = self._me.model_copy(update={"released": True})
            with contextlib.suppress(StoreError):  # then the next worker must wait for the expiry after all
                self.store.replace(self._name(self._generation), self._record())

    def _keep(self) -> None:
        while not self._released.wait(RENEW_EVERY_S) and not self.lost.is_set():
            try:
                self.renew()
            except Exception:  # a store that does not answer for a moment; the expiry decides
                continue

    def _newest(self) -> tuple[int, Holder | None]:
        names = self.store.names(self.folder)
        if not names:
            return 0, None
        generation = int(names[-1].rsplit("/", 1)[1].split(".")[0])
        data = self.store.read(names[-1])
        try:
            return generation, None if data is None else Holder.model_validate(unseal(data, names[-1]))
        except DamagedError:
            note_damage(self.store, names[-1], data)
            return generation, None

    def _name(self, generation: int) -> str:
        return f"{self.folder}/{generation:06d}.json"

    def _record(self) -> bytes:
        return seal(self._me.model_dump())


def _boot_id() -> str:
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:  # not Linux: a dead process is then recognised by its expiry alone
        return ""


def _start_ticks(pid: int) -> str:
    """The start time of a living process; empty if there is none. Zombies are dead."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return "" if Path("/proc/self/stat").exists() or not _lives(pid) else "unknown"
    return "" if fields[0] in "ZX" else fields[19]


def _lives(pid: int) -> bool:
    """Where there is no /proc: whether a process has that number."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # it is somebody else's
        return True
    return True
