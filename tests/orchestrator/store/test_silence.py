"""A dead one whose clock was ahead is known for dead after a minute, and not when its time has come."""

from pathlib import Path

import pytest
from lease_records import FOLDER, Clock, other_holder, write

from orchestrator.store import (
    HeldElsewhereError,
    Lease,
    LocalStore,
    Presence,
    Store,
    StoreError,
    SweepPaths,
    living_drivers,
)
from orchestrator.store.base import seal
from orchestrator.store.holder import EXPIRES_AFTER_S

AHEAD_S = 3600.0
DRIVER = f"{SweepPaths('small').drivers}/a.json"


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return LocalStore(tmp_path)


@pytest.fixture
def uptime(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The clock that nobody sets."""
    uptime = Clock()
    monkeypatch.setattr("orchestrator.store.silence.time.monotonic", uptime)
    return uptime


def be_seen(store: Store, clock: Clock, ahead_s: float = AHEAD_S) -> None:
    store.replace(DRIVER, seal(other_holder(clock, renewed=clock() + ahead_s).model_dump()))


def lives(store: Store, clock: Clock) -> bool:
    return bool(living_drivers(store, "small", clock()))


def test_a_driver_with_a_stamp_from_the_future_that_does_not_move_for_a_minute_is_gone(
    store: Store, clock: Clock, uptime: Clock
) -> None:
    be_seen(store, clock)
    assert lives(store, clock)
    uptime.now += EXPIRES_AFTER_S
    assert lives(store, clock)
    uptime.now += 1
    assert not lives(store, clock)


def test_a_living_driver_whose_clock_is_ahead_is_respected_however_seldom_one_looks(
    store: Store, clock: Clock, uptime: Clock
) -> None:
    for hour in range(3):
        be_seen(store, clock, AHEAD_S * (hour + 1))
        assert lives(store, clock)
        uptime.now += 3600
    be_seen(store, clock, AHEAD_S * 4)
    assert lives(store, clock)


def test_another_machine_looks_for_itself_for_its_clocks_are_its_own(
    store: Store, clock: Clock, uptime: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    be_seen(store, clock)
    assert lives(store, clock)
    monkeypatch.setattr("orchestrator.store.holder._boot_id", lambda: "started anew, or another machine")
    uptime.now += 10 * EXPIRES_AFTER_S
    assert lives(store, clock)
    uptime.now += EXPIRES_AFTER_S + 1
    assert not lives(store, clock)


def test_a_lease_of_a_dead_one_is_taken_over_by_whoever_comes_a_minute_later_and_does_not_wait(
    store: Store, clock: Clock, uptime: Clock
) -> None:
    write(store, 1, other_holder(clock, renewed=clock() + AHEAD_S))
    for _ in range(2):
        with pytest.raises(HeldElsewhereError):
            Lease(store, FOLDER, clock).acquire()
        uptime.now += EXPIRES_AFTER_S / 2 + 1
    assert Lease(store, FOLDER, clock).acquire().generation == 2


def test_an_older_stamp_of_the_same_process_is_no_sign_of_life_and_a_newer_one_is(
    store: Store, clock: Clock, uptime: Clock
) -> None:
    be_seen(store, clock)
    assert lives(store, clock)
    uptime.now += EXPIRES_AFTER_S + 1
    write(store, 1, other_holder(clock, renewed=clock() + AHEAD_S - 5))
    assert Lease(store, FOLDER, clock).acquire().generation == 2
    write(store, 3, other_holder(clock, renewed=clock() + AHEAD_S + 5))
    with pytest.raises(HeldElsewhereError):
        Lease(store, FOLDER, clock).acquire()
    assert lives(store, clock)


def test_nothing_is_noted_of_a_clock_that_is_right_and_the_next_driver_tidies_up(
    store: Store, clock: Clock, uptime: Clock
) -> None:
    be_seen(store, clock, ahead_s=0)
    assert lives(store, clock)
    assert store.names("record") == []
    be_seen(store, clock)
    assert lives(store, clock)
    assert len(store.names("record")) == 1
    uptime.now += EXPIRES_AFTER_S + 1
    Presence(store, "small", clock).enter().leave()
    assert store.names("") == store.names("record") == store.names("sweeps") == []


def test_a_store_that_may_only_be_read_can_still_be_looked_at(
    store: Store, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise StoreError("read-only")

    be_seen(store, clock)
    monkeypatch.setattr(store, "replace", refuse)
    assert lives(store, clock)


def test_a_damaged_note_is_made_anew(store: Store, clock: Clock, uptime: Clock) -> None:
    be_seen(store, clock)
    assert lives(store, clock)
    (note,) = store.names("record")
    store.replace(note, b"damaged")
    uptime.now += EXPIRES_AFTER_S + 1
    assert lives(store, clock)
    uptime.now += EXPIRES_AFTER_S + 1
    assert not lives(store, clock)
