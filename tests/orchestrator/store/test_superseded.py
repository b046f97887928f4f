"""A diverged cell that is tried again: its outcome is kept, the cell is new, and a kill leaves nothing between."""

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import torch
from mortal import Killed, MortalStore
from racing import RACERS, race

from orchestrator.store import CellStore, HeldElsewhereError, Holder, Lease, LocalStore, Store, StoredResult
from orchestrator.store.base import seal
from orchestrator.store.cell_paths import CellPaths
from orchestrator.store.cell_try import CellTry
from orchestrator.store.lease import newest_holder
from orchestrator.store.seen_cells import SeenCells
from orchestrator.store.superseded import supersede
from trainables.checkpoint import TrainingState
from trainables.classifier import CellOutcome
from trainables.records import CellResult, EpochRecord

KEY = "0f" * 16
PATHS = CellPaths(KEY)
MakeRecord = Callable[..., EpochRecord]


@pytest.fixture
def diverge(record: MakeRecord) -> Callable[..., StoredResult]:
    """Leaves what a cell leaves that diverged after so many epochs."""

    def diverge(store: Store, epochs: int = 2, measured_at: float = 5.0) -> StoredResult:
        cells = CellStore(store)
        for epoch in range(1, epochs + 1):
            cells.newest_try(KEY).add_epoch(record(epoch).model_copy(update={"measured_at": measured_at + epoch}))
        result = CellResult(status="diverged", epochs=epochs, divergence="the loss is nan", measured_at=measured_at)
        return cells.newest_try(KEY).conclude_diverged(result)

    return diverge


Diverge = Callable[..., StoredResult]


def given_up(store: Store) -> list[CellTry]:
    """The tries before the one that counts."""
    return [CellTry(store, KEY, number) for number in range(1, CellStore(store).newest_try(KEY).number)]


def kept(store: Store) -> list[tuple[float, int]]:
    """Of each earlier outcome when it was measured, and the length of its history."""
    tries = [(of.result(), of.history()) for of in given_up(store)]
    return [(stored.result.measured_at, len(history)) for stored, history in tries if stored]


def test_the_outcome_is_kept_and_the_cell_is_new(cells: CellStore, store: Store, diverge: Diverge) -> None:
    seen = diverge(store)
    history = cells.history(KEY)
    cells.add_session(KEY, {"epochs_done": 0, "at": 1.0})
    assert supersede(store, KEY, seen)
    assert (cells.result(KEY), cells.history(KEY), cells.epochs_stored(KEY)) == (None, [], 0)
    (before,) = given_up(store)
    assert (before.result(), before.history()) == (seen, history)
    assert len(cells.sessions(KEY)) == 1


def test_every_outcome_is_kept_the_first_one_first(store: Store, diverge: Diverge) -> None:
    for measured_at, epochs in ((5.0, 2), (50.0, 0), (90.0, 1)):
        assert supersede(store, KEY, diverge(store, epochs, measured_at))
    assert kept(store) == [(5.0, 2), (50.0, 0), (90.0, 1)]


def test_an_outcome_that_is_not_the_one_seen_stays(cells: CellStore, store: Store, diverge: Diverge) -> None:
    """Another driver has tried the cell again meanwhile, and it has diverged once more."""
    seen = diverge(store)
    assert supersede(store, KEY, seen)
    newer = diverge(store, epochs=1, measured_at=50.0)
    assert not supersede(store, KEY, seen)
    assert cells.result(KEY) == newer
    assert len(cells.history(KEY)) == 1
    assert kept(store) == [(5.0, 2)]


def test_a_cell_that_somebody_works_on_is_left_to_them(cells: CellStore, store: Store, diverge: Diverge) -> None:
    seen = diverge(store)
    holder = Holder.this_process(now=2e9).model_copy(update={"host": "elsewhere"})
    store.create(f"{PATHS.lease}/000001.json", seal(holder.model_dump()))
    with pytest.raises(HeldElsewhereError):
        supersede(store, KEY, seen)
    assert cells.result(KEY) == seen
    assert kept(store) == []


def test_the_lease_is_given_back(store: Store, diverge: Diverge) -> None:
    supersede(store, KEY, diverge(store))
    holder = newest_holder(store, CellPaths(KEY).lease)
    assert holder is not None
    assert holder.released


def test_one_that_is_taken_over_in_the_middle_changes_nothing(
    cells: CellStore, store: Store, diverge: Diverge, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = diverge(store)
    acquire = Lease.acquire

    def taken_over(self: Lease) -> Lease:
        acquire(self)
        self.lost.set()  # as its thread does when it finds another holder
        return self

    monkeypatch.setattr(Lease, "acquire", taken_over)
    assert not supersede(store, KEY, seen)
    assert cells.result(KEY) == seen


def test_whoever_stood_still_on_the_way_takes_nothing_from_the_next_try(
    cells: CellStore, store: Store, diverge: Diverge, record: MakeRecord
) -> None:
    seen = diverge(store)
    late = cells.newest_try(KEY)
    assert supersede(store, KEY, seen)
    cells.newest_try(KEY).add_epoch(record(1))
    late.supersede()
    assert cells.history(KEY) == [record(1)]
    assert cells.newest_try(KEY).number == 2


def test_a_worker_of_the_try_before_that_is_back_writes_beside_the_next_one(
    cells: CellStore, store: Store, diverge: Diverge, record: MakeRecord
) -> None:
    outlived = cells.newest_try(KEY)
    assert supersede(store, KEY, diverge(store))
    cells.newest_try(KEY).add_epoch(record(1))
    outlived.add_epoch(record(3))
    outlived.checkpoints.save(TrainingState({"model/w": torch.zeros(1)}, 3))
    assert outlived.conclude_diverged(CellResult(status="diverged", epochs=3, measured_at=9.0)).result.epochs == 2
    assert (cells.history(KEY), cells.result(KEY)) == ([record(1)], None)
    assert cells.newest_try(KEY).checkpoints.newest(at_most=9) is None


def test_a_try_that_has_finished_after_all_counts_though_it_was_given_up(
    cells: CellStore, store: Store, diverge: Diverge, make_outcome: Callable[..., CellOutcome]
) -> None:
    """Its outcome was damaged, another has trained it anew, and whoever gave it up had stood still until then."""
    diverge(store)
    store.replace(PATHS.result, b"damaged")
    assert cells.result(KEY) is None
    finished = cells.newest_try(KEY).finish(make_outcome())
    CellTry(store, KEY).supersede()
    assert cells.result(KEY) == finished
    assert len(cells.predictions(KEY, "test")) == 3


@pytest.mark.parametrize("lost", ["superseded", "history"])
def test_the_newest_try_counts_though_what_says_that_one_was_given_up_is_deleted(
    cells: CellStore, store: Store, diverge: Diverge, make_outcome: Callable[..., CellOutcome], lost: str
) -> None:
    for measured_at in (5.0, 50.0):
        assert supersede(store, KEY, diverge(store, measured_at=measured_at))
    finished = cells.newest_try(KEY).finish(make_outcome())
    for number in (1, 2):
        paths = CellPaths(KEY, number)
        for name in [paths.superseded] if lost == "superseded" else store.names(paths.history):
            store.delete(name)
    assert cells.result(KEY) == finished
    assert SeenCells(store).tries([KEY]) == {(KEY, 3)}


def test_the_next_try_counts_though_the_outcome_before_is_damaged(
    cells: CellStore, store: Store, diverge: Diverge
) -> None:
    assert supersede(store, KEY, diverge(store))
    newer = diverge(store, epochs=1, measured_at=50.0)
    store.replace(PATHS.result, b"damaged")
    assert cells.result(KEY) == newer


def test_checkpoints_that_a_kill_left_to_the_old_try_are_none_of_the_new_one(
    cells: CellStore, store: Store, diverge: Diverge
) -> None:
    seen = diverge(store)
    cells.newest_try(KEY).checkpoints.save(TrainingState({"model/w": torch.zeros(1)}, 2))
    supersede(store, KEY, seen)
    assert store.names(PATHS.checkpoints) == []


def test_of_several_that_do_it_at_once_one_does_it(open_store: Callable[[], Store], diverge: Diverge) -> None:
    seen = diverge(open_store())
    came_to = []

    def try_again(wait: Callable[[], object]) -> None:
        store = open_store()
        wait()
        try:
            came_to.append(supersede(store, KEY, seen))
        except HeldElsewhereError:
            came_to.append(False)

    race(try_again)
    assert len(came_to) == RACERS
    assert any(came_to)
    assert kept(open_store()) == [(5.0, 2)]
    assert CellStore(open_store()).history(KEY) == []


def killed_after_each_change(folder: Path, diverge: Diverge) -> Iterator[LocalStore]:
    """For each n, a store in which `supersede` was killed at its change number n + 1."""
    for changes in itertools.count():
        store = LocalStore(folder / f"after {changes} changes")
        seen = diverge(store)
        CellTry(store, KEY).checkpoints.save(TrainingState({"model/w": torch.zeros(1)}, 2))
        try:
            supersede(MortalStore(store, changes, Killed), KEY, seen)  # type: ignore[arg-type]
        except Killed:
            yield store
            continue
        assert changes > 2, "it is expected to make several changes"
        return


def test_a_kill_at_any_moment_leaves_the_old_outcome_or_a_new_cell(
    tmp_path: Path, diverge: Diverge, record: MakeRecord
) -> None:
    is_new: list[bool] = []
    for store in killed_after_each_change(tmp_path, diverge):
        cells = CellStore(store)
        stored = cells.result(KEY)
        is_new.append(stored is None)
        assert stored is not None or store.names(PATHS.checkpoints) == []
        if stored is not None:
            assert len(cells.history(KEY)) == 2
            assert supersede(store, KEY, stored)
        assert (cells.result(KEY), cells.history(KEY)) == (None, []), store.url
        assert kept(store) == [(5.0, 2)], store.url
        cells.newest_try(KEY).add_epoch(record(1))
        assert cells.history(KEY) == [record(1)]
    assert set(is_new) == {True, False}
    assert is_new == sorted(is_new)
