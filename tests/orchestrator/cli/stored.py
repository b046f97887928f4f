"""Sweeps that lie in a home as if they had been run: written by hand."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from orchestrator.compare.looks.asked import planned_by
from orchestrator.store import CellStore, Home, SweepStore
from orchestrator.store.seen_cells import SeenCells
from trainables.classifier import CellOutcome, PartLogits
from trainables.records import CellResult, EpochRecord

ITEMS = 300
SPLIT = {"varies_by_seed": False, "seed": 0}


def store_sweep(
    home: Path,
    name: str,
    arms: Mapping[str, Sequence[float]],
    metric: str = "test_accuracy",
    fingerprint: str = "f1",
    split: Mapping[str, Any] = SPLIT,
    planned: int | None = None,
    losses: Mapping[str, Any] | None = None,
    margin: float | None = None,
    first_seed: int = 0,
) -> None:
    """Arm → accuracy of each seed's run; which items a run gets right is its own luck."""
    store = Home.at(home).store()
    cells, seen = CellStore(store), SeenCells(store).begun
    planned_cells = []
    for arm, accuracies in arms.items():
        for seed, accuracy in enumerate(accuracies, first_seed):
            key = f"{name}-{arm}-{seed}".replace("=", "-")
            planned_cells.append({"key": key, "arm": arm, "seed": seed})
            settings = {
                "seed": seed,
                "data": {"fingerprint": fingerprint},
                "split": dict(split),
                "model": {"name": "bag"},
                "training": {"epochs": 1, "batch_size": 8},
            }
            cells.begin(key, {**settings, "loss": arm if losses is None else losses[arm]})
            finish(cells, key, accuracy, np.random.default_rng([len(planned_cells), seed]))
    seeds = max(map(len, arms.values()))
    plan = {
        "sweep": name,
        "description": "",
        "arms": [
            {"name": arm, "settings": {"loss": arm.split("=")[1]}, "class_names": ["no", "yes"]} for arm in arms
        ],
        "baseline": next(iter(arms)),
        "decide": {"metric": metric, "direction": "maximize", "margin": margin, "pairs": "baseline"},
        "seeds": list(range(first_seed, first_seed + seeds)),
        "cells": planned_cells,
        "sources": ["reviews"],
        "data": [],
    }
    sweeps = SweepStore(store)
    noted = planned_by(plan if planned is None else with_seeds(plan, planned))
    if noted.question not in [other.question for other in sweeps.notes().plans]:
        sweeps.note_plan(replace(noted, seen=noted.cells & seen))
    sweeps.save(name, plan, "")


def with_seeds(plan: dict[str, Any], seeds: int) -> dict[str, Any]:
    """As if so many had been planned."""
    cells = [cell for cell in plan["cells"] if cell["seed"] < seeds]
    return {**plan, "seeds": list(range(seeds)), "cells": cells}


def finish(cells: CellStore, key: str, accuracy: float, rng: np.random.Generator) -> None:
    labels = np.arange(ITEMS) % 2
    right = rng.permutation(ITEMS) < round(accuracy * ITEMS)
    chance = rng.uniform(0.7, 0.99, ITEMS)
    of_label = np.where(right, chance, 1 - chance)
    of_one = np.where(labels == 1, of_label, 1 - of_label)
    logs = np.log(np.stack([1 - of_one, of_one], axis=1))
    part = PartLogits(np.arange(ITEMS), labels, logs.astype(np.float32), logs)
    final = {f"{name}_accuracy": float(right.mean()) for name in ("validation", "test")}
    metrics = {"train_accuracy": 1.0, **final}
    record = EpochRecord(epoch=1, step=10, metrics=metrics, timing={}, measured_at=1.0)
    cells.newest_try(key).add_epoch(record)
    result = CellResult(status="finished", epochs=1, final=final, measured_at=2.0)
    cells.newest_try(key).finish(CellOutcome(result, {"validation": part, "test": part}, {"w": torch.zeros(1)}))


APART = {"loss=a": [0.70, 0.71, 0.72, 0.70, 0.71], "loss=b": [0.95, 0.96, 0.95, 0.97, 0.96]}
