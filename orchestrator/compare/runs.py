"""What each arm's runs say, read once from a result table: final values, how they ended, scores of every item.

Shapes: S runs, N items, C classes.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from orchestrator.compare.metric import EXPLORATORY, Metric
from orchestrator.compare.stalled import Lead, lead, stalled_seeds
from orchestrator.results import ResultTable
from trainables.errors import UserError


class IdenticalSeedsError(UserError):
    """Two seeds of an arm predict the same to the last bit: the seed did nothing."""


@dataclass(frozen=True, eq=False)
class RunScores:
    """One run on one part."""

    items: str
    """Which rows with which labels, as a digest."""
    digest: str
    """Of the log probabilities."""
    num_classes: int
    predicted_N: NDArray[np.int64]
    confidences_N: NDArray[np.float64]
    of_items: dict[str, NDArray[np.float64]]
    """By metric, a score of each item: `accuracy` (0 or 1), `nll`, `brier`."""


@dataclass(frozen=True, eq=False)
class ArmRuns:
    """An arm's cells, by how they ended; `values` and `scores` are of the finished ones, by seed."""

    arm: str
    planned: frozenset[int]
    values: dict[int, float]
    """The deciding metric's final value."""
    non_finite: frozenset[int]
    """Diverged by a loss that was no number."""
    scores: dict[int, RunScores] = field(default_factory=dict)
    others: dict[str, dict[int, float]] = field(default_factory=dict)
    """Final values of the other metrics of the part, by name."""
    stalled: frozenset[int] = frozenset()
    """Finished, and not shown to be better than a model that heeds no input."""

    @property
    def missing(self) -> int:
        """Planned, and neither finished nor diverged."""
        return len(self.planned) - len(self.values) - len(self.non_finite)

    @property
    def ended(self) -> int:
        return len(self.values) + len(self.non_finite)

    @property
    def diverged(self) -> int:
        return len(self.non_finite) + len(self.stalled)

    def items_of(self, seed: int) -> str | None:
        scores = self.scores.get(seed)
        return None if scores is None else scores.items

    @property
    def share_items(self) -> bool:
        """Whether all finished runs were judged on the same items."""
        return bool(self.values) and len({self.items_of(seed) for seed in self.values} | {None}) == 2

    def matrix(self, metric: str, seeds: Iterable[int]) -> NDArray[np.float64]:
        """Scores (S, N) of these runs, which share their items."""
        return np.stack([self.scores[seed].of_items[metric] for seed in seeds])

    def predicted(self, seeds: Iterable[int]) -> NDArray[np.int64]:
        return np.stack([self.scores[seed].predicted_N for seed in seeds])


def read_runs(table: ResultTable, metric: Metric) -> dict[str, ArmRuns]:
    """Of each arm, in the table's order. Raises IdenticalSeedsError."""
    part = "test" if metric.part == "test" else "validation"
    scores: dict[str, dict[int, RunScores]] = {arm: {} for arm in table.arms}
    leads: dict[str, dict[int, Lead]] = {arm: {} for arm in table.arms}
    for arm, seed, frame in table.cell_predictions(part):
        scores[arm][seed] = score(frame)
        leads[arm][seed] = lead(frame, metric.base, scores[arm][seed].items)
    runs = {}
    for arm in table.arms:
        cells = table.frame[table.frame["arm"] == arm]
        finished = cells[cells["status"] == "finished"].set_index("seed")
        values = _by_seed(finished, metric.name)
        others = {name: _by_seed(finished, name) for name in (f"{part}_{base}" for base in EXPLORATORY)}
        _refuse_identical(arm, scores[arm])
        runs[arm] = ArmRuns(
            arm=arm,
            planned=frozenset(int(seed) for seed in cells["seed"]),
            values=values,
            non_finite=frozenset(int(seed) for seed in cells.loc[cells["status"] == "diverged", "seed"]),
            scores={seed: scores[arm][seed] for seed in sorted(scores[arm]) if seed in values},
            others={name: by_seed for name, by_seed in others.items() if by_seed and name != metric.name},
            stalled=stalled_seeds({seed: found for seed, found in leads[arm].items() if seed in values}),
        )
    return runs


def score(frame: pd.DataFrame) -> RunScores:
    """From stored predictions: `row`, `label`, `log_probability_0` …"""
    columns = [name for name in frame.columns if name.startswith("log_probability_")]
    log_probabilities_NC = np.ascontiguousarray(frame[columns].to_numpy(np.float64))
    labels_N = frame["label"].to_numpy(np.int64)
    predicted_N = log_probabilities_NC.argmax(1)
    probabilities_NC = np.exp(log_probabilities_NC)
    each = np.arange(len(labels_N))
    rows = np.ascontiguousarray(frame["row"].to_numpy(np.int64))
    return RunScores(
        items=hashlib.sha256(rows.tobytes() + labels_N.tobytes()).hexdigest(),
        digest=hashlib.sha256(log_probabilities_NC.tobytes()).hexdigest(),
        num_classes=log_probabilities_NC.shape[1],
        predicted_N=predicted_N,
        confidences_N=probabilities_NC.max(1),
        of_items={
            "accuracy": (predicted_N == labels_N).astype(np.float64),
            "nll": -log_probabilities_NC[each, labels_N],
            # Σ (p − y)² with y 1 for the label and 0 elsewhere
            "brier": (probabilities_NC**2).sum(1) - 2 * probabilities_NC[each, labels_N] + 1,
        },
    )


def _by_seed(finished: pd.DataFrame, name: str) -> dict[int, float]:
    if name not in finished:
        return {}
    return {int(str(seed)): float(value) for seed, value in finished[name].dropna().sort_index().items()}


def _refuse_identical(arm: str, scores: dict[int, RunScores]) -> None:
    first: dict[str, int] = {}
    for seed, run in sorted(scores.items()):
        if run.digest in first:
            raise IdenticalSeedsError(
                f"{arm}: seeds {first[run.digest]} and {seed} predict the same to the last bit, so the seed did "
                "nothing, and the runs say nothing of luck; look at what the seed is to change (start, order, "
                "dropout)"
            )
        first[run.digest] = seed
