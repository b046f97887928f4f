"""The cells of a sweep as data frames, out of records written by hand."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch

from orchestrator.results import ResultTable
from orchestrator.store import CellStore, Home, SweepStore
from orchestrator.store.cell_paths import CellPaths
from orchestrator.unknown_sweep import UnknownSweepError
from trainables.classifier import CellOutcome, PartLogits
from trainables.errors import UserError
from trainables.records import CellResult, EpochRecord

ARMS = {
    "loss=cross_entropy": {"loss": "cross_entropy", "training.epochs": 2},
    "loss=focal(gamma=2)": {"loss": {"name": "focal", "gamma": 2}, "training.epochs": 2},
}
ONE, OTHER = ARMS


class HandMadeSweep:
    """A home with one sweep, `small`: two arms, three seeds. A cell's key is its place in the plan."""

    def __init__(self, root: Path):
        self.root = root
        store = Home.at(root).store()
        self.cells = CellStore(store)
        self.keys = [f"{number:032x}" for number in range(6)]
        pairs = [(arm, seed) for seed in (0, 1, 2) for arm in ARMS]
        plan = {
            "sweep": "small",
            "description": "",
            "arms": [
                {"name": arm, "settings": settings, "class_names": ["no", "yes"]} for arm, settings in ARMS.items()
            ],
            "baseline": "loss=cross_entropy",
            "decide": {"metric": "test_accuracy", "direction": "maximize", "margin": None, "pairs": "baseline"},
            "seeds": [0, 1, 2],
            "cells": [
                {"key": k, "arm": arm, "seed": seed} for k, (arm, seed) in zip(self.keys, pairs, strict=True)
            ],
            "data": [],
        }
        SweepStore(store).save("small", plan, "")

    def session(
        self, number: int, at: float, epochs_done: int = 0, threads: int = 1, steps: int = 0, of_try: int = 1
    ) -> None:
        environment = {"device": "EPYC", "threads": threads, "versions": {"torch": "2.13.0"}}
        done = {"epochs_done": epochs_done, "steps": steps, "try": of_try}
        session = {"at": at, "environment": environment, **done}
        self.cells.add_session(self.keys[number], session)

    def failure(self, number: int, at: float) -> None:
        self.cells.add_failure(self.keys[number], {"at": at, "error": "ValueError: no"})

    def epoch(self, number: int, epoch: int) -> EpochRecord:
        metrics = {"train_accuracy": epoch / 4, "validation_accuracy": epoch / 5}
        timing = {"epoch_seconds": 1.5, "tokens_per_second": 100.0}
        record = EpochRecord(epoch=epoch, step=epoch, metrics=metrics, timing=timing, measured_at=1.0)
        return self.cells.newest_try(self.keys[number]).add_epoch(record)

    def finish(self, number: int) -> None:
        final = self.epoch(number, 1).metrics | {"test_accuracy": 0.5 + number / 10}
        best = {"best_validation_accuracy": 0.75, "best_epoch": 1.0}
        result = CellResult(status="finished", epochs=1, final=final, best=best, measured_at=2.0)
        logits = np.full((2, 2), number, np.float32)
        part = PartLogits(np.array([3, 8]), np.array([0, 1]), logits, np.full((2, 2), np.log(0.5)))
        weights = {"head.weight": torch.zeros(1)}
        self.cells.newest_try(self.keys[number]).finish(
            CellOutcome(result, {"validation": part, "test": part}, weights)
        )

    def diverge(self, number: int) -> None:
        result = CellResult(status="diverged", epochs=0, divergence="the loss became nan", measured_at=2.0)
        self.cells.newest_try(self.keys[number]).conclude_diverged(result)

    def open(self) -> ResultTable:
        return ResultTable.open("small", self.root)


@pytest.fixture
def sweep(tmp_path: Path) -> HandMadeSweep:
    return HandMadeSweep(tmp_path / "home")


def states(table: ResultTable) -> list[tuple[str, int]]:
    return list(table.frame[["status", "epochs"]].itertuples(index=False, name=None))


def test_the_frame_has_a_row_for_each_planned_cell_whatever_has_become_of_it(sweep: HandMadeSweep) -> None:
    sweep.finish(0)
    sweep.diverge(1)
    sweep.session(2, at=1.0)
    sweep.epoch(3, 1)
    sweep.failure(4, at=2.0)
    table = sweep.open()
    assert states(table) == [
        ("finished", 1),
        ("diverged", 0),
        ("begun", 0),
        ("begun", 1),
        ("failed", 0),
        ("new", 0),
    ]
    assert table.frame["arm"].tolist() == list(ARMS) * 3
    assert table.frame["seed"].tolist() == [0, 0, 1, 1, 2, 2]
    assert table.frame["key"].tolist() == sweep.keys
    assert table.frame["loss"].tolist() == ["cross_entropy", "focal"] * 3
    assert table.frame["training.epochs"].tolist() == [2] * 6
    first = table.frame.iloc[0]
    assert (first["test_accuracy"], first["validation_accuracy"]) == (0.5, 0.2)
    assert (first["best_validation_accuracy"], first["best_epoch"]) == (0.75, 1)
    assert table.frame["test_accuracy"].isna().tolist() == [False, *[True] * 5]


def test_a_cell_that_was_taken_up_again_since_its_failure_is_begun(sweep: HandMadeSweep) -> None:
    sweep.session(0, at=1.0)
    sweep.failure(0, at=2.0)
    assert states(sweep.open())[0] == ("failed", 0)
    sweep.session(0, at=3.0)
    assert states(sweep.open())[0] == ("begun", 0)
    sweep.failure(0, at=4.0)
    assert states(sweep.open())[0] == ("failed", 0)
    sweep.finish(0)
    assert states(sweep.open())[0] == ("finished", 1)


def test_a_cell_whose_result_is_damaged_is_not_finished(sweep: HandMadeSweep) -> None:
    sweep.finish(0)
    sweep.cells.store.replace(CellPaths(sweep.keys[0]).result, b"damaged")
    assert states(sweep.open())[0] == ("begun", 1)


def test_histories_have_a_row_for_each_epoch_of_each_cell(sweep: HandMadeSweep) -> None:
    sweep.epoch(3, 1)
    sweep.epoch(3, 2)
    sweep.finish(0)
    expected = pd.DataFrame(
        {
            "arm": [ONE, OTHER, OTHER],
            "seed": [0, 1, 1],
            "epoch": [1, 1, 2],
            "train_accuracy": [0.25, 0.25, 0.5],
            "validation_accuracy": [0.2, 0.2, 0.4],
            "epoch_seconds": 1.5,
            "tokens_per_second": 100.0,
        }
    )
    pd.testing.assert_frame_equal(sweep.open().histories, expected)


def test_predictions_have_a_row_for_each_item_of_each_finished_cell(sweep: HandMadeSweep) -> None:
    for number in (0, 3):
        sweep.finish(number)
    sweep.diverge(1)
    predictions = sweep.open().predictions("test")
    assert predictions.columns.tolist() == [
        *("arm", "seed", "row", "label", "logit_0", "logit_1", "log_probability_0", "log_probability_1")
    ]
    assert predictions["arm"].tolist() == [ONE] * 2 + [OTHER] * 2
    assert predictions["seed"].tolist() == [0, 0, 1, 1]
    assert predictions["row"].tolist() == [3, 8, 3, 8]
    assert predictions["logit_1"].tolist() == [0, 0, 3, 3]


def test_a_cell_whose_predictions_are_damaged_is_left_out_and_no_longer_finished(sweep: HandMadeSweep) -> None:
    for number in (0, 3):
        sweep.finish(number)
    table = sweep.open()
    assert states(table).count(("finished", 1)) == 2
    (file,) = (sweep.root / CellPaths(sweep.keys[0]).files).glob("test-*")
    file.write_bytes(b"damaged")
    assert table.predictions("test")["seed"].unique().tolist() == [1]
    assert states(table)[0] == ("begun", 1)
    assert table.predictions("validation")["seed"].unique().tolist() == [1]


def test_a_finished_cell_that_went_on_in_another_environment_is_a_move(sweep: HandMadeSweep) -> None:
    for number in (0, 1, 2):
        sweep.session(number, at=1.0)
        sweep.session(number, at=2.0, epochs_done=1, threads=1 if number == 1 else 4)
    sweep.session(0, at=3.0, epochs_done=1, steps=7, threads=2)
    for number in (0, 1):
        sweep.finish(number)
    table = sweep.open()
    assert table.moves.to_dict("records") == [
        {"arm": ONE, "seed": 0, "reached": "after epoch 1", "changes": "threads 1 → 4"},
        {"arm": ONE, "seed": 0, "reached": "in epoch 2", "changes": "threads 4 → 2"},
    ]
    assert table.environments["threads"].to_list() == [1, 4, 2, 1, 1]


def test_every_session_of_a_finished_cell_is_there_with_its_environment(sweep: HandMadeSweep) -> None:
    sweep.session(0, at=1.0)
    sweep.session(0, at=2.0, epochs_done=1, threads=4)
    sweep.session(1, at=1.0)
    sweep.finish(0)
    sessions = sweep.open().sessions
    assert sessions[["arm", "seed", "epochs_done"]].values.tolist() == [[ONE, 0, 0], [ONE, 0, 1]]
    assert [environment["threads"] for environment in sessions["environment"]] == [1, 4]


def test_a_cell_that_was_tried_again_was_trained_where_its_last_try_was(sweep: HandMadeSweep) -> None:
    sweep.session(0, at=1.0)
    sweep.session(0, at=2.0, epochs_done=1)
    sweep.session(0, at=3.0, threads=4, of_try=2)
    sweep.finish(0)
    table = sweep.open()
    assert table.sessions["epochs_done"].to_list() == [0]
    assert (table.environments["threads"].to_list(), len(table.moves)) == ([4], 0)


def test_why_a_cell_failed_or_diverged_is_told_as_it_was_stored(sweep: HandMadeSweep) -> None:
    sweep.finish(0)
    sweep.diverge(1)
    sweep.failure(2, at=1.0)
    sweep.session(3, at=1.0)
    assert sweep.open().troubles == {(OTHER, 0): "the loss became nan", (ONE, 1): "ValueError: no"}


def test_a_sweep_in_which_nothing_has_happened_has_empty_frames(sweep: HandMadeSweep) -> None:
    table = sweep.open()
    assert states(table) == [("new", 0)] * 6
    assert table.histories.empty
    assert table.predictions().empty


def test_a_table_knows_what_the_plan_says(sweep: HandMadeSweep) -> None:
    table = sweep.open()
    said = (table.name, table.arms, table.baseline, table.deciding_metric)
    assert said == ("small", list(ARMS), "loss=cross_entropy", "test_accuracy")


def test_reading_changes_nothing(sweep: HandMadeSweep) -> None:
    sweep.finish(0)
    sweep.session(1, at=1.0)
    before = {file: file.read_bytes() for file in sweep.root.rglob("*") if file.is_file()}
    table = sweep.open()
    assert [len(frame) for frame in (table.frame, table.histories, table.predictions())] == [6, 1, 2]
    assert {file: file.read_bytes() for file in sweep.root.rglob("*") if file.is_file()} == before


@pytest.mark.parametrize(
    ("asked", "hint"),
    [("smal", "did you mean small?"), ("quickstart", "it knows: small")],
)
def test_an_unknown_sweep_is_named_with_a_near_miss_or_what_is_known(
    asked: str, hint: str, sweep: HandMadeSweep
) -> None:
    with pytest.raises(UnknownSweepError) as caught:
        ResultTable.open(asked, sweep.root)
    assert str(caught.value) == f"no sweep '{asked}' has been run in {sweep.root}; {hint}"


def test_an_empty_home_knows_no_sweep(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setenv("SEEDWISE_HOME", str(tmp_path / "nothing here"))
    with pytest.raises(UnknownSweepError, match="nothing here; it knows: none yet"):
        ResultTable.open("small")
    assert not (tmp_path / "nothing here").exists()


def test_a_sweep_with_a_damaged_plan_is_not_called_unknown(sweep: HandMadeSweep) -> None:
    sweep.cells.store.replace("sweeps/small/plan.json", b"damaged")
    with pytest.raises(UserError, match="the plan of small is damaged; seedwise run small writes it anew"):
        sweep.open()
