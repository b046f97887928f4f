"""Who works on a cell: the living are respected, the dead are not."""

import multiprocessing
import os
import signal
import time
from collections.abc import Callable, Iterator
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest
from lease_records import FOLDER, Clock, newest, other_holder, write

from orchestrator.store import HeldElsewhereError, Holder, Lease, Store, newest_holder
from orchestrator.store.holder import EXPIRES_AFTER_S
from orchestrator.store.lease import RENEW_EVERY_S

OpenStore = Callable[[], Store]


@pytest.fixture
def worker(open_store: OpenStore) -> Iterator[BaseProcess]:
    """Another process that has acquired the lease and goes on living."""
    fork = multiprocessing.get_context("fork")
    held = fork.Event()

    def hold() -> None:
        Lease(open_store(), FOLDER).acquire()
        held.set()
        signal.pause()

    process = fork.Process(target=hold)
    process.start()
    assert held.wait(20)
    yield process
    process.kill()
    process.join()


def test_a_living_holder_is_respected_and_named(worker: BaseProcess, store: Store) -> None:
    with pytest.raises(HeldElsewhereError, match=rf"held by process {worker.pid} on .*, since \d{{4}}-") as caught:
        Lease(store, FOLDER).acquire()
    assert caught.value.holder.pid == worker.pid
    assert newest(store)[1].pid == worker.pid


def test_a_killed_process_of_this_host_is_taken_over_at_once(worker: BaseProcess, store: Store) -> None:
    assert worker.pid is not None
    os.kill(worker.pid, signal.SIGKILL)
    while Path(f"/proc/{worker.pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z":
        time.sleep(0.01)  # until it is a zombie, which nobody has waited for: dead is dead
    Lease(store, FOLDER).acquire().release()
    name, holder = newest(store)
    assert (name, holder.pid) == ("000002.json", os.getpid())
    assert len(store.names(FOLDER)) == 1


def test_a_process_that_has_the_pid_of_a_dead_holder_is_not_taken_for_it(store: Store, clock: Clock) -> None:
    parent = Holder.this_process(clock()).model_copy(update={"pid": os.getppid(), "started": "1"})
    write(store, 1, parent)
    Lease(store, FOLDER, clock).acquire()


def test_a_holder_on_another_machine_of_the_same_name_is_respected_until_its_lease_expires(
    store: Store, clock: Clock
) -> None:
    # Or in another container of this one, which has a process namespace of its own.
    namesake = Holder.this_process(clock()).model_copy(update={"boot": "another", "pid": 2**22 + 1})
    write(store, 1, namesake)
    with pytest.raises(HeldElsewhereError, match=f"process {2**22 + 1} on"):
        Lease(store, FOLDER, clock).acquire()
    clock.now += EXPIRES_AFTER_S + 0.5
    Lease(store, FOLDER, clock).acquire()


def test_a_boot_and_a_namespace_of_processes_are_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    here = Holder.this_process(0.0).boot
    assert Path("/proc/sys/kernel/random/boot_id").read_text().strip() in here
    monkeypatch.setattr(Path, "readlink", lambda path: Path("pid:[1]"))
    assert Holder.this_process(0.0).boot != here


def test_whoever_is_shown_an_old_listing_asks_again_after_a_while(
    store: Store, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As a network file system shows it for up to a minute after another machine has taken the lease.
    write(store, 1, other_holder(clock, released=True))
    old, names, started = store.names(FOLDER), store.names, clock.now
    write(store, 2, other_holder(clock))
    monkeypatch.setattr(store, "names", lambda folder: old if clock.now < started + 1 else names(folder))
    with pytest.raises(HeldElsewhereError, match="process 7 on elsewhere"):
        Lease(store, FOLDER, clock).acquire()


def test_a_holder_on_another_host_is_respected_until_its_lease_expires(store: Store, clock: Clock) -> None:
    write(store, 1, other_holder(clock))
    clock.now += EXPIRES_AFTER_S
    with pytest.raises(HeldElsewhereError, match="process 7 on elsewhere"):
        Lease(store, FOLDER, clock).acquire()
    clock.now += 0.5
    Lease(store, FOLDER, clock).acquire()
    assert newest(store)[0] == "000002.json"


def test_whoever_waits_takes_over_as_soon_as_the_holder_has_expired(store: Store, clock: Clock) -> None:
    write(store, 1, other_holder(clock))
    started = clock.now
    Lease(store, FOLDER, clock).acquire(wait=True)
    assert clock.now - started == pytest.approx(EXPIRES_AFTER_S, abs=0.5)


def test_a_clock_that_was_set_back_makes_nobody_wait_for_longer(
    store: Store, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("orchestrator.store.lease.time.monotonic", clock)
    write(store, 1, other_holder(clock, renewed=clock.now + 3600))
    started = clock.now
    Lease(store, FOLDER, clock).acquire(wait=True)
    assert clock.now - started == pytest.approx(EXPIRES_AFTER_S, abs=0.5)


def test_whoever_waits_gives_up_once_the_holder_has_renewed_twice(
    store: Store, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    started, sleep = clock.now, time.sleep

    def sleep_while_the_holder_renews(seconds: float) -> None:
        sleep(seconds)
        renewals = int((clock.now - started) // RENEW_EVERY_S)
        write(store, 1, other_holder(clock, since=started, renewed=started + renewals * RENEW_EVERY_S))

    write(store, 1, other_holder(clock, since=started, renewed=started))
    monkeypatch.setattr(time, "sleep", sleep_while_the_holder_renews)
    with pytest.raises(HeldElsewhereError, match="process 7 on elsewhere"):
        Lease(store, FOLDER, clock).acquire(wait=True)
    assert clock.now - started == pytest.approx(2 * RENEW_EVERY_S, abs=0.5)


def test_a_released_lease_is_free_at_once(store: Store, clock: Clock) -> None:
    write(store, 1, other_holder(clock, released=True))
    lease = Lease(store, FOLDER, clock).acquire()
    lease.release()
    assert newest(store)[1].released
    assert newest(store)[1].is_gone(clock())


def test_the_same_process_may_take_up_its_own_cell_again(store: Store) -> None:
    first = Lease(store, FOLDER).acquire()
    second = Lease(store, FOLDER).acquire()
    first.renew()
    assert first.lost.is_set()
    assert not second.lost.is_set()


def test_a_damaged_record_holds_nobody_back(store: Store, clock: Clock) -> None:
    store.create(f"{FOLDER}/000003.json", b"damaged")
    Lease(store, FOLDER, clock).acquire()
    assert newest(store)[0] == "000004.json"


def test_numbers_are_ordered_as_numbers_however_many_holders_there_were(store: Store, clock: Clock) -> None:
    write(store, 999_999, other_holder(clock, released=True))
    write(store, 1_000_000, other_holder(clock))
    with pytest.raises(HeldElsewhereError):
        Lease(store, FOLDER, clock).acquire()
    clock.now += EXPIRES_AFTER_S + 1
    assert Lease(store, FOLDER, clock).acquire().generation == 1_000_001
    assert store.names(FOLDER) == [f"{FOLDER}/1000001.json"]


def test_any_folder_can_be_held_and_holding_one_holds_no_other(store: Store, clock: Clock) -> None:
    write(store, 1, other_holder(clock))
    Lease(store, "sweeps/small/record", clock).acquire()
    holder = newest_holder(store, "sweeps/small/record")
    assert holder is not None
    assert holder.pid == os.getpid()
    assert newest_holder(store, "sweeps/another/record") is None


def test_the_key_of_a_cell_is_not_taken_for_a_folder(store: Store) -> None:
    with pytest.raises(AssertionError, match=r"CellPaths\(key\)\.lease"):
        Lease(store, "0f" * 16)
