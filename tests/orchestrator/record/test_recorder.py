"""While a sweep runs its cells are recorded, and at the end nothing is left RUNNING."""

import errno
import os
import pickle
import tempfile
import time
from pathlib import Path

import pytest
from hand_made import HandMadeSweep, files_of
from meanwhile import statuses, wait_until

from orchestrator.record import Recorder, settle, sync_sweep
from orchestrator.record.sync import SweepRecord, open_record
from orchestrator.store import DamagedError, Presence, living_drivers


def test_cells_are_recorded_while_they_train_and_closed_at_the_end(sweep: HandMadeSweep) -> None:
    done, failed, diverged, left = sweep.keys
    recorder = Recorder(sweep.home, sweep.name)
    lease = sweep.hold(done)
    sweep.take_up(done, at=time.time())
    history = [sweep.epoch(done, 1)]
    recorder.notify(done)
    recorder.start()
    wait_until(lambda: statuses(sweep) == {"the sweep": "RUNNING", done: "RUNNING"})

    history.append(sweep.epoch(done, 2))
    sweep.conclude(done, history)
    lease.release()
    sweep.take_up(failed)
    sweep.fail(failed)
    sweep.diverge(diverged)
    for key in (done, failed, diverged):
        recorder.notify(key)
    state = recorder.finish(250)
    assert (state.recorded, state.behind, state.error) == (3, 0, "")
    assert statuses(sweep) == {"the sweep": "FAILED", done: "FINISHED", failed: "FAILED", diverged: "FAILED"}
    assert left not in statuses(sweep)


def test_a_temporary_folder_without_room_is_named_in_what_is_said(
    sweep: HandMadeSweep, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_room(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    sweep.finish(sweep.keys[0])
    monkeypatch.setattr("orchestrator.record.cell_runs.write_cell_files", no_room)
    monkeypatch.setattr("orchestrator.record.refusals.has_no_temporary_space", lambda: True)
    state = sync_sweep(sweep.home, sweep.name)
    assert (state.recorded, state.behind) == (0, 1)
    assert f"what MLflow is to hold cannot be written in {tempfile.gettempdir()}: no space" in state.error


def test_an_interrupted_sweep_leaves_nothing_running(sweep: HandMadeSweep) -> None:
    key = sweep.keys[0]
    recorder = Recorder(sweep.home, sweep.name)
    lease = sweep.hold(key)
    sweep.take_up(key, at=time.time())
    sweep.epoch(key, 1)
    recorder.start()
    recorder.notify(key)
    wait_until(lambda: statuses(sweep).get(key) == "RUNNING")
    recorder.finish(250, stopped=[key])  # the worker is gone, but its lease on another host would not tell yet
    assert statuses(sweep) == {"the sweep": "KILLED", key: "KILLED"}
    lease.release()


def test_runs_of_a_driver_that_was_killed_are_closed_by_the_next_pass(sweep: HandMadeSweep) -> None:
    key = sweep.keys[0]
    driver, lease = Presence(sweep.home.store(), sweep.name).enter(), sweep.hold(key)
    sweep.take_up(key, at=time.time())
    record = open_record(sweep.home, sweep.name, sweep.home.tracking_uri)
    record.record_cell(key)
    record.record_progress()
    sync_sweep(sweep.home, sweep.name)
    assert statuses(sweep) == {"the sweep": "RUNNING", key: "RUNNING"}, "another driver's"
    lease.release()
    sync_sweep(sweep.home, sweep.name)
    assert statuses(sweep) == {"the sweep": "RUNNING", key: "KILLED"}, "it is between two workers"
    lease = sweep.hold(key)
    driver.leave()
    sync_sweep(sweep.home, sweep.name)
    assert statuses(sweep) == {"the sweep": "KILLED", key: "KILLED"}, "a worker outlives its driver by seconds"
    lease.release()
    sweep.finish(key)
    sync_sweep(sweep.home, sweep.name)
    assert statuses(sweep)[key] == "FINISHED"


def test_its_sweep_has_a_living_driver_until_it_finishes(sweep: HandMadeSweep) -> None:
    key = sweep.keys[0]
    recorder = Recorder(sweep.home, sweep.name)
    sweep.take_up(key, at=time.time())
    lease = sweep.hold(key)
    sweep.epoch(key, 1)
    recorder.notify(key)
    assert living_drivers(sweep.home.store(), sweep.name, time.time()) == []
    recorder.start()
    wait_until(lambda: key in statuses(sweep) and "cells_planned" in sweep.parent.data.metrics)
    assert statuses(sweep) == {"the sweep": "RUNNING", key: "RUNNING"}
    assert len(living_drivers(sweep.home.store(), sweep.name, time.time())) == 1
    lease.release()
    before = sweep.snapshot()
    assert settle(sweep.home) == ""
    assert sweep.snapshot() == before, "its cell is between two workers"
    recorder.finish(250)
    assert living_drivers(sweep.home.store(), sweep.name, time.time()) == []
    assert statuses(sweep) == {"the sweep": "KILLED", key: "KILLED"}


def test_one_cell_that_cannot_be_recorded_does_not_keep_the_others_from_it(sweep: HandMadeSweep) -> None:
    broken, whole = sweep.keys[:2]
    for key in (broken, whole):
        sweep.finish(key)
    (weights,) = (sweep.home.root / "cells" / broken / "files").glob("test-*.parquet")
    weights.write_bytes(b"not what was stored")
    recorder = Recorder(sweep.home, sweep.name, first_pause_s=0.05)
    recorder.start()
    for key in (broken, whole):
        recorder.notify(key)
    state = recorder.finish(250)
    assert (state.recorded, state.behind) == (2, 0)
    # What was damaged has been set aside, and with it the result: the cell is to be trained again.
    assert (statuses(sweep)[broken], statuses(sweep)[whole]) == ("KILLED", "FINISHED")


def test_nor_do_many_of_which_files_are_damaged_for_it_is_not_mlflow_that_refuses_them(
    sweep: HandMadeSweep, monkeypatch: pytest.MonkeyPatch
) -> None:
    *damaged, whole = sweep.keys
    recorded: list[str] = []

    def record_cell(_: SweepRecord, key: str, __: object) -> None:
        if key in damaged:
            raise DamagedError(f"{key} is damaged")
        recorded.append(key)

    for key in sweep.keys:
        sweep.take_up(key)
    monkeypatch.setattr(SweepRecord, "record_cell", record_cell)
    state = sweep.opened().record_all()
    assert (recorded, state.recorded, state.behind) == ([whole], 1, len(damaged))


def test_it_can_be_pickled_as_part_of_a_callback(sweep: HandMadeSweep) -> None:
    recorder = Recorder(sweep.home, sweep.name)
    recorder.start()
    pickle.dumps(recorder)
    recorder.finish(250)


@pytest.mark.parametrize("started", [True, False])
def test_a_sweep_without_a_begun_cell_is_a_run_without_children(sweep: HandMadeSweep, started: bool) -> None:
    recorder = Recorder(sweep.home, sweep.name)
    if started:
        recorder.start()
    state = recorder.finish(250)
    assert (state.recorded, state.behind, state.error) == (0, 0, "")
    assert statuses(sweep) == {"the sweep": "KILLED"}


def test_a_report_that_is_offered_is_shown_with_what_is_recorded_next(sweep: HandMadeSweep, tmp_path: Path) -> None:
    folder = tmp_path / "report"
    folder.mkdir()
    (folder / "report.html").write_text("<p>so far</p>")
    recorder = Recorder(sweep.home, sweep.name)
    sweep.take_up(sweep.keys[0], at=time.time())
    recorder.offer("**No verdict yet**", folder)
    recorder.start()
    recorder.notify(sweep.keys[0])
    wait_until(lambda: any("seedwise.report" in run.data.tags for run in sweep.runs()))
    assert sweep.parent.data.tags["mlflow.note.content"] == "**No verdict yet**"
    assert "report/report.html" in files_of(sweep.client, sweep.parent)
    recorder.finish(250)
