"""Reading what MLflow holds of a home."""

from pathlib import Path

from mlflow import MlflowClient
from mlflow.entities import Run

from orchestrator.results import ResultTable
from orchestrator.store import Home


def recorded_runs(home: Path) -> tuple[MlflowClient, list[Run], list[Run]]:
    """A client, the parents, the children."""
    client = MlflowClient(Home(home).tracking_uri)
    runs = list(client.search_runs([e.experiment_id for e in client.search_experiments()]))
    children = [run for run in runs if "mlflow.parentRunId" in run.data.tags]
    return client, [run for run in runs if run not in children], children


def assert_recorded_once(home: Path, sweep: str, epochs: int) -> None:
    """One parent, one child a cell, each metric once an epoch, all finished."""
    client, parents, children = recorded_runs(home)
    assert len(parents) == 1
    keys = ResultTable.open(sweep, home).frame["key"]
    assert sorted(run.data.tags["seedwise.cell"] for run in children) == sorted(keys)
    assert {run.info.status for run in (*parents, *children)} == {"FINISHED"}
    for run in children:
        for metric in ("train_loss", "validation_accuracy", "epoch_seconds"):
            points = client.get_metric_history(run.info.run_id, metric)
            # Sorted: one that was trained again after a damage was measured later than those after it.
            assert sorted(point.step for point in points) == list(range(1, epochs + 1))
        assert len(client.get_metric_history(run.info.run_id, "test_accuracy")) == 1
