"""A lease that is held: renewed, lost to another, given back."""

import time

import pytest
from lease_records import FOLDER, Clock, newest, other_holder, write

from orchestrator.store import Lease, Store, StoreError
from orchestrator.store.holder import EXPIRES_AFTER_S


def test_renewing_moves_the_expiry(store: Store, clock: Clock) -> None:
    lease = Lease(store, FOLDER, clock).acquire()
    clock.now += 50
    lease.renew()
    _, holder = newest(store)
    assert (holder.since, holder.renewed) == (clock.now - 50, clock.now)
    assert not lease.lost.is_set()


def test_the_thread_renews_by_itself_and_ends_with_the_lease(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("orchestrator.store.lease.RENEW_EVERY_S", 0.01)
    lease = Lease(store, FOLDER).acquire()
    since = newest(store)[1].since
    deadline = time.monotonic() + 20
    while newest(store)[1].renewed <= since + 0.05 and time.monotonic() < deadline:
        time.sleep(0.01)
    assert newest(store)[1].renewed > since + 0.05
    lease.release()
    assert not lease._heartbeat._thread.is_alive()
    assert newest(store)[1].released


def test_a_holder_that_was_taken_over_notices_and_never_touches_the_new_one(store: Store, clock: Clock) -> None:
    old = Lease(store, FOLDER, clock).acquire()
    clock.now += EXPIRES_AFTER_S + 1
    write(store, 2, other_holder(clock))
    taken = newest(store)
    old.renew()
    assert old.lost.is_set()
    old.release()
    assert newest(store) == taken


def test_a_holder_that_has_not_noticed_yet_cannot_release_the_new_one(store: Store, clock: Clock) -> None:
    old = Lease(store, FOLDER, clock).acquire()
    write(store, 2, other_holder(clock))
    store.delete(f"{FOLDER}/000001.json")
    old.release()
    name, holder = newest(store)
    assert (name, holder.host, holder.released) == ("000002.json", "elsewhere", False)


def test_a_lease_that_was_never_acquired_releases_nothing(store: Store) -> None:
    Lease(store, FOLDER).release()
    assert store.names("cells") == []


def test_a_store_that_refuses_the_release_does_not_raise(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    lease = Lease(store, FOLDER).acquire()

    def refuse(*_: object) -> None:
        raise StoreError("no space")

    monkeypatch.setattr(store, "replace", refuse)
    lease.release()


def test_it_is_held_from_acquiring_to_releasing_and_while_nobody_can_take_it_for_expired(
    store: Store, clock: Clock
) -> None:
    lease = Lease(store, FOLDER, clock)
    assert not lease.is_held
    lease.acquire()
    clock.now += EXPIRES_AFTER_S
    assert lease.is_held
    clock.now += 1
    assert not lease.is_held
    lease.renew()
    assert lease.is_held
    lease.release()
    assert not lease.is_held


def test_it_is_not_held_by_whoever_lost_it(store: Store, clock: Clock) -> None:
    lease = Lease(store, FOLDER, clock).acquire()
    write(store, 2, other_holder(clock))
    lease.renew()
    assert not lease.is_held
