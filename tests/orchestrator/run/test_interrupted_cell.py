"""A cell that was killed, anywhere, goes on to the same bits; nothing is lost and nothing is recorded twice."""

import itertools
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from mortal import Killed, MortalStore

from orchestrator.run.cell_work import CellWork, Step
from orchestrator.store import CellStore, LocalStore, Store, StoreError
from orchestrator.store.cell_paths import CellPaths
from trainables.checkpoint import TrainingState
from trainables.config import CellConfig

KEY = "c0ffee" * 5 + "00"
PATHS = CellPaths(KEY)
LOSSES = pytest.mark.parametrize("loss", ["cross_entropy", "binary_cross_entropy"])
MakeWork = Callable[..., CellWork]
MakeConfig = Callable[..., CellConfig]
CarryOut = Callable[[CellWork], Step]
Bits = Callable[[Store], dict[str, Any]]


def stores_before_each_change(
    folder: Path, work: Callable[[Store], object], error: type[BaseException]
) -> Iterator[LocalStore]:
    """A fresh store for each n, left behind by `work` that died, or was refused, at its change number n + 1."""
    for changes in itertools.count():
        store = LocalStore(folder / f"after {changes} changes")
        try:
            over = work(MortalStore(store, changes, error))  # type: ignore[arg-type]
        except Killed:
            over = None
        if isinstance(over, Step) and over.status in ("finished", "diverged"):
            assert changes > 12, "the worker is expected to make many changes"
            return
        yield store


@LOSSES
def test_a_cell_killed_between_any_two_changes_of_the_store_ends_with_the_same_bits(
    loss: str,
    tmp_path: Path,
    store: Store,
    work: MakeWork,
    make_config: MakeConfig,
    carry_out: CarryOut,
    bits: Bits,
) -> None:
    config = make_config(loss)
    carry_out(work(config=config))
    undisturbed = bits(store)
    assert len(undisturbed["history"]) == 3

    for left in stores_before_each_change(tmp_path, lambda s: carry_out(work(store=s, config=config)), Killed):
        stored_before = CellStore(left).history(KEY)
        assert carry_out(work(store=left, config=config)).status == "finished"
        assert bits(left) == undisturbed, left.url
        # What was stored stays, with the time at which it was first measured.
        assert CellStore(left).history(KEY)[: len(stored_before)] == stored_before
        assert left.names(PATHS.history) == [f"{PATHS.history}/{epoch:04d}.json" for epoch in (1, 2, 3)]


def test_a_cell_whose_store_refused_any_change_is_lost_without_raising_and_ends_with_the_same_bits(
    tmp_path: Path, store: Store, work: MakeWork, carry_out: CarryOut, bits: Bits
) -> None:
    carry_out(work())
    undisturbed = bits(store)

    def refused(store: Store) -> Step:
        step = carry_out(work(store=store))
        assert step.status in ("lost", "finished")  # refusing the release of the lease does no harm
        return step

    for left in stores_before_each_change(tmp_path, refused, StoreError):
        assert CellStore(left).failures(KEY) == []
        assert carry_out(work(store=left)).status == "finished"
        assert bits(left) == undisturbed, left.url


def test_a_diverging_cell_whose_store_refuses_its_end_is_lost_without_raising(
    tmp_path: Path, work: MakeWork, make_config: MakeConfig
) -> None:
    config = make_config(learning_rate=1e30, warmup=0)
    statuses = []
    for changes in range(4):
        store = MortalStore(LocalStore(tmp_path / str(changes)), changes, StoreError)
        statuses.append(work(store=store, config=config).step().status)
    assert statuses == ["lost", "lost", "lost", "diverged"]  # lease, session, result


def test_a_resumed_cell_begins_at_the_first_epoch_that_has_no_record(store: Store, work: MakeWork) -> None:
    work().step()
    second = work()
    assert second.step().epoch == 2
    assert [session["epochs_done"] for session in CellStore(store).sessions(KEY)] == [0, 1]
    assert {"device", "threads", "versions", "hardware"} == set(CellStore(store).sessions(KEY)[1]["environment"])


def test_an_epoch_that_was_recorded_but_not_checkpointed_is_trained_and_not_recorded_again(
    store: Store, work: MakeWork, carry_out: CarryOut
) -> None:
    first = work()
    first.step()
    first.step()
    before = CellStore(store).history(KEY)
    store.delete(store.names(PATHS.checkpoints)[-1])
    carry_out(work())
    assert CellStore(store).sessions(KEY)[1]["epochs_done"] == 1
    assert CellStore(store).history(KEY)[:2] == before


@pytest.mark.parametrize("name", ["history/0001.json", "history/0002.json", "checkpoint/000002-"])
def test_a_cell_whose_record_was_damaged_between_two_runs_ends_with_the_same_bits(
    name: str, store: Store, tmp_path: Path, work: MakeWork, carry_out: CarryOut, bits: Bits
) -> None:
    carry_out(work())
    damaged = LocalStore(tmp_path / "damaged")
    stopped = work(store=damaged)
    stopped.step()
    stopped.step()
    (found,) = [stored for stored in damaged.names(PATHS.folder) if stored.startswith(f"{PATHS.folder}/{name}")]
    damaged.replace(found, b"damaged")
    assert carry_out(work(store=damaged)).status == "finished"
    assert bits(damaged) == bits(store)


def test_a_record_damaged_while_the_cell_trains_is_no_part_of_its_result_and_heals_in_the_next_run(
    store: Store, tmp_path: Path, work: MakeWork, carry_out: CarryOut, bits: Bits
) -> None:
    carry_out(work())
    damaged = LocalStore(tmp_path / "damaged")
    training = work(store=damaged)
    training.step()
    training.step()
    damaged.replace(f"{PATHS.history}/0002.json", b"damaged")
    last = carry_out(training)
    assert last.status == "failed"
    assert "1 of the 3 epochs of its history are left; the others were damaged and have been set" in last.message
    assert carry_out(work(store=damaged)).status == "finished"
    assert bits(damaged) == bits(store)


def test_a_cell_whose_folder_is_deleted_while_it_trains_says_so_and_is_whole_after_the_next_run(
    store: Store, tmp_path: Path, work: MakeWork, carry_out: CarryOut, bits: Bits
) -> None:
    carry_out(work())
    emptied = LocalStore(tmp_path / "emptied")
    training = work(store=emptied)
    training.step()
    shutil.rmtree(emptied.root / PATHS.folder)
    last = carry_out(training)
    assert last.status == "failed"
    assert (
        "0 of the 3 epochs of its history are left; the others were deleted while it trained; run" in last.message
    )
    assert carry_out(work(store=emptied)).status == "finished"
    assert bits(emptied) == bits(store)


@pytest.mark.parametrize("part", ["exp_avg", "exp_avg_sq", "step", "model"])
def test_every_part_of_a_checkpoint_is_needed_for_the_same_bits(
    part: str, store: Store, tmp_path: Path, work: MakeWork, carry_out: CarryOut, bits: Bits
) -> None:
    """So the tests above would notice a checkpoint of which a part is left out or ignored."""
    carry_out(work())
    forged = LocalStore(tmp_path / "forged")
    stopped = work(store=forged)
    stopped.step()
    stopped.step()
    checkpoints = CellStore(forged).newest_try(KEY).checkpoints
    state = checkpoints.newest(at_most=2)
    assert state is not None
    checkpoints.drop()
    tensors = {name: t * 0 if part in name.split("/") else t for name, t in state.tensors.items()}
    checkpoints.save(TrainingState(tensors, 2))
    carry_out(work(store=forged))
    assert bits(forged)["weights"] != bits(store)["weights"]
