"""Of two that take a lease over at once, one wins."""

import contextlib
import re
import threading
from collections.abc import Callable

import pytest
from lease_records import FOLDER, Clock, newest, other_holder, write
from racing import race

from orchestrator.store import HeldElsewhereError, Holder, Lease, Store

OpenStore = Callable[[], Store]


def test_of_many_that_take_over_at_once_exactly_one_wins(
    open_store: OpenStore, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Each as a process of its own host, for the threads of one process respect each other's leases as their own.
    write(open_store(), 1, other_holder(clock, released=True))
    winners = []

    real = Holder.this_process
    monkeypatch.setattr(
        Holder, "this_process", lambda now: real(now).model_copy(update={"host": str(threading.get_ident())})
    )

    def take_over(wait: Callable[[], object]) -> None:
        lease = Lease(open_store(), FOLDER, clock)
        wait()
        with contextlib.suppress(HeldElsewhereError):
            winners.append(lease.acquire())

    race(take_over)
    assert len(winners) == 1
    assert newest(open_store())[0] == "000002.json"


def test_a_number_that_was_dropped_since_it_was_read_is_not_held(
    store: Store, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Between our reading and our taking over, somebody takes it, gives it back, and a third takes it.
    write(store, 1, other_holder(clock, released=True))
    create = store.create

    def late(name: str, data: bytes) -> bool:
        monkeypatch.undo()
        write(store, 3, other_holder(clock, pid=3))
        store.delete(f"{FOLDER}/000001.json")
        return create(name, data)

    monkeypatch.setattr(store, "create", late)
    with pytest.raises(HeldElsewhereError, match=re.escape("process 3 on elsewhere")):
        Lease(store, FOLDER, clock).acquire()
    assert newest(store)[0] == "000003.json"
