"""What was changed or lost in MLflow by others is put right: all of it can be made again from the store."""

import shutil
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from hand_made import EPOCHS, HandMadeSweep
from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore
from mlflow.utils.file_utils import local_file_uri_to_path

from orchestrator.record import sync_sweep
from orchestrator.record.tracking import MlflowTracking


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


@pytest.mark.parametrize("then", ["renamed", "renamed and deleted"])
def test_an_experiment_that_somebody_renamed_is_the_sweeps_still(sweep: HandMadeSweep, then: str) -> None:
    for key in sweep.keys:
        sweep.finish(key)
    sync_sweep(sweep.home, sweep.name)
    whole, experiment = sweep.content(), sweep.client.get_experiment_by_name(sweep.name).experiment_id
    sweep.client.rename_experiment(experiment, "for the paper")
    if then == "renamed and deleted":
        sweep.client.delete_experiment(experiment)
    assert sync_sweep(sweep.home, sweep.name).recorded == 4
    assert sweep.client.get_experiment_by_name(sweep.name) is None
    assert sweep.client.get_experiment(experiment).name == "for the paper"
    sweep.client.rename_experiment(experiment, sweep.name)
    assert sweep.content() == whole


def test_the_status_of_a_done_cell_that_was_changed_since_is_set_right(sweep: HandMadeSweep) -> None:
    """A driver that stood still on its way to say so, for one, has shown it as KILLED meanwhile."""
    sweep.finish(sweep.keys[0])
    sweep.diverge(sweep.keys[1])
    sync_sweep(sweep.home, sweep.name)
    whole = sweep.content()
    for key in sweep.keys[:2]:
        sweep.client.set_terminated(sweep.child(key).info.run_id, "KILLED", end_time=1)
    sync_sweep(sweep.home, sweep.name)
    assert sweep.content() == whole
    assert [sweep.child(key).info.status for key in sweep.keys[:2]] == ["FINISHED", "FAILED"]


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


def folder_of(run: Any) -> Path:
    """Where its files lie."""
    return Path(local_file_uri_to_path(run.info.artifact_uri))


def test_files_that_were_cleared_away_are_uploaded_again_and_only_once(
    sweep: HandMadeSweep, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for key in sweep.keys[:2]:
        sweep.finish(key)
    sweep.diverge(sweep.keys[2])
    report = tmp_path / "report"
    (report / "figures").mkdir(parents=True)
    (report / "figures" / "a.svg").write_text("<svg/>")
    sync_sweep(sweep.home, sweep.name, report=report)
    whole = sweep.snapshot()
    model, figures = (folder_of(sweep.child(sweep.keys[0])) / "model", folder_of(sweep.parent) / "report/figures")
    for lost in ([sweep.home.artifacts], [model, figures]):
        for folder in lost:
            shutil.rmtree(folder)
        sync_sweep(sweep.home, sweep.name, report=report)
        assert sweep.snapshot() == whole
    monkeypatch.setattr(MlflowTracking, "upload", lambda *_: pytest.fail("something is uploaded again"))
    assert sync_sweep(sweep.home, sweep.name, report=report).error == ""


def test_points_that_mlflow_refuses_are_told_and_logged_again_also_where_it_is_asked_to_log_in_the_background(
    sweep: HandMadeSweep, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = sweep.keys[0]
    sweep.finish(key)
    log_batch = SqlAlchemyStore.log_batch

    def refusing(store: SqlAlchemyStore, run_id: str, **batch: Any) -> None:
        if any(metric.key == "train_loss" for metric in batch["metrics"]):
            raise ConnectionError("the server says 500")
        log_batch(store, run_id, **batch)

    monkeypatch.setenv("MLFLOW_ENABLE_ASYNC_LOGGING", "true")
    with monkeypatch.context() as patched:
        patched.setattr(SqlAlchemyStore, "log_batch", refusing)
        assert "the server says 500" in sync_sweep(sweep.home, sweep.name).error
    assert sync_sweep(sweep.home, sweep.name).error == ""
    points = sweep.client.get_metric_history(sweep.child(key).info.run_id, "train_loss")
    assert [point.step for point in points] == list(range(1, EPOCHS + 1))


def test_a_run_that_says_it_is_complete_and_has_no_points_gets_them(sweep: HandMadeSweep) -> None:
    """As one that was logged to in the background, before that was ruled out."""
    key = sweep.keys[0]
    sweep.finish(key)
    sync_sweep(sweep.home, sweep.name)
    whole = sweep.content()
    sweep.client.delete_tag(sweep.child(key).info.run_id, "seedwise.epochs")
    with sqlite3.connect(sweep.home.database) as database:
        for table in ("metrics", "latest_metrics"):
            database.execute(f"delete from {table} where run_uuid = ?", (sweep.child(key).info.run_id,))
    sync_sweep(sweep.home, sweep.name)
    assert sweep.content() == whole
