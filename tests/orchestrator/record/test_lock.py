"""The right to write a sweep's runs: one thread of one process at a time, and nobody waits for the dead."""

import multiprocessing
import signal
import threading
import time
from collections.abc import Iterator
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest

from orchestrator.record.lock import RecordHeldError, RecordLock
from orchestrator.store import Holder, LocalStore, SweepPaths
from orchestrator.store.base import seal
from orchestrator.store.holder import EXPIRES_AFTER_S


@pytest.fixture
def store(tmp_path: Path) -> LocalStore:
    return LocalStore(tmp_path)


@pytest.fixture
def holder(store: LocalStore) -> Iterator[BaseProcess]:
    """Another process that has the lock and keeps it."""
    fork = multiprocessing.get_context("fork")
    held = fork.Event()

    def hold() -> None:
        with RecordLock(store, "small"):
            held.set()
            signal.pause()

    process = fork.Process(target=hold)
    process.start()
    assert held.wait(20)
    yield process
    process.kill()
    process.join()


def test_a_living_process_is_waited_for_so_long_and_no_longer_and_is_named(
    store: LocalStore, holder: BaseProcess
) -> None:
    started = time.monotonic()
    with pytest.raises(
        RecordHeldError, match=rf"small is being recorded elsewhere, held by process {holder.pid} on"
    ):
        RecordLock(store, "small", wait_s=0.5).__enter__()
    assert 0.5 <= time.monotonic() - started < 10
    with RecordLock(store, "another", wait_s=0):
        pass


def test_a_killed_process_of_this_host_is_not_waited_for(store: LocalStore, holder: BaseProcess) -> None:
    holder.kill()
    while Path(f"/proc/{holder.pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z":
        time.sleep(0.01)
    with RecordLock(store, "small", wait_s=0):
        pass


def test_a_silent_process_of_another_host_is_not_waited_for_longer_than_its_lease(store: LocalStore) -> None:
    silent = Holder.this_process(time.time() - EXPIRES_AFTER_S + 1).model_copy(update={"host": "elsewhere"})
    store.create(f"{SweepPaths('small').record}/000001.json", seal(silent.model_dump()))
    with pytest.raises(RecordHeldError, match="elsewhere"):
        RecordLock(store, "small", wait_s=0).__enter__()
    with RecordLock(store, "small", wait_s=20):
        pass


def test_whoever_waits_gets_it_as_soon_as_it_is_given_back(store: LocalStore) -> None:
    first, got = RecordLock(store, "small"), threading.Event()

    def wait_for_it() -> None:
        with RecordLock(store, "small", wait_s=60):
            got.set()

    with first:
        waiter = threading.Thread(target=wait_for_it)
        waiter.start()
        assert not got.wait(0.5)
    assert got.wait(20)
    waiter.join()


def test_a_thread_of_this_process_does_not_wait_for_ever(store: LocalStore) -> None:
    said: list[str] = []

    def try_it() -> None:
        try:
            RecordLock(store, "small", wait_s=0.1).__enter__()
        except RecordHeldError as held:
            said.append(str(held))

    with RecordLock(store, "small"):
        thread = threading.Thread(target=try_it)
        thread.start()
        thread.join()
    assert said == ["another thread of this process is recording small"]


def test_it_may_be_entered_again_while_it_is_held(store: LocalStore) -> None:
    lock = RecordLock(store, "small", wait_s=0)
    with lock:
        with lock:
            lock.check()
        lock.check()
    with RecordLock(store, "small", wait_s=0):
        pass


def test_it_says_whether_somebody_else_has_had_it_meanwhile(store: LocalStore) -> None:
    mine, other = RecordLock(store, "small"), RecordLock(store, "small")
    said = []
    for lock in (mine, mine, other, mine, mine):
        with lock:
            said.append(lock.changed_hands)
    assert said == [True, False, True, True, False]


def test_a_holder_that_stood_still_for_longer_than_its_lease_learns_that_it_may_have_lost_it(
    store: LocalStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock = RecordLock(store, "small")
    with lock:
        lock.check()
        now = time.time()
        assert lock._lease is not None
        monkeypatch.setattr(lock._lease, "clock", lambda: now + EXPIRES_AFTER_S + 1)
        with pytest.raises(RecordHeldError, match="was lost while it was in use"):
            lock.check()


def test_an_error_inside_gives_it_back(store: LocalStore) -> None:
    with pytest.raises(ZeroDivisionError), RecordLock(store, "small"):
        _ = 1 / 0
    with RecordLock(store, "small", wait_s=0):
        pass
