"""Another program keeps the embedded database to itself, for seconds or for ever: only the recorder has to wait."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest
from exactly_once import assert_exactly_once, assert_sync_changes_nothing, train
from hand_made import HandMadeSweep

from orchestrator.record import Recorder, sync_sweep

QUICK_S = 20.0
"""For writing a few dozen small files, on however busy a machine. MLflow's own patience with a lock is minutes."""

LOCKED = pytest.mark.fault("MLflow's database locked by another program")


@contextmanager
def locked(sweep: HandMadeSweep) -> Iterator[None]:
    with closing(sqlite3.connect(sweep.home.root / "mlflow.db", isolation_level=None, timeout=250)) as other:
        other.execute("begin exclusive")
        yield


@pytest.fixture
def recorder(sweep: HandMadeSweep) -> Recorder:
    sweep.plan(seeds=(0,))
    return Recorder(sweep.home, sweep.name, first_pause_s=0.05)


def wait_for_error(recorder: Recorder) -> str:
    deadline = time.monotonic() + 250
    while not recorder._error:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return recorder._error


@LOCKED
def test_locked_at_the_start_and_free_again_after_seconds(sweep: HandMadeSweep, recorder: Recorder) -> None:
    with locked(sweep):
        recorder.start()
        assert train(sweep, recorder) < QUICK_S
        assert "is locked by another program" in wait_for_error(recorder)
    assert recorder.finish(250).error == ""
    assert_exactly_once(sweep)
    assert_sync_changes_nothing(sweep)


@LOCKED
def test_locked_in_the_middle_and_free_again_after_seconds(sweep: HandMadeSweep, recorder: Recorder) -> None:
    recorder.start()
    train(sweep, recorder, sweep.keys[:1])
    while not sweep.runs():
        time.sleep(0.05)
    with locked(sweep):
        assert train(sweep, recorder, sweep.keys[1:]) < QUICK_S
        time.sleep(2.0)
    assert recorder.finish(250).error == ""
    assert_exactly_once(sweep)
    assert_sync_changes_nothing(sweep)


@LOCKED
def test_locked_for_ever_is_told_in_time_and_a_later_sync_records_all(
    sweep: HandMadeSweep, recorder: Recorder
) -> None:
    with locked(sweep):
        recorder.start()
        assert train(sweep, recorder) < QUICK_S
        wait_for_error(recorder)
        started = time.monotonic()
        state = recorder.finish(2.0)
        assert time.monotonic() - started < QUICK_S
    assert (state.recorded, state.behind) == (0, 2)
    assert "is locked by another program" in state.error
    assert recorder._thread is not None
    recorder._thread.join(120)  # as at the end of its process
    assert sync_sweep(sweep.home, sweep.name).error == ""
    assert_exactly_once(sweep)
    assert_sync_changes_nothing(sweep)


def test_a_sync_of_a_locked_database_says_so(sweep: HandMadeSweep) -> None:
    with locked(sweep), pytest.raises(Exception, match="is locked by another program"):
        sync_sweep(sweep.home, sweep.name)
