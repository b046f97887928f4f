"""Which drivers of a sweep live, so that nobody takes what they work on for left behind.

    sweeps/<name>/drivers/<id>.json     a driver's; there as long as it is, and gone when it ends in order

Any number of drivers may be at work on one sweep, and a cell's lease is silent between two workers: neither tells
whether somebody still looks after the sweep. As with a lease, a dead process of this host is recognised at once,
one elsewhere by its silence.
"""

import contextlib
import time
import uuid
from collections.abc import Callable
from typing import Self

from orchestrator.store.base import DamagedError, Store, StoreError, seal, unseal
from orchestrator.store.holder import Holder
from orchestrator.store.lease import Heartbeat
from orchestrator.store.silence import forget, has_gone
from orchestrator.store.sweeps import SweepPaths


class Presence:
    """This process's, as a driver of one sweep: from `enter` to `leave`."""

    def __init__(self, store: Store, sweep: str, clock: Callable[[], float] = time.time):
        self._store, self._sweep, self._clock = store, sweep, clock
        self._name = f"{SweepPaths(sweep).drivers}/{uuid.uuid4().hex}.json"
        self._me = Holder.this_process(clock())
        self._heartbeat = Heartbeat(self._renew)

    def enter(self) -> Self:
        """Be seen; what drivers that are gone have left is tidied away."""
        self._renew()
        for name, driver in _drivers(self._store, self._sweep):
            if driver is None or has_gone(self._store, name, driver, self._clock()):
                self._store.delete(name)
                if driver is not None:
                    forget(self._store, driver)
        self._heartbeat.start()
        return self

    def leave(self) -> None:
        """Be seen no more."""
        self._heartbeat.stop()
        with contextlib.suppress(StoreError):  # then the end of this process says it, or its silence
            self._store.delete(self._name)

    def _renew(self) -> None:
        self._me = self._me.model_copy(update={"renewed": self._clock()})
        self._store.replace(self._name, seal(self._me.model_dump()))


def living_drivers(store: Store, sweep: str, now: float) -> list[Holder]:
    """The drivers that are at work on the sweep."""
    found = _drivers(store, sweep)
    return [driver for name, driver in found if driver is not None and not has_gone(store, name, driver, now)]


def _drivers(store: Store, sweep: str) -> list[tuple[str, Holder | None]]:
    """Names and what they say; None for a record that is damaged."""
    found: list[tuple[str, Holder | None]] = []
    for name in store.names(SweepPaths(sweep).drivers):
        data = store.read(name)
        if data is None:  # it has just left
            continue
        try:
            found.append((name, Holder.model_validate(unseal(data, name))))
        except DamagedError:
            found.append((name, None))
    return found
