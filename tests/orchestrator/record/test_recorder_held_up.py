"""While a sweep runs and MLflow is away, hangs or is slow: nothing of it reaches the driver, nothing is lost."""

import threading
import time
from collections.abc import Collection
from types import SimpleNamespace
from typing import cast

import pytest
from hand_made import HandMadeSweep
from meanwhile import statuses, wait_until

from orchestrator.record import Recorder, sync_sweep
from orchestrator.record.sync import SweepRecord, open_record
from orchestrator.store import Home

NOBODY_LISTENS = "http://127.0.0.1:9"


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
