"""Reading what MLflow holds of a home."""

from pathlib import Path
from typing import Any

from mlflow import MlflowClient
from mlflow.entities import Run

from orchestrator.record.home_id import known_home_id
from orchestrator.results import ResultTable
from orchestrator.store import Home, LocalStore


def recorded_runs(home: Path, uri: str | None = None) -> tuple[MlflowClient, list[Run], list[Run]]:
    """A client, the parents, the children; in the home's own database, or, of this home alone, at a server."""
    client = MlflowClient(uri or Home(home).tracking_uri)
    runs = list(client.search_runs([e.experiment_id for e in client.search_experiments()]))
    if uri is not None:
        own = known_home_id(LocalStore(home))
        runs = [run for run in runs if run.data.tags.get("seedwise.home") == own]
    children = [run for run in runs if "mlflow.parentRunId" in run.data.tags]
    return client, [run for run in runs if run not in children], children


def assert_recorded_once(home: Path, sweep: str, epochs: int, uri: str | None = None) -> None:
    """One parent, one child a cell, each metric once an epoch, all finished."""
    client, parents, children = recorded_runs(home, uri)
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


def everything(home: Path, uri: str | None = None) -> dict[str, Any]:
    """All that MLflow holds of each run, each point of each metric among it, to compare before and after."""
    client, parents, children = recorded_runs(home, uri)
    held = {}
    for run in (*parents, *children):
        histories = [client.get_metric_history(run.info.run_id, name) for name in run.data.metrics]
        held[run.info.run_id] = {
            "info": (run.info.status, run.info.start_time, run.info.end_time, run.info.run_name),
            "params": run.data.params,
            "tags": run.data.tags,
            "points": sorted((p.key, p.value, p.step, p.timestamp) for points in histories for p in points),
        }
    return held


def statuses(home: Path, uri: str | None = None) -> dict[str, tuple[str, str]]:
    """Status and outcome by cell key; the sweep's own under `sweep`."""
    _, parents, children = recorded_runs(home, uri)
    return {
        run.data.tags.get("seedwise.cell", "sweep"): (run.info.status, run.data.tags.get("seedwise.outcome", ""))
        for run in (*parents, *children)
    }
