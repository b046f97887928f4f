"""What MLflow is to show of a cell, from records alone."""

import math
import time
from dataclasses import replace
from typing import Any

import pytest
from hand_made import LOSSES, T0, HandMadeSweep

from orchestrator.colours import arm_colours
from orchestrator.record import projection, sync_sweep
from orchestrator.record.projection import (
    CELL,
    LONGEST_PARAM,
    Place,
    Point,
    epoch_points,
    epochs_mark,
    flatten,
    history_points,
    params,
    project,
    run_status,
)
from orchestrator.record.reading import CellRecords, read_cell
from orchestrator.record.tracking import MlflowTracking
from orchestrator.store import Holder
from trainables.records import EpochRecord

PLACE = Place("small", "loss=cross_entropy", {"loss": "cross_entropy"}, seed=0)


def records(**changes: Any) -> CellRecords:
    session = {"at": T0, "epochs_done": 0, "environment": {}}
    settings = {"loss": {"name": "cross_entropy"}, "seed": 0}
    return replace(CellRecords("k", settings=settings, sessions=(session,)), **changes)


NOW = time.time()
"""When these tests were collected: what lives then is judged by then, however long other tests take."""


def living(since: float) -> Holder:
    return Holder.this_process(NOW).model_copy(update={"since": since})


def failure(at: float) -> dict[str, Any]:
    return {"at": at, "error": "ValueError: no"}


@pytest.mark.parametrize(
    ("cell", "status"),
    [
        (records(), "KILLED"),
        (records(holder=living(T0)), "RUNNING"),
        (records(holder=living(T0).model_copy(update={"released": True})), "KILLED"),
        (records(holder=living(T0).model_copy(update={"started": "another life"})), "KILLED"),
        (records(failures=(failure(T0 + 1),)), "FAILED"),
        (records(failures=(failure(T0 + 1),), holder=living(T0)), "FAILED"),
        (records(failures=(failure(T0 - 1),), holder=living(T0)), "RUNNING"),
        (records(failures=(failure(T0 - 1),)), "KILLED"),
        (records(sessions=(), failures=(failure(T0),)), "FAILED"),
    ],
    ids=[
        "begun and left",
        "held",
        "released",
        "its process is dead",
        "failed",
        "failed, and its worker idle",
        "failed before, tried again",
        "failed before, interrupted since",
        "failed before its first session",
    ],
)
def test_status_follows_from_lease_sessions_and_failures(cell: CellRecords, status: str) -> None:
    assert run_status(cell, now=NOW) == status


def test_who_has_stopped_does_not_run_whatever_the_lease_says() -> None:
    assert run_status(records(holder=living(T0)), now=time.time(), stopped=["k"]) == "KILLED"


def test_a_cell_with_a_result_is_finished_or_failed_whoever_holds_it(sweep: HandMadeSweep) -> None:
    finished, diverged = sweep.keys[:2]
    sweep.finish(finished)
    sweep.diverge(diverged)
    for key, status, error in ((finished, "FINISHED", ""), (diverged, "FAILED", "the loss became nan")):
        cell = replace(read_cell(sweep.home.store(), key), holder=living(T0))
        run = project(cell, PLACE, now=time.time())
        assert run.status == status
        assert run.tags["seedwise.error"] == error


def test_an_epoch_that_a_clock_dates_before_the_one_before_it_comes_after_it_all_the_same() -> None:
    measured = [T0 + 60, T0 - 3540, T0 - 3480, T0 + 90]
    history = [
        EpochRecord(epoch=n, step=n, metrics={"train_loss": 0.5}, timing={}, measured_at=at)
        for n, at in enumerate(measured, start=1)
    ]
    points = [point for points in history_points(history) for point in points]
    assert [(point.step, point.at_ms / 1000 - T0) for point in points] == [(1, 60), (2, 60), (3, 60), (4, 90)]


@pytest.mark.parametrize(
    ("decides", "first"), [("test_nll", "validation_nll"), ("validation_auroc", "validation_auroc"), ("", "a")]
)
def test_what_decides_is_logged_first_and_timing_last(decides: str, first: str) -> None:
    metrics = dict.fromkeys(("validation_nll", "train_loss", "a", "validation_auroc"), 0.5)
    record = EpochRecord(epoch=1, step=1, metrics=metrics, timing={"epoch_seconds": 2.0}, measured_at=T0)
    names = [point.name for point in epoch_points(record, 0, decides)]
    assert (names[0], names[-1]) == (first, "epoch_seconds")
    assert sorted(names) == sorted([*metrics, "epoch_seconds"])


def test_runs_whose_points_were_logged_in_another_order_are_not_made_anew() -> None:
    epoch = [Point("b", 1.0, 1, 0), Point("a", 2.0, 1, 0)]
    assert epochs_mark([epoch]) == epochs_mark([epoch[::-1]])
    assert epochs_mark([epoch]) != epochs_mark([[Point("b", 2.0, 1, 0), Point("a", 1.0, 1, 0)]])


def test_mlflow_gives_first_what_was_logged_first(sweep: HandMadeSweep) -> None:
    """Its comparison of runs begins with that metric."""
    sweep.plan(decide={"metric": "test_accuracy", "direction": "maximize"})
    sweep.finish(sweep.keys[0])
    sync_sweep(sweep.home, sweep.name)
    assert next(iter(sweep.child(sweep.keys[0]).data.metrics)) == "validation_accuracy"


def test_settings_are_params_by_dotted_path() -> None:
    nested = {"model": {"width": 64, "pooling": "mean"}, "split": {"test": None}, "list": [1, "a"], "empty": {}}
    assert flatten(nested) == {
        "model.width": "64",
        "model.pooling": "mean",
        "split.test": "null",
        "list": '[1, "a"]',
        "empty": "{}",
    }


def test_what_varies_is_a_short_param_to_group_by() -> None:
    settings = {"loss": {"name": "focal", "gamma": 2.0}, "model": {"width": 64}, "seed": 3}
    place = Place("s", "the arm", {"loss": {"name": "focal", "gamma": 2}, "model.width": 64}, seed=3)
    given = params(records(settings=settings), place)
    assert given == {
        "arm": "the arm",
        "loss": "focal(gamma=2)",
        "loss.name": "focal",
        "loss.gamma": "2.0",
        "model.width": "64",
        "seed": "3",
    }


def test_a_run_is_named_by_its_seed_and_then_by_what_varies() -> None:
    assert PLACE.run_name == "seed 0, cross_entropy"
    focal = {"loss": {"name": "focal", "gamma": 2}}
    assert Place("s", "the arm", focal, seed=3).run_name == "seed 3, focal(gamma=2)"
    assert Place("s", "a=1, b=2", {"a": 1, "b": 2}, seed=3).run_name == "seed 3, a=1, b=2"
    assert Place("s", "base", {}, seed=3).run_name == "seed 3, base"


def test_runs_have_the_colour_that_their_arm_has_in_the_figures(sweep: HandMadeSweep) -> None:
    for key in sweep.keys:
        sweep.finish(key)
    sync_sweep(sweep.home, sweep.name)
    colours = {
        run.data.tags["seedwise.arm"]: run.data.tags["mlflow.runColor"]
        for run in sweep.runs()
        if CELL in run.data.tags
    }
    assert colours == arm_colours(f"loss={loss}" for loss in LOSSES)


def test_a_run_recorded_under_another_name_is_renamed(
    sweep: HandMadeSweep, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = sweep.keys[0]
    sweep.finish(key)
    with monkeypatch.context() as earlier:
        earlier.setattr(projection, "VERSION", projection.VERSION - 1)
        earlier.setattr(Place, "run_name", "as it was once")
        sync_sweep(sweep.home, sweep.name)
    before = sweep.child(key)
    assert before.info.run_name == "as it was once"
    sync_sweep(sweep.home, sweep.name)
    after = sweep.child(key)
    assert (after.info.run_id, after.info.run_name) == (before.info.run_id, "seed 0, cross_entropy")


def test_a_loss_that_does_not_vary_is_a_param_all_the_same() -> None:
    assert params(records(), Place("s", "base", {}, 0))["loss"] == "cross_entropy"


def test_long_values_and_odd_names_are_such_as_mlflow_takes(sweep: HandMadeSweep) -> None:
    given = params(records(settings={"labels": {"good & bad": "x" * 9000}}), PLACE)
    assert len(given["labels.good _ bad"]) == LONGEST_PARAM
    tracking = MlflowTracking(sweep.home.tracking_uri, sweep.home.artifacts, sweep.home.root / "lock")
    run = tracking.make(tracking.experiment("e"), "r", {}, 0)
    tracking.log(run.run_id, params={**given, **{f"p{i}": "" for i in range(150)}})
    assert len(sweep.client.get_run(run.run_id).data.params) == len(given) + 150


def test_a_value_that_is_not_a_number_is_one_point_however_often_it_is_logged(sweep: HandMadeSweep) -> None:
    tracking = MlflowTracking(sweep.home.tracking_uri, sweep.home.artifacts, sweep.home.root / "lock")
    run = tracking.make(tracking.experiment("e"), "r", {}, 0)
    points = [Point("gradient_norm", value, epoch, epoch) for epoch, value in enumerate([math.nan, math.inf, 1.0])]
    for _ in range(2):
        tracking.log(run.run_id, points=points)
    held = sweep.client.get_metric_history(run.run_id, "gradient_norm")
    assert [point.step for point in held] == [0, 1, 2]
    assert math.isnan(held[0].value)


def test_more_points_than_fit_a_batch_are_all_logged(sweep: HandMadeSweep) -> None:
    tracking = MlflowTracking(sweep.home.tracking_uri, sweep.home.artifacts, sweep.home.root / "lock")
    run = tracking.make(tracking.experiment("e"), "r", {}, 0)
    tracking.log(
        run.run_id, points=[Point("loss", 1.0, epoch, epoch) for epoch in range(2001)], tags={"t": "there"}
    )
    assert len(sweep.client.get_metric_history(run.run_id, "loss")) == 2001
    assert sweep.client.get_run(run.run_id).data.tags["t"] == "there"


def test_final_metrics_have_names_of_their_own_and_the_time_of_the_result(sweep: HandMadeSweep) -> None:
    sweep.finish(sweep.keys[0])
    run = project(read_cell(sweep.home.store(), sweep.keys[0]), PLACE, now=time.time())
    assert {point.name for point in run.final} == {
        "final_train_loss",
        "final_validation_accuracy",
        "test_accuracy",
        "best_validation_accuracy",
        "best_epoch",
    }
    assert {(point.at_ms, point.step) for point in run.final} == {(int((T0 + 300) * 1000), 0)}
    assert not {point.name for point in run.final} & {point.name for epoch in run.epochs for point in epoch}


def test_a_cell_that_was_resumed_elsewhere_says_where_and_what_changed() -> None:
    def session(epochs_done: int, threads: int, steps: int = 0) -> dict[str, Any]:
        environment = {"device": "a processor", "threads": threads, "versions": {"torch": "2.13"}}
        return {"at": T0, "epochs_done": epochs_done, "steps": steps, "environment": environment}

    same, moved = (
        project(records(sessions=(session(0, 1), session(3, threads))), PLACE, now=NOW).tags for threads in (1, 2)
    )
    assert same["seedwise.resumed_elsewhere"] == ""
    assert moved["seedwise.resumed_elsewhere"] == "after epoch 3: threads 1 → 2"
    inside = project(records(sessions=(session(0, 1), session(0, 2, steps=7))), PLACE, now=NOW).tags
    assert inside["seedwise.resumed"] == "true"
    assert inside["seedwise.resumed_elsewhere"] == "in epoch 1: threads 1 → 2"
    anew = project(records(sessions=(session(0, 1), session(0, 2))), PLACE, now=NOW).tags
    assert (anew["seedwise.resumed"], anew["seedwise.resumed_elsewhere"]) == ("false", "")
    tried = (session(0, 2), session(3, 2), session(0, 1) | {"try": 2})  # the first of which diverged
    again = project(records(sessions=tried), PLACE, now=NOW).tags
    assert (again["seedwise.resumed"], again["seedwise.sessions"]) == ("false", "3")
    assert again["seedwise.environment"] == "a processor, threads 1, torch 2.13"
