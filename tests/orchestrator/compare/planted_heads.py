"""Sweeps of the 2 × 2 of the head whose effects were planted."""

from typing import Any

import numpy as np
from made_up_runs import of_values

from orchestrator.compare import Reasons, compare
from orchestrator.results import ResultTable

FAST = {"learning_rate_scale": 2.0, "weight_decay_scale": 0.5, "init": "own"}
LOSSES: dict[str, dict[str, Any]] = {
    "bce": {"name": "binary_cross_entropy"},
    "fast": {"name": "binary_cross_entropy", "head": FAST},
    "started": {
        "name": "binary_cross_entropy",
        "head": {**FAST, "learning_rate_scale": 1.0, "weight_decay_scale": 1},
    },
    "both": {"name": "binary_cross_entropy", "head": {**FAST, "init": "two_rows"}},
    "ce": {"name": "cross_entropy"},
    "twin": {"name": "cross_entropy", "pinned": True},
}
LOSSES["started"]["head"]["init"] = "two_rows"
N = 10


def planted(
    rate: float, start: float, interaction: float = 0.0, left: float = 0.0, twins: float = 0.0, n: int = N
) -> dict[str, list[float]]:
    """Final values with exactly these mean effects, of seeds that differ much and runs of one seed that differ by
    chance."""
    rng = np.random.default_rng(1)
    seeds = rng.normal(0.8, 0.05, n)
    corner = {
        "bce": 0.0,
        "fast": rate - interaction / 2,
        "started": start - interaction / 2,
        "both": rate + start,
        "ce": rate + start + left,
        "twin": twins,
    }
    by_chance = rng.normal(0, 0.002, (len(corner), n))
    by_chance -= by_chance.mean(1, keepdims=True)
    return {arm: (seeds + corner[arm] + luck).tolist() for arm, luck in zip(corner, by_chance, strict=True)}


def with_losses(table: ResultTable, **more: Any) -> ResultTable:
    for arm, settings in table.settings.items():
        settings["loss"] = LOSSES[arm]
        settings |= more
    return table


def reasons_of(ends: dict[str, Any], **given: Any) -> Reasons:
    (found,) = compare(with_losses(of_values(ends, **given))).reasons
    return found
