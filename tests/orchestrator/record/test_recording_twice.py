"""What MLflow holds is a function of the store: it does not matter how often, by whom, or in how many steps."""

import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from hand_made import EPOCHS, HandMadeSweep

from orchestrator.record import sync_sweep
from orchestrator.record.lock import RecordHeldError, RecordLock
from orchestrator.record.sync import SweepRecord, open_record
from orchestrator.record.tracking import MlflowTracking
from orchestrator.store import Holder, Home, SweepPaths
from orchestrator.store.base import seal
from orchestrator.store.superseded import supersede


def opened(sweep: HandMadeSweep) -> SweepRecord:
    return open_record(sweep.home, sweep.name, sweep.home.tracking_uri)


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
    record = opened(sweep)
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
            opened(sweep).record_cell(sweep.keys[0])
    made = sweep.child(sweep.keys[0]).info.run_id
    sync_sweep(sweep.home, sweep.name)
    caught_up = sweep.content()
    assert sweep.child(sweep.keys[0]).info.run_id == made
    for run in sweep.runs():
        sweep.client.delete_run(run.info.run_id)
    sync_sweep(sweep.home, sweep.name)
    assert sweep.content() == caught_up


def test_two_recorders_at_once_make_one_run_of_each_cell(sweep: HandMadeSweep) -> None:
    for key in sweep.keys:
        sweep.finish(key)
    together = threading.Barrier(4)
    came_through = []

    def race() -> None:
        record = opened(sweep)
        together.wait()
        for key in sweep.keys:
            record.record_cell(key)
        came_through.append(threading.current_thread())

    racers = [threading.Thread(target=race) for _ in range(4)]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join()
    assert len(came_through) == 4
    assert len(sweep.runs()) == 1 + len(sweep.keys)
    before = sweep.snapshot()
    sync_sweep(sweep.home, sweep.name)
    children = {run_id for run_id, run in before.items() if "seedwise.cell" in run["tags"]}
    assert {run_id: run for run_id, run in sweep.snapshot().items() if run_id in children} == {
        run_id: before[run_id] for run_id in children
    }


def test_two_processes_set_up_one_database_with_one_run_of_each_cell(tmp_path: Path) -> None:
    sweep = HandMadeSweep(Home(tmp_path / "home"))
    sweep.finish(sweep.keys[0])
    code = "import sys; from pathlib import Path; from orchestrator.record import sync_sweep\n"
    code += "from orchestrator.store import Home; print(sync_sweep(Home(Path(sys.argv[1])), 'small'))"
    racers = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(sweep.home.root)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    said = [racer.communicate(timeout=120) for racer in racers]
    assert said == [("RecordState(recorded=1, behind=0, error='')\n", "")] * 2
    assert len(sweep.runs()) == 1 + 1


def test_of_two_runs_of_one_cell_the_earliest_stays(sweep: HandMadeSweep) -> None:
    sweep.finish(sweep.keys[0])
    sync_sweep(sweep.home, sweep.name)
    kept = sweep.child(sweep.keys[0])
    tags = {**kept.data.tags, "seedwise.made_at": str(float(kept.data.tags["seedwise.made_at"]) + 1)}
    twin = sweep.client.create_run(kept.info.experiment_id, start_time=0, tags=tags)
    sync_sweep(sweep.home, sweep.name)
    assert sweep.child(sweep.keys[0]).info.run_id == kept.info.run_id
    assert sweep.client.get_run(twin.info.run_id).info.lifecycle_stage == "deleted"


def test_a_run_that_a_command_with_an_earlier_plan_retired_while_another_completed_it_is_taken_back(
    sweep: HandMadeSweep,
) -> None:
    key = sweep.keys[0]
    sweep.finish(key)
    sync_sweep(sweep.home, sweep.name)
    run_id = sweep.child(key).info.run_id
    sweep.client.set_tag(run_id, "seedwise.in_plan", "false")
    sync_sweep(sweep.home, sweep.name)
    assert sweep.child(key).data.tags["seedwise.in_plan"] == "true"
    assert sweep.child(key).info.run_id == run_id


def test_a_run_deleted_by_hand_is_made_again(sweep: HandMadeSweep) -> None:
    for key in sweep.keys:
        sweep.finish(key)
    sync_sweep(sweep.home, sweep.name)
    whole = sweep.content()
    sweep.client.delete_run(sweep.parent.info.run_id)
    sweep.client.delete_run(sweep.child(sweep.keys[0]).info.run_id)
    sync_sweep(sweep.home, sweep.name)
    assert sweep.content() == whole
    assert {run.data.tags.get("mlflow.parentRunId") for run in sweep.runs()} == {None, sweep.parent.info.run_id}


def test_a_lost_database_is_rebuilt_from_the_store(sweep: HandMadeSweep, empty_database: Path) -> None:
    for key in sweep.keys:
        sweep.finish(key)
    sync_sweep(sweep.home, sweep.name)
    whole = sweep.content()
    with sqlite3.connect(sweep.home.root / "mlflow.db") as lost, sqlite3.connect(empty_database) as empty:
        empty.backup(lost)
    assert sweep.runs() == []
    sync_sweep(sweep.home, sweep.name)
    assert sweep.content() == whole


def test_a_history_that_was_damaged_and_trained_again_leaves_no_point_of_the_old_one(sweep: HandMadeSweep) -> None:
    key = sweep.keys[0]
    sweep.take_up(key)
    old = sweep.epoch(key, 1)
    sync_sweep(sweep.home, sweep.name)
    folder = sweep.home.root / "cells" / key / "history"
    (folder / "0001.json").unlink()
    sweep.cells.add_epoch(key, old.model_copy(update={"measured_at": old.measured_at + 500}))
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
    record = opened(sweep)
    record.record_cell(key)
    (sweep.home.root / "cells" / key / "history" / "0001.json").unlink()
    new = sweep.cells.add_epoch(key, old.model_copy(update={"measured_at": old.measured_at + 500}))
    record.record_cell(key)
    sweep.conclude(key, [new])
    record.record_cell(key)
    (point,) = sweep.client.get_metric_history(sweep.child(key).info.run_id, "train_loss")
    assert point.timestamp == int(new.measured_at * 1000)


def test_two_recorders_that_take_turns_know_what_the_other_has_recorded(sweep: HandMadeSweep) -> None:
    first, second, key = opened(sweep), opened(sweep), sweep.keys[0]
    sweep.take_up(key)
    history = []
    for epoch in range(1, EPOCHS + 1):
        history.append(sweep.epoch(key, epoch))
        (first if epoch % 2 else second).record_cell(key)
    sweep.conclude(key, history)
    first.record_all()
    assert len(sweep.runs()) == 1 + 1
    assert second.record_all().recorded == 1
    once = sweep.snapshot()
    sync_sweep(sweep.home, sweep.name)
    assert sweep.snapshot() == once


def test_a_run_closed_by_somebody_else_runs_again_when_its_cell_goes_on(sweep: HandMadeSweep) -> None:
    key = sweep.keys[0]
    lease = sweep.hold(key)
    sweep.take_up(key)
    sweep.epoch(key, 1)
    mine, other = opened(sweep), opened(sweep)
    mine.record_cell(key)
    other.record_cell(key, stopped=[key])
    assert sweep.child(key).info.status == "KILLED"
    sweep.epoch(key, 2)
    mine.record_cell(key)
    assert sweep.child(key).info.status == "RUNNING"
    lease.release()


def test_of_a_run_that_is_made_after_the_right_to_it_was_lost_the_earlier_one_stays(
    sweep: HandMadeSweep, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A recorder stands still between finding and making; another host takes over meanwhile, and makes the run."""
    key, make = sweep.keys[0], MlflowTracking.make
    sweep.finish(key)
    record = opened(sweep)

    def make_late(self: MlflowTracking, experiment: str, name: str, tags: dict[str, str], began_ms: int) -> object:
        make(self, experiment, name, tags, began_ms)  # the other's
        elsewhere = Holder.this_process(time.time()).model_copy(update={"host": "elsewhere", "released": True})
        sweep.home.store().create(f"{SweepPaths(sweep.name).record}/000099.json", seal(elsewhere.model_dump()))
        assert record._lock._lease is not None
        record._lock._lease.renew()  # as its own thread does
        return make(self, experiment, name, tags, began_ms)

    with monkeypatch.context() as patched:
        patched.setattr(MlflowTracking, "make", make_late)
        with pytest.raises(RecordHeldError, match="lost while it was in use"):
            record.record_cell(key)
    first, second = sorted(
        (run for run in sweep.runs() if "seedwise.cell" in run.data.tags),
        key=lambda run: float(run.data.tags["seedwise.made_at"]),
    )
    sync_sweep(sweep.home, sweep.name)
    assert sweep.child(key).info.run_id == first.info.run_id
    assert sweep.child(key).info.status == "FINISHED"
    assert sweep.client.get_run(second.info.run_id).info.lifecycle_stage == "deleted"


def test_whoever_has_much_to_record_gives_others_their_turn_on_the_way(
    sweep: HandMadeSweep, monkeypatch: pytest.MonkeyPatch
) -> None:
    for key in sweep.keys:
        sweep.take_up(key)
    taken: list[bool] = []
    enter = RecordLock.__enter__
    monkeypatch.setattr(RecordLock, "__enter__", lambda lock: (taken.append(lock._depth == 0), enter(lock))[1])
    monkeypatch.setattr("orchestrator.record.sync.LONGEST_TURN_S", 0.0)
    assert opened(sweep).record_all().recorded == 4
    assert sum(taken) >= 4
    monkeypatch.undo()
    taken.clear()
    monkeypatch.setattr(RecordLock, "__enter__", lambda lock: (taken.append(lock._depth == 0), enter(lock))[1])
    assert opened(sweep).record_all().recorded == 4
    assert sum(taken) == 3, "to ask, for all cells, for the sweep"
