"""What MLflow must hold of a hand-made sweep, whatever has happened on the way there."""

import time
import warnings

from hand_made import HandMadeSweep, files_of

from orchestrator.record import Recorder, sync_sweep
from orchestrator.record.projection import project
from orchestrator.record.reading import read_cell
from orchestrator.record.sweep_run import places
from orchestrator.store import SweepStore


def train(sweep: HandMadeSweep, recorder: Recorder, keys: list[str] | None = None, pause_s: float = 0.0) -> float:
    """Write the cells' records as workers do, and tell the recorder of each. Gives the seconds that it took."""
    started = time.monotonic()
    for key in keys or sweep.keys:
        sweep.take_up(key)
        history = []
        for epoch in (1, 2):
            history.append(sweep.epoch(key, epoch))
            recorder.notify(key)
            time.sleep(pause_s)
        sweep.conclude(key, history)
        recorder.notify(key)
    return time.monotonic() - started


def assert_exactly_once(sweep: HandMadeSweep) -> None:
    """One finished parent, one finished child a cell with all its params, each metric once an epoch."""
    client, home = sweep.client, sweep.home
    plan = SweepStore(home.store()).plan(sweep.name)
    assert plan is not None
    assert len(sweep.runs()) == 1 + len(sweep.keys)
    assert sweep.parent.info.status == "FINISHED"
    assert sweep.parent.data.metrics["cells_finished"] == len(sweep.keys)
    for key in sweep.keys:
        run, wanted = sweep.child(key), project(read_cell(home.store(), key), places(plan)[key], now=time.time())
        assert run.data.tags["mlflow.parentRunId"] == sweep.parent.info.run_id
        assert run.info.status == "FINISHED"
        assert run.info.end_time == wanted.ended_ms
        assert run.data.params == wanted.params
        points = [point for epoch in wanted.epochs for point in epoch] + [*wanted.final]
        held = [
            (point.key, point.value, point.step, point.timestamp)
            for name in run.data.metrics
            for point in client.get_metric_history(run.info.run_id, name)
        ]
        assert sorted(held) == sorted((p.name, p.value, p.step, p.at_ms) for p in points)
        assert "predictions/test.parquet" in files_of(client, run)


def assert_sync_changes_nothing(sweep: HandMadeSweep) -> None:
    once = sweep.snapshot()
    state = sync_sweep(sweep.home, sweep.name, sweep.uri)
    assert (state.recorded, state.behind, state.error) == (len(sweep.keys), 0, "")
    assert sweep.snapshot() == once


def sync_until_done(sweep: HandMadeSweep, uri: str, at_most: int = 40) -> int:
    """Sync again and again, as a patient user does; how often it took."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for times in range(1, at_most + 1):
            if not (state := sync_sweep(sweep.home, sweep.name, uri)).error:
                return times
    raise AssertionError(f"still {state.behind} cells behind after {at_most} times: {state.error}")
