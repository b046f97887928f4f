"""What MLflow holds is a function of the store: it does not matter how often, by whom, or in how many steps."""

from pathlib import Path
from typing import Any

import pytest
from hand_made import EPOCHS, HandMadeSweep

from orchestrator.record import sync_sweep
from orchestrator.record.tracking import MlflowTracking
from orchestrator.store import Home
from orchestrator.store.superseded import supersede


def test_recording_twice_changes_nothing(sweep: HandMadeSweep) -> None:
    for key in sweep.keys[:2]:
        sweep.finish(key)
    sweep.diverge(sweep.keys[2])
    sweep.take_up(sweep.keys[3])
    sync_sweep(sweep.home, sweep.name)
    once = sweep.snapshot()
    assert len(once) == 1 + 4
    sync_sweep(sweep.home, sweep.name)
    assert sweep.snapshot() == once


def test_every_epoch_is_one_point_of_each_metric_at_the_time_it_was_first_measured(sweep: HandMadeSweep) -> None:
    key = sweep.keys[0]
    sweep.finish(key)
    history = sweep.cells.history(key)
    sync_sweep(sweep.home, sweep.name)
    points = sweep.client.get_metric_history(sweep.child(key).info.run_id, "validation_accuracy")
    assert [(p.step, p.value, p.timestamp) for p in points] == [
        (record.epoch, record.metrics["validation_accuracy"], int(record.measured_at * 1000)) for record in history
    ]


def test_epoch_by_epoch_gives_the_same_as_all_at_once(sweep: HandMadeSweep) -> None:
    key = sweep.keys[0]
    sweep.take_up(key)
    record = sweep.opened()
    history = []
    for epoch in range(1, EPOCHS + 1):
        history.append(sweep.epoch(key, epoch))
        record.record_cell(key)
        record.record_cell(key)
    sweep.conclude(key, history)
    record.record_cell(key)
    record.record_all()
    step_by_step = sweep.content()
    for run in sweep.runs():
        sweep.client.delete_run(run.info.run_id)
    sync_sweep(sweep.home, sweep.name)
    at_once = sweep.content()
    assert at_once == step_by_step


@pytest.mark.parametrize("dies_at", ["log", "log_dataset", "upload", "set_status"])
def test_a_recorder_killed_within_a_cell_is_caught_up(
    sweep: HandMadeSweep, dies_at: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    sweep.finish(sweep.keys[0])
    with monkeypatch.context() as patched:
        patched.setattr(MlflowTracking, dies_at, lambda *_, **__: (_ for _ in ()).throw(ConnectionError("killed")))
        with pytest.raises(ConnectionError):
            sweep.opened().record_cell(sweep.keys[0])
    made = sweep.child(sweep.keys[0]).info.run_id
    sync_sweep(sweep.home, sweep.name)
    caught_up = sweep.content()
    assert sweep.child(sweep.keys[0]).info.run_id == made
    for run in sweep.runs():
        sweep.client.delete_run(run.info.run_id)
    sync_sweep(sweep.home, sweep.name)
    assert sweep.content() == caught_up


def test_a_history_that_was_damaged_and_trained_again_leaves_no_point_of_the_old_one(sweep: HandMadeSweep) -> None:
    key = sweep.keys[0]
    sweep.take_up(key)
    old = sweep.epoch(key, 1)
    sync_sweep(sweep.home, sweep.name)
    folder = sweep.home.root / "cells" / key / "history"
    (folder / "0001.json").unlink()
    sweep.cells.newest_try(key).add_epoch(old.model_copy(update={"measured_at": old.measured_at + 500}))
    sync_sweep(sweep.home, sweep.name)
    (point,) = sweep.client.get_metric_history(sweep.child(key).info.run_id, "train_loss")
    assert point.timestamp == int((old.measured_at + 500) * 1000)


@pytest.mark.parametrize("epochs", [0, 1])
def test_a_diverged_cell_that_is_tried_again_leaves_nothing_of_its_first_try(
    sweep: HandMadeSweep, epochs: int
) -> None:
    key = sweep.keys[0]
    sweep.diverge(key, epochs)
    sync_sweep(sweep.home, sweep.name)
    assert sweep.child(key).info.status == "FAILED"
    seen = sweep.cells.result(key)
    assert seen is not None
    assert supersede(sweep.home.store(), key, seen)
    sync_sweep(sweep.home, sweep.name)
    begun = sweep.child(key)
    assert (begun.info.status, begun.data.tags["seedwise.outcome"]) == ("KILLED", "interrupted")
    assert (begun.data.tags["seedwise.error"], begun.data.metrics) == ("", {})
    sweep.conclude(key, [sweep.epoch(key, epoch) for epoch in range(1, EPOCHS + 1)])
    sync_sweep(sweep.home, sweep.name)

    def cell_runs() -> list[Any]:
        return [run for run in sweep.content() if "seedwise.cell" in run["tags"]]

    followed = cell_runs()
    for run in sweep.runs():
        sweep.client.delete_run(run.info.run_id)
    sync_sweep(sweep.home, sweep.name)
    assert cell_runs() == followed
    assert sweep.child(key).info.status == "FINISHED"


def test_a_cell_in_two_sweeps_has_a_run_in_each(sweep: HandMadeSweep) -> None:
    other = HandMadeSweep(sweep.home, name="other")
    sweep.finish(sweep.keys[0])
    for each in (sweep, other):
        sync_sweep(each.home, each.name)
    ours, theirs = sweep.child(sweep.keys[0]), other.child(sweep.keys[0])
    assert ours.info.run_id != theirs.info.run_id
    assert ours.data.metrics == theirs.data.metrics


def test_a_home_that_moves_keeps_its_runs_on_a_shared_server_and_another_home_gets_its_own(
    sweep: HandMadeSweep, tmp_path: Path
) -> None:
    sweep.finish(sweep.keys[0])
    sync_sweep(sweep.home, sweep.name)
    moved = Home(sweep.home.root.rename(tmp_path / "moved"))
    shared = moved.tracking_uri
    sync_sweep(moved, sweep.name, shared)
    another = HandMadeSweep(Home(tmp_path / "another"))
    another.finish(another.keys[0])
    sync_sweep(another.home, another.name, shared)
    runs = HandMadeSweep(moved).runs()
    assert len([run for run in runs if run.data.tags.get("seedwise.cell")]) == 2
    assert len({run.data.tags["seedwise.home"] for run in runs}) == 2


def test_an_epoch_trained_anew_under_a_recorder_that_had_read_it_leaves_no_point_of_the_old_one(
    sweep: HandMadeSweep,
) -> None:
    key = sweep.keys[0]
    sweep.take_up(key)
    old = sweep.epoch(key, 1)
    record = sweep.opened()
    record.record_cell(key)
    (sweep.home.root / "cells" / key / "history" / "0001.json").unlink()
    new = sweep.cells.newest_try(key).add_epoch(old.model_copy(update={"measured_at": old.measured_at + 500}))
    record.record_cell(key)
    sweep.conclude(key, [new])
    record.record_cell(key)
    (point,) = sweep.client.get_metric_history(sweep.child(key).info.run_id, "train_loss")
    assert point.timestamp == int(new.measured_at * 1000)
