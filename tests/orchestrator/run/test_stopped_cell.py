"""A cell that is asked to stop, anywhere, leaves a checkpoint there, and goes on from it to the same bits."""

import itertools
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from orchestrator.run import cell_work
from orchestrator.run.cell_work import CellWork, Step
from orchestrator.store import CellStore, LocalStore, Store, StoreError
from orchestrator.store.cell_paths import CellPaths
from orchestrator.store.cell_try import CellTry
from trainables import classifier
from trainables.classifier import CellTraining, PartLogits
from trainables.config import CellConfig
from trainables.data.batches import PartBatches

KEY = "c0ffee" * 5 + "00"
PATHS = CellPaths(KEY)
LOSSES = pytest.mark.parametrize("loss", ["cross_entropy", "binary_cross_entropy"])
MakeWork = Callable[..., CellWork]
MakeConfig = Callable[..., CellConfig]
CarryOut = Callable[[CellWork], Step]
Bits = Callable[[Store], dict[str, Any]]


def stop_after(steps: int) -> Callable[[], bool]:
    """Says so when it has been asked so many times."""
    asked = itertools.count(1)
    return lambda: next(asked) >= steps


@LOSSES
@pytest.mark.parametrize("steps", range(1, 12))
def test_a_cell_stopped_at_any_step_goes_on_from_that_step_to_the_same_bits(
    steps: int,
    loss: str,
    store: Store,
    tmp_path: Path,
    work: MakeWork,
    make_config: MakeConfig,
    carry_out: CarryOut,
    bits: Bits,
) -> None:
    config = make_config(loss)
    carry_out(work(config=config))
    stopped = LocalStore(tmp_path / "stopped")
    assert carry_out(work(store=stopped, config=config, stop=stop_after(steps))).status == "stopped"
    reached = CellStore(stopped).newest_try(KEY).checkpoints.newest(at_most=9)
    assert reached is not None or steps == 1  # stopped before it began

    assert carry_out(work(store=stopped, config=config)).status == "finished"
    assert bits(stopped) == bits(store)
    begun = [(session["epochs_done"], session["steps"]) for session in CellStore(stopped).sessions(KEY)]
    assert begun == ([(0, 0)] if reached is None else [(0, 0), (reached.epochs_done, reached.so_far.steps)])


@pytest.mark.parametrize(
    ("scored", "epochs_done", "goes_on"), [("validation", 0, "epoch"), ("test", 3, "finished")]
)
def test_a_stop_is_heard_while_a_cell_scores_and_costs_no_step(
    scored: str,
    epochs_done: int,
    goes_on: str,
    store: Store,
    tmp_path: Path,
    work: MakeWork,
    carry_out: CarryOut,
    bits: Bits,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """With many rows that may take longer than the stop has."""
    carry_out(work())
    home, asked, predict = LocalStore(tmp_path / "stopped"), list[str](), CellTraining.predict

    def stopped_then(training: CellTraining, batches: PartBatches, stop: Callable[[], bool]) -> PartLogits | None:
        if batches is training.data.evaluated[scored]:
            asked.append("to stop")
        return predict(training, batches, stop)

    with monkeypatch.context() as patched:
        patched.setattr(CellTraining, "predict", stopped_then)
        assert carry_out(work(store=home, stop=lambda: bool(asked))).status == "stopped"
    state = CellStore(home).newest_try(KEY).checkpoints.newest(at_most=9)
    assert state is not None
    assert state.epochs_done == epochs_done
    again = work(store=home)
    with monkeypatch.context() as patched:
        patched.delattr(classifier, "train_epoch")
        assert again.step().status == goes_on, "without another step"
    carry_out(again)
    assert bits(home) == bits(store)


def test_what_an_epoch_has_measured_up_to_a_stop_is_needed_for_the_same_bits(
    store: Store, tmp_path: Path, work: MakeWork, carry_out: CarryOut, bits: Bits
) -> None:
    """So the test above would notice a checkpoint that leaves it out."""
    carry_out(work())
    forged = LocalStore(tmp_path / "forged")
    carry_out(work(store=forged, stop=stop_after(3)))
    checkpoints = CellStore(forged).newest_try(KEY).checkpoints
    state = checkpoints.newest(at_most=0)
    assert state is not None
    assert state.so_far.steps == 2  # the first time it was asked before its start
    state.so_far.loss_sum = 0.0
    checkpoints.drop()
    checkpoints.save(state)
    carry_out(work(store=forged))
    assert bits(forged)["history"] != bits(store)["history"]


def test_a_cell_that_is_asked_to_stop_before_it_begins_leaves_no_trace(store: Store, work: MakeWork) -> None:
    assert work(stop=lambda: True).step().status == "stopped"
    assert store.names(PATHS.folder) == []


@pytest.mark.parametrize(("every_s", "kept"), [(0.0, [1, 2]), (3600.0, [])])
def test_checkpoints_can_be_spaced_by_time(every_s: float, kept: list[int], store: Store, work: MakeWork) -> None:
    cell = work(checkpoint_every_s=every_s)
    cell.step()
    cell.step()
    found = [int(name.rsplit("/", 1)[1].split("-")[0]) for name in store.names(PATHS.checkpoints)]
    assert found == kept


@pytest.mark.parametrize(
    ("epoch_s", "kept"), [(15.0, [[], [], [3]]), (20.0, [[], [2], [2]]), (30.0, [[1], [1, 2], [2, 3]])]
)
def test_no_more_is_trained_again_than_the_spacing_or_an_epoch(
    epoch_s: float, kept: list[list[int]], store: Store, work: MakeWork, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock, advance = [0.0], CellTraining.advance

    def slowly(self: CellTraining, *asked: Any) -> Any:
        clock[0] += epoch_s
        return advance(self, *asked)

    monkeypatch.setattr(CellTraining, "advance", slowly)
    monkeypatch.setattr(cell_work, "time", SimpleNamespace(monotonic=lambda: clock[0], time=time.time))
    monkeypatch.setattr(CellTry, "finish", lambda *_: (_ for _ in ()).throw(StoreError("not to be finished")))
    cell, found = work(checkpoint_every_s=60.0), []
    for _ in kept:
        cell.step()
        found.append([int(name.rsplit("/", 1)[1].split("-")[0]) for name in store.names(PATHS.checkpoints)])
    assert found == kept


def test_a_cell_whose_checkpoints_are_far_apart_still_leaves_one_where_it_is_stopped(
    store: Store, work: MakeWork, carry_out: CarryOut
) -> None:
    cell = work(checkpoint_every_s=3600.0)
    cell.step()
    cell.stop = lambda: True
    assert cell.step().status == "stopped"
    newest = CellStore(store).newest_try(KEY).checkpoints.newest(at_most=9)
    assert newest is not None
    assert (newest.epochs_done, newest.so_far.steps) == (1, 1)
    cell.close()
    assert carry_out(work()).status == "finished"
