"""Which drivers of a sweep live: those that are there, and not those that have left, died or fallen silent."""

import multiprocessing
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from orchestrator.store import Holder, Presence, Store, SweepPaths, SweepStore, living_drivers
from orchestrator.store.base import seal
from orchestrator.store.holder import EXPIRES_AFTER_S

OpenStore = Callable[[], Store]


def pids(store: Store, now: float | None = None) -> list[int]:
    return sorted(driver.pid for driver in living_drivers(store, "small", now or time.time()))


def test_a_driver_is_seen_from_entering_to_leaving_and_leaves_nothing(store: Store) -> None:
    presence = Presence(store, "small")
    assert pids(store) == []
    presence.enter()
    assert pids(store) == [os.getpid()]
    assert living_drivers(store, "another", time.time()) == []
    presence.leave()
    assert pids(store) == []
    assert store.names("sweeps") == []


def test_two_drivers_of_one_sweep_are_seen_and_one_that_leaves_does_not_take_the_other_with_it(
    store: Store,
) -> None:
    first, second = Presence(store, "small").enter(), Presence(store, "small").enter()
    assert len(pids(store)) == 2
    first.leave()
    assert len(pids(store)) == 1
    second.leave()


def test_a_killed_driver_of_this_host_is_gone_at_once_and_the_next_one_tidies_up(open_store: OpenStore) -> None:
    fork = multiprocessing.get_context("fork")
    entered = fork.Event()

    def drive() -> None:
        Presence(open_store(), "small").enter()
        entered.set()
        signal.pause()

    process = fork.Process(target=drive)
    process.start()
    assert entered.wait(20)
    store = open_store()
    assert pids(store) == [process.pid]
    process.kill()
    while Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z":
        time.sleep(0.01)
    assert pids(store) == []
    process.join()
    presence = Presence(store, "small").enter()
    assert len(store.names(SweepPaths("small").drivers)) == 1
    presence.leave()


def test_a_driver_of_another_host_is_gone_when_it_has_been_silent_for_as_long_as_a_lease_lasts(
    store: Store,
) -> None:
    elsewhere = Holder.this_process(1e9).model_copy(update={"host": "elsewhere", "pid": 7})
    store.create(f"{SweepPaths('small').drivers}/a.json", seal(elsewhere.model_dump()))
    assert pids(store, 1e9 + EXPIRES_AFTER_S) == [7]
    assert pids(store, 1e9 + EXPIRES_AFTER_S + 1) == []


def test_a_driver_goes_on_being_seen(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("orchestrator.store.lease.RENEW_EVERY_S", 0.01)
    presence = Presence(store, "small").enter()
    (first,) = living_drivers(store, "small", time.time())
    deadline = time.monotonic() + 20
    while living_drivers(store, "small", time.time())[0].renewed == first.renewed:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    presence.leave()
    time.sleep(0.05)
    assert pids(store) == []


def test_a_damaged_record_is_nobody_and_is_tidied_away(store: Store) -> None:
    store.create(f"{SweepPaths('small').drivers}/a.json", b"damaged")
    assert pids(store) == []
    Presence(store, "small").enter().leave()
    assert store.names("sweeps") == []


def test_drivers_are_no_sweeps(store: Store) -> None:
    presence = Presence(store, "small").enter()
    assert SweepStore(store).names() == []
    presence.leave()
