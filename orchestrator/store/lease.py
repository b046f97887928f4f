"""Who has something of a store in hand: a cell, so that two workers do not train it for nothing, or a sweep's runs.

A lease is a folder of numbered records: the newest is the holder's. Taking over is creating the next number, which
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
from orchestrator.store.damage import note_damage
from orchestrator.store.numbered import by_number
from trainables.settings import Settings

RENEW_EVERY_S = 10.0
EXPIRES_AFTER_S = 60.0
"""A holder that has not renewed for so long is taken for dead, wherever it is."""

STOPS_WITHIN_S = 10.0
"""So long whoever stops a heartbeat waits for a renewal that is under way."""


class Holder(Settings):
    """A process that holds a lease."""

    host: str
    boot: str
    """Kernel boot id and namespace of processes: within these a number means one process."""
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
        if self.host != socket.gethostname() or self.boot != _boot_id():
            return False  # another machine may bear the same name, and a container has numbers of its own
        return self.started != _start_ticks(self.pid)

    def __str__(self) -> str:
        since = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(self.since))
        return f"process {self.pid} on {self.host}, since {since}"


class HeldElsewhereError(Exception):
    """Another living process holds the lease."""

    def __init__(self, holder: Holder):
        self.holder = holder
        super().__init__(f"held by {holder}")


class Heartbeat:
    """Calls `renew` again and again, in a thread of its own, until it is stopped."""

    def __init__(self, renew: Callable[[], None]):
        self._renew = renew
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._keep, name="heartbeat", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Returns when it renews no more, if the store answers; may be called before `start`."""
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join(timeout=STOPS_WITHIN_S)

    def _keep(self) -> None:
        while not self._stopped.wait(RENEW_EVERY_S):
            # A store may not answer for a moment; the expiry decides.
            with contextlib.suppress(Exception):
                self._renew()


class Lease:
    """The lease of one folder, held from `acquire` to `release`, renewed by a thread of its own."""

    def __init__(self, store: Store, folder: str, clock: Callable[[], float] = time.time):
        """`folder`: the lease's own in the store, e.g. `CellPaths(key).lease`."""
        assert "/" in folder, f"{folder!r} is no folder for a lease; that of a cell is CellPaths(key).lease"
        self.store, self.folder, self.clock = store, folder, clock
        self.lost = threading.Event()
        """Set when somebody else has taken over: stop, and write no more."""
        self.generation = 0
        """Its number, one more than that of the holder before; 0 until it is acquired."""
        self._me = Holder.this_process(clock())
        self._heartbeat = Heartbeat(self.renew)

    def acquire(self, wait: bool = False, stop: Callable[[], bool] = lambda: False) -> Self:
        """Hold the lease, or raise HeldElsewhereError, at once or, with `wait`, when the holder is seen to live on
        or `stop` says so.

        A holder on another host that has died is as silent as one between two renewals: only waiting tells them
        apart. It ends with the lease's expiry, or with a second renewal seen: the first may be the last of a
        worker that outlives its driver by seconds. What the holder's clock said does not make the wait longer: that
        clock, or this one since, may have been set back.
        """
        seen: dict[float, float] = {}
        """By renewal of a living holder, when it was first seen."""
        while True:
            generation, holder = _newest(self.store, self.folder)
            silent_s = 0.0
            if holder is not None:
                silent_s = time.monotonic() - seen.setdefault(holder.renewed, time.monotonic())
            gone = holder is None or holder.is_gone(self.clock()) or silent_s > EXPIRES_AFTER_S
            if holder is None or gone or holder.is_same_process(self._me):
                self._me = Holder.this_process(self.clock())
                if not self.store.create(self._name(generation + 1), self._record()):
                    time.sleep(0.2)  # a network file system may list for a while what was there before
                    continue
                names = by_number(self.store, self.folder)
                # Others may have taken it, given it back and dropped that number since it was read.
                if max(names, default=0) == generation + 1:
                    break
                continue
            if not wait or len(seen) > 2 or stop():
                raise HeldElsewhereError(holder)
            time.sleep(0.2)
        self.generation = generation + 1
        for number, name in names.items():
            if number < self.generation:
                self.store.delete(name)
        self._heartbeat.start()
        return self

    def renew(self) -> None:
        """Say that the holder lives, or notice that somebody else has taken over."""
        if self.lost.is_set():
            return
        if _newest(self.store, self.folder)[0] > self.generation:
            self.lost.set()
            return
        self._me = self._me.model_copy(update={"renewed": self.clock()})
        self.store.replace(self._name(self.generation), self._record())

    @property
    def is_held(self) -> bool:
        """Whether nobody can have taken it over, as far as can be told without asking the store."""
        held = self.generation > 0 and not self._me.released and not self.lost.is_set()
        return held and self.clock() - self._me.renewed <= EXPIRES_AFTER_S

    def release(self) -> None:
        """Give the lease back; the next one need not wait for its expiry."""
        self._heartbeat.stop()
        if self.generation and not self.lost.is_set():
            self._me = self._me.model_copy(update={"released": True})
            with contextlib.suppress(StoreError):  # then the next one must wait for the expiry after all
                self.store.replace(self._name(self.generation), self._record())

    def _name(self, generation: int) -> str:
        return f"{self.folder}/{generation:06d}.json"

    def _record(self) -> bytes:
        return seal(self._me.model_dump())


def newest_holder(store: Store, folder: str) -> Holder | None:
    """Who acquired the lease last, living or dead; None if nobody ever has, or the record is damaged."""
    return _newest(store, folder)[1]


def _newest(store: Store, folder: str) -> tuple[int, Holder | None]:
    """The newest record's number, 0 if there is none, and what it says."""
    names = by_number(store, folder)
    if not names:
        return 0, None
    number = max(names)
    data = store.read(names[number])
    try:
        return number, None if data is None else Holder.model_validate(unseal(data, names[number]))
    except DamagedError:
        note_damage(store, names[number], data)
        return number, None


def _boot_id() -> str:
    try:
        booted = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        return f"{booted} {Path('/proc/self/ns/pid').readlink()}"
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
