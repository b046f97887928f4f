"""Several record one sweep: none makes a run twice, and each knows what the others have done."""

import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hand_made import EPOCHS, HandMadeSweep
from processes import PATIENCE_S
from racing import RACERS, race

from orchestrator.record import sync_sweep
from orchestrator.record.lock import RecordHeldError, RecordLock
from orchestrator.record.tracking import MlflowTracking
from orchestrator.store import Holder, Home, SweepPaths
from orchestrator.store.base import seal


def test_two_recorders_at_once_make_one_run_of_each_cell(sweep: HandMadeSweep) -> None:
    for key in sweep.keys:
        sweep.finish(key)
    came_through = []

    def record_all(wait: Callable[[], object]) -> None:
        record = sweep.opened()
        wait()
        for key in sweep.keys:
            record.record_cell(key)
        came_through.append(threading.current_thread())

    race(record_all)
    assert len(came_through) == RACERS
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
    said = [racer.communicate(timeout=PATIENCE_S) for racer in racers]
    assert said == [("RecordState(recorded=1, behind=0, error='', notice='')\n", "")] * 2
    assert len(sweep.runs()) == 1 + 1


def test_two_recorders_that_take_turns_know_what_the_other_has_recorded(sweep: HandMadeSweep) -> None:
    first, second, key = sweep.opened(), sweep.opened(), sweep.keys[0]
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


@pytest.mark.parametrize("has_recorded", [True, False], ids=["it has recorded", "it has only planned"])
def test_a_driver_that_ends_leaves_the_plan_of_a_later_one_as_it_stands(
    has_recorded: bool, sweep: HandMadeSweep
) -> None:
    sweep.plan(seeds=(0,), losses=("cross_entropy",))
    sweep.finish(sweep.keys[0])
    earlier = sweep.opened()
    earlier.record_all()
    sweep.plan(seeds=(0, 1), losses=("cross_entropy",))
    sweep.finish(sweep.keys[1])
    if has_recorded:
        sync_sweep(sweep.home, sweep.name)
    assert earlier.record_all().recorded == 2
    shown = sweep.snapshot()
    assert sweep.parent.data.tags["seedwise.seeds"] == "0, 1"
    assert {sweep.child(key).data.tags["seedwise.in_plan"] for key in sweep.keys} == {"true"}
    sync_sweep(sweep.home, sweep.name)
    assert sweep.snapshot() == shown


def test_a_cell_that_a_later_plan_no_longer_has_is_not_shown_for_the_driver_that_still_trains_it(
    sweep: HandMadeSweep,
) -> None:
    dropped, recorded = sweep.keys[1], sweep.keys[0]
    earlier = sweep.opened()
    sweep.plan(losses=("cross_entropy",))
    sweep.finish(recorded)
    sync_sweep(sweep.home, sweep.name)
    sweep.finish(dropped)
    earlier.record_cell(dropped)
    earlier.record_progress()
    assert sweep.parent.data.tags["seedwise.arms"] == "loss=cross_entropy"
    assert {run.data.tags.get("seedwise.cell") for run in sweep.runs()} == {None, recorded}


def test_a_run_closed_by_somebody_else_runs_again_when_its_cell_goes_on(sweep: HandMadeSweep) -> None:
    key = sweep.keys[0]
    lease = sweep.hold(key)
    sweep.take_up(key)
    sweep.epoch(key, 1)
    mine, other = sweep.opened(), sweep.opened()
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
    record = sweep.opened()

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


def test_who_stood_still_on_the_way_to_close_a_run_leaves_it_to_those_who_took_over(
    sweep: HandMadeSweep, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An interrupted cell is about to be shown as KILLED; by the time that the recorder is back, it is finished."""
    key, log = sweep.keys[0], MlflowTracking.log
    sweep.take_up(key)
    record, other = sweep.opened(), sweep.opened()

    def log_late(self: MlflowTracking, run_id: str, **what: object) -> None:
        log(self, run_id, **what)  # type: ignore[arg-type]
        monkeypatch.undo()
        assert record._lock._lease is not None
        elsewhere = Holder.this_process(time.time()).model_copy(update={"host": "elsewhere", "released": True})
        sweep.home.store().create(f"{SweepPaths(sweep.name).record}/000099.json", seal(elsewhere.model_dump()))
        record._lock._lease.renew()  # as its own thread does
        sweep.finish(key)
        monkeypatch.setattr(other._lock, "_threads", threading.Lock())  # of another process
        other.record_cell(key)

    monkeypatch.setattr(MlflowTracking, "log", log_late)
    with pytest.raises(RecordHeldError, match="lost while it was in use"):
        record.record_cell(key, stopped=[key])
    assert sweep.child(key).info.status == "FINISHED"


def test_whoever_has_much_to_record_gives_others_their_turn_on_the_way(
    sweep: HandMadeSweep, monkeypatch: pytest.MonkeyPatch
) -> None:
    for key in sweep.keys:
        sweep.take_up(key)
    taken: list[bool] = []
    enter = RecordLock.__enter__
    monkeypatch.setattr(RecordLock, "__enter__", lambda lock: (taken.append(lock._depth == 0), enter(lock))[1])
    monkeypatch.setattr("orchestrator.record.sync.LONGEST_TURN_S", 0.0)
    assert sweep.opened().record_all().recorded == 4
    assert sum(taken) >= 4
    monkeypatch.undo()
    taken.clear()
    monkeypatch.setattr(RecordLock, "__enter__", lambda lock: (taken.append(lock._depth == 0), enter(lock))[1])
    assert sweep.opened().record_all().recorded == 4
    assert sum(taken) == 3, "to ask, for all cells, for the sweep"
