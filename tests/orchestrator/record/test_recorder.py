"""While a sweep runs: nothing that befalls MLflow reaches the driver, and at the end nothing is left RUNNING."""

import errno
import os
import pickle
import tempfile
import threading
import time
from collections.abc import Callable, Collection
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest
from hand_made import HandMadeSweep, files_of

from orchestrator.record import Recorder, settle, sync_sweep
from orchestrator.record.sync import SweepRecord, open_record
from orchestrator.store import DamagedError, Home, Presence, living_drivers

NOBODY_LISTENS = "http://127.0.0.1:9"


def wait_until(true: Callable[[], bool], for_s: float = 250.0) -> None:
    deadline = time.monotonic() + for_s
    while not true():
        assert time.monotonic() < deadline, "it did not come true in time"
        time.sleep(0.05)


def statuses(sweep: HandMadeSweep) -> dict[str, str]:
    return {run.data.tags.get("seedwise.cell", "the sweep"): run.info.status for run in sweep.runs()}


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


def test_with_mlflow_out_of_reach_nothing_raises_and_a_later_sync_catches_up(sweep: HandMadeSweep) -> None:
    recorder = Recorder(sweep.home, sweep.name, NOBODY_LISTENS, first_pause_s=0.05)
    recorder.start()
    for key in sweep.keys[:2]:
        sweep.finish(key)
        recorder.notify(key)
    state = recorder.finish(250)
    assert (state.recorded, state.behind) == (0, 2)
    assert "127.0.0.1" in state.error
    assert sync_sweep(sweep.home, sweep.name).recorded == 2


def test_an_outage_in_the_middle_is_caught_up(sweep: HandMadeSweep) -> None:
    away = threading.Event()
    first, second, *_ = sweep.keys

    class Sometimes(SweepRecord):
        def record_cell(self, key: str, stopped: object = ()) -> None:
            if away.is_set():
                raise ConnectionError("MLflow went away")
            super().record_cell(key)

    def connect(home: Home, name: str, uri: str) -> SweepRecord:
        record = open_record(home, name, uri)
        record.__class__ = Sometimes
        return record

    recorder = Recorder(sweep.home, sweep.name, connect=connect, first_pause_s=0.05)
    recorder.start()
    sweep.finish(first)
    recorder.notify(first)
    wait_until(lambda: statuses(sweep).get(first) == "FINISHED")
    away.set()
    sweep.finish(second)
    recorder.notify(second)
    time.sleep(0.5)
    assert second not in statuses(sweep)
    away.clear()
    wait_until(lambda: statuses(sweep).get(second) == "FINISHED")
    assert recorder.finish(250).recorded == 2


def test_mlflow_that_hangs_keeps_nobody_waiting(sweep: HandMadeSweep) -> None:
    released = threading.Event()

    def hang(home: Home, name: str, uri: str) -> SweepRecord:
        released.wait()
        raise ConnectionError

    recorder = Recorder(sweep.home, sweep.name, connect=hang, first_pause_s=0.05)
    recorder.start()
    sweep.finish(sweep.keys[0])
    started = time.monotonic()
    for _ in range(1000):
        recorder.notify(sweep.keys[0])
    state = recorder.finish(0.2)
    assert time.monotonic() - started < 2
    assert (state.recorded, state.behind) == (0, 1)
    assert "did not keep up" in state.error
    released.set()


@pytest.mark.parametrize(("deadline_s", "before_s", "last_s"), [(30.0, 29.0, 1.0), (0.4, 0.0, 0.4)])
def test_the_last_second_of_a_deadline_is_kept_to_bring_a_run_to_its_end(
    deadline_s: float, before_s: float, last_s: float, sweep: HandMadeSweep
) -> None:
    recorder, waits = Recorder(sweep.home, sweep.name), list[tuple[float, bool]]()
    thread = SimpleNamespace(join=lambda seconds: waits.append((seconds, recorder._overdue.is_set())))
    recorder._thread = cast(threading.Thread, thread)
    assert "did not keep up" in recorder.finish(deadline_s).error
    assert waits == [(before_s, False), (last_s, True)], "how long it waits, and whether it has said to end"


@pytest.mark.parametrize("last", [False, True])
def test_a_deadline_leaves_no_run_half_written_and_none_running(
    last: bool, sweep: HandMadeSweep, monkeypatch: pytest.MonkeyPatch
) -> None:
    for key in sweep.keys:
        sweep.finish(key)
    recorder, record_cell = Recorder(sweep.home, sweep.name), SweepRecord.record_cell

    def slow(record: SweepRecord, key: str, stopped: Collection[str] = ()) -> None:
        record_cell(record, key, stopped)
        if not last or key == sweep.keys[-1]:
            recorder._overdue.set()  # as it is when the time is over

    monkeypatch.setattr(SweepRecord, "record_cell", slow)
    state = recorder.finish(250, note="later")
    recorded = 4 if last else 1
    assert (state.recorded, state.behind) == (recorded, 4 - recorded)
    assert state.error == "MLflow did not keep up within 250 s"
    assert statuses(sweep) == {
        "the sweep": "FINISHED" if last else "KILLED",
        **dict.fromkeys(sweep.keys[:recorded], "FINISHED"),
    }


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


def test_interrupted_cells_are_closed_first_for_the_time_may_be_short(
    sweep: HandMadeSweep, monkeypatch: pytest.MonkeyPatch
) -> None:
    key, released = sweep.keys[0], threading.Event()
    monkeypatch.setattr(SweepRecord, "record_all", lambda *_, **__: released.wait())
    recorder = Recorder(sweep.home, sweep.name)
    lease = sweep.hold(key)
    sweep.take_up(key, at=time.time())
    sweep.epoch(key, 1)
    recorder.notify(key)
    recorder.start()
    wait_until(lambda: statuses(sweep).get(key) == "RUNNING")
    state = recorder.finish(3.0, stopped=[key])
    wait_until(lambda: statuses(sweep) == {"the sweep": "KILLED", key: "KILLED"})
    assert sweep.child(key).data.tags["seedwise.outcome"] == "interrupted"
    assert "did not keep up" in state.error
    released.set()
    lease.release()


def test_a_run_that_a_given_up_request_has_made_late_is_dropped_at_the_end(sweep: HandMadeSweep) -> None:
    fails = iter([True])

    def connect(home: Home, name: str, uri: str) -> SweepRecord:
        if next(fails, False):
            raise ConnectionError("no answer")
        return open_record(home, name, uri)

    key = sweep.keys[0]
    recorder = Recorder(sweep.home, sweep.name, connect=connect, first_pause_s=0.05)
    recorder.start()
    sweep.finish(key)
    recorder.notify(key)
    wait_until(lambda: statuses(sweep).get(key) == "FINISHED")
    made = sweep.child(key)
    late = {**made.data.tags, "seedwise.made_at": str(float(made.data.tags["seedwise.made_at"]) + 1)}
    sweep.client.create_run(made.info.experiment_id, start_time=0, tags=late)
    assert recorder.finish(250).error == ""
    assert sweep.child(key).info.run_id == made.info.run_id


def test_what_was_recorded_before_is_not_counted_as_behind_when_mlflow_hangs(
    sweep: HandMadeSweep, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, now, *_ = sweep.keys
    sweep.finish(before)
    sync_sweep(sweep.home, sweep.name)
    released, opened = threading.Event(), threading.Event()
    monkeypatch.setattr(SweepRecord, "record_progress", lambda *_: (opened.set(), released.wait()))
    recorder = Recorder(sweep.home, sweep.name)
    recorder.start()
    assert opened.wait(60)
    sweep.finish(now)
    recorder.notify(now)
    state = recorder.finish(0.2)
    assert (state.recorded, state.behind) == (1, 1)
    released.set()


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
