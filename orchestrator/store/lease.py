"""Who has something of a store in hand: a cell, so that two workers do not train it for nothing, or a sweep's runs.

A lease is a folder of numbered records: the newest is the holder's. Taking over is creating the next number, which
only one can; renewing is rewriting one's own. It needs nothing of a store but `create`, so it works on object
storage as on a disk. A lease is a courtesy: where it fails, the create-once records keep the truth sound.
"""

import contextlib
import threading
import time
from collections.abc import Callable
from typing import Self

from orchestrator.store.base import DamagedError, Store, StoreError, seal, unseal
from orchestrator.store.damage import note_damage
from orchestrator.store.holder import EXPIRES_AFTER_S, Holder
from orchestrator.store.numbered import by_number
from orchestrator.store.silence import has_gone

RENEW_EVERY_S = 10.0

STOPS_WITHIN_S = 10.0
"""So long whoever stops a heartbeat waits for a renewal that is under way."""


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
            if (
                holder is None
                or holder.is_same_process(self._me)
                or holder.is_gone(self.clock())
                or silent_s > EXPIRES_AFTER_S
                or (not wait and has_gone(self.store, self._name(generation), holder, self.clock()))
            ):
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
