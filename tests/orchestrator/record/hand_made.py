"""A sweep whose records are written by hand, and what MLflow says of it, point by point."""

from dataclasses import dataclass, field
from typing import Any

import mlflow
import numpy as np
import torch

from orchestrator.record.sync import SweepRecord, open_record
from orchestrator.record.tracking import MADE_AT
from orchestrator.store import CellStore, Home, Lease, StoredResult, SweepStore
from orchestrator.store.cell_paths import CellPaths
from trainables.classifier import CellOutcome, PartLogits
from trainables.records import CellResult, EpochRecord

EPOCHS = 2
T0 = 1_700_000_000.0
ENVIRONMENT = {"device": "a processor", "threads": 1, "versions": {"python": "3.11", "torch": "2.13"}}
LOSSES = ("cross_entropy", "binary_cross_entropy")


@dataclass
class HandMadeSweep:
    """`home`, and a sweep in it. A cell's key is its loss and its seed."""

    home: Home
    name: str = "small"
    keys: list[str] = field(default_factory=list)
    uri: str = ""
    """Where MLflow is looked at; the home's own database unless given."""

    def __post_init__(self) -> None:
        self.uri = self.uri or self.home.tracking_uri
        self.cells = CellStore(self.home.store())
        self.plan()

    def plan(self, seeds: tuple[int, ...] = (0, 1), losses: tuple[str, ...] = LOSSES, **changes: Any) -> None:
        names = {loss: f"loss={loss}" for loss in losses}
        cells = [{"key": f"{loss}-{seed}", "arm": names[loss], "seed": seed} for seed in seeds for loss in losses]
        self.keys = [cell["key"] for cell in cells]
        plan = {
            "sweep": self.name,
            "description": "Two losses.",
            "arms": [
                {"name": names[loss], "settings": {"loss": loss}, "class_names": [f"not {loss}", loss]}
                for loss in losses
            ],
            "baseline": names[losses[0]],
            "decide": {
                "metric": "validation_accuracy",
                "direction": "maximize",
                "margin": None,
                "pairs": "baseline",
            },
            "seeds": list(seeds),
            "cells": cells,
            "data": ["800 rows."],
            "planned_at": T0,
        }
        SweepStore(self.home.store()).save(self.name, plan | changes, "seeds: 2\n")

    def take_up(self, key: str, at: float = T0, epochs_done: int = 0) -> None:
        loss, seed = key.split("-")
        model = {"name": "bag", "width": 8}
        settings = {"loss": {"name": loss}, "model": model, "seed": int(seed), "data": {"fingerprint": "f" * 64}}
        self.cells.begin(key, settings)
        self.cells.add_session(key, {"environment": ENVIRONMENT, "epochs_done": epochs_done, "at": at})

    def epoch(self, key: str, epoch: int) -> EpochRecord:
        record = EpochRecord(
            epoch=epoch,
            step=10 * epoch,
            metrics={"train_loss": 1 / epoch, "validation_accuracy": 0.5 + epoch / 10, "learning_rate": 0.001},
            timing={"epoch_seconds": 2.0},
            measured_at=T0 + 60 * epoch + 0.123456,
        )
        return self.cells.newest_try(key).add_epoch(record)

    def finish(self, key: str) -> StoredResult:
        """Take it up, train it, and store its result."""
        self.take_up(key)
        return self.conclude(key, [self.epoch(key, epoch) for epoch in range(1, EPOCHS + 1)])

    def conclude(self, key: str, history: list[EpochRecord]) -> StoredResult:
        final = {**history[-1].metrics, "test_accuracy": 0.75}
        logits = PartLogits(
            rows=np.arange(2),
            labels=np.array([0, 1]),
            logits=np.zeros((2, 2), np.float32),
            log_probabilities=np.full((2, 2), np.log(0.5)),
        )
        result = CellResult(
            status="finished",
            epochs=len(history),
            final=final,
            best={"best_validation_accuracy": 0.7, "best_epoch": 2.0},
            model_facts={"parameters": 1234.0},
            measured_at=T0 + 300,
        )
        outcome = CellOutcome(result, {"validation": logits, "test": logits}, {"head": torch.ones(2)})
        return self.cells.newest_try(key).finish(outcome)

    def diverge(self, key: str, epochs: int = 1) -> None:
        self.take_up(key)
        for epoch in range(1, epochs + 1):
            self.epoch(key, epoch)
        result = CellResult(status="diverged", epochs=epochs, divergence="the loss became nan", measured_at=T0 + 90)
        self.cells.newest_try(key).conclude_diverged(result)

    def fail(self, key: str, at: float = T0 + 30) -> None:
        self.cells.add_failure(key, {"error": "ValueError: no", "traceback": "…", "epoch": 1, "at": at})

    def hold(self, key: str) -> Lease:
        return Lease(self.home.store(), CellPaths(key).lease).acquire()

    def opened(self) -> SweepRecord:
        """As a recorder opens it."""
        return open_record(self.home, self.name, self.home.tracking_uri)

    # What MLflow says

    @property
    def client(self) -> Any:
        return mlflow.MlflowClient(tracking_uri=self.uri)

    def runs(self) -> list[Any]:
        """All runs that are not deleted."""
        experiment = self.client.get_experiment_by_name(self.name)
        return list(self.client.search_runs([experiment.experiment_id])) if experiment else []

    @property
    def parent(self) -> Any:
        (run,) = [run for run in self.runs() if "seedwise.cell" not in run.data.tags]
        return run

    def child(self, key: str) -> Any:
        (run,) = [run for run in self.runs() if run.data.tags.get("seedwise.cell") == key]
        return run

    def snapshot(self) -> dict[str, Any]:
        """Everything that MLflow holds, by run id: each point of each metric, each file."""
        client = self.client
        held = {}
        for run in self.runs():
            histories = [client.get_metric_history(run.info.run_id, name) for name in run.data.metrics]
            held[run.info.run_id] = {
                "info": (run.info.status, run.info.start_time, run.info.end_time, run.info.run_name),
                "params": run.data.params,
                "tags": {key: value for key, value in run.data.tags.items() if key != MADE_AT},
                "points": sorted((p.key, p.value, p.step, p.timestamp) for points in histories for p in points),
                "datasets": [each.dataset.digest for each in run.inputs.dataset_inputs],
                "files": files_of(client, run),
            }
        return held

    def content(self) -> list[Any]:
        """The snapshot without what differs from one database to another."""

        def portable(run: dict[str, Any]) -> dict[str, Any]:
            own = ("seedwise.home", "mlflow.parentRunId")
            return run | {"tags": {key: value for key, value in run["tags"].items() if key not in own}}

        return sorted((portable(run) for run in self.snapshot().values()), key=lambda run: str(run["info"]))


def files_of(client: Any, run: Any, folder: str = "") -> list[str]:
    found = []
    for item in client.list_artifacts(run.info.run_id, folder or None):
        found += files_of(client, run, item.path) if item.is_dir else [item.path]
    return sorted(found)
