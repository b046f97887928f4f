"""How the runs of a plan will spread, as far as that is known before they are trained.

From earlier cells of the same data, split and model, if there are any: how far runs of one arm lie apart, how far
the differences of two arms within a seed do, and what the luck of which items there are adds to those. Else there
is only what the evaluated items alone would produce if the arms were calibrated: runs that agree on their errors
lie nearer to one another, and runs of unequal merit farther apart.
"""

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from orchestrator.compare.metric import Metric
from orchestrator.compare.runs import RunScores, score
from orchestrator.compare.statistics.item_noise import floor_if_calibrated
from orchestrator.compare.statistics.power import Design, upper_sd
from orchestrator.compare.statistics.seeds_and_items import paired_over_items
from orchestrator.plan.identity import key_material
from orchestrator.plan.plan import Plan, PlannedCell
from orchestrator.store import CellStore, DamagedError, SweepStore
from trainables.data.splits import PartRows, split_corpus

ASSUMED_ERROR = 0.15
"""The error rate that the items' luck is reckoned with where no cell has been trained."""
SAME = ("split", "tokens", "model", "data")
"""Settings that an earlier cell must share to foretell the spread of a later one."""
SEEDS_READ = 10
"""Of an earlier pair of arms, the most whose predictions are read, for what the items add."""


@dataclass(frozen=True)
class Foretold:
    """In the deciding metric's own scale."""

    sd: float
    """Of a run."""
    known_from: str
    difference_sd: float
    """Of the difference of two runs of one seed."""
    pairs: int
    """Earlier pairs of runs that this is known from; where 0, the two are taken as unrelated."""
    item_variance: float | None
    """Of the difference of two arms, by which items there are; None where it is not known."""
    overlap: float = 0.0
    """Rows evaluated by rows trained on, where each seed draws those that it is judged on; else 0."""
    for_new_items: bool = True
    """Whether the verdicts will be, known or not what these add: of a mean over items."""

    @property
    def design(self) -> Design:
        """How two arms of the plan will be compared: in pairs by seed."""
        if self.overlap or not self.for_new_items:
            return Design(self.difference_sd, paired=True, overlap=self.overlap)
        return Design(self.difference_sd, paired=True, item_variance=self.item_variance or 0.0)


@dataclass(frozen=True, eq=False)
class _EarlierPair:
    """Two arms of one sweep: their runs of the seeds that both have finished."""

    differences_S: NDArray[np.float64]
    keys: tuple[tuple[str, str], ...]


def foretold(plan: Plan, metric: Metric, cells: CellStore, sweeps: SweepStore) -> Foretold | None:
    """None where nothing is known, not even what the items would produce."""
    arms, pairs = _earlier(plan, metric, cells, sweeps)
    overlap = _overlap(plan, metric)
    known = _of_runs(arms) or _of_items(plan, metric)
    if known is None:
        return None
    sd, known_from = known
    with_spread = [pair for pair in pairs if len(pair.differences_S) > 1 and pair.differences_S.std() > 0]
    if not with_spread:
        return Foretold(sd, known_from, math.sqrt(2) * sd, 0, None, overlap, metric.of_items)
    df = sum(len(pair.differences_S) - 1 for pair in with_spread)
    squares = sum(float(((pair.differences_S - pair.differences_S.mean()) ** 2).sum()) for pair in with_spread)
    # Pairs of arms that share one are not independent: no more is known than from the largest of them.
    most = max(len(pair.differences_S) - 1 for pair in with_spread)
    difference_sd = upper_sd(math.sqrt(squares / df), most)
    of_items = metric.of_items and not overlap
    found = [_by_items(pair, metric, cells) for pair in with_spread] if of_items else []
    known_items = [variance for variance in found if variance is not None]
    runs = sum(len(pair.differences_S) for pair in with_spread)
    items = max(known_items) if known_items else None
    return Foretold(sd, known_from, difference_sd, runs, items, overlap, metric.of_items)


def _of_runs(arms: Sequence[NDArray[np.float64]]) -> tuple[float, str] | None:
    df = sum(len(values) - 1 for values in arms)
    squares = sum(float(((values - values.mean()) ** 2).sum()) for values in arms)
    if df == 0 or squares == 0:
        return None
    runs = sum(len(values) for values in arms)
    known_from = f"the upper 80% bound from {runs} earlier runs of the same data and model"
    return upper_sd(math.sqrt(squares / df), df), known_from


def _of_items(plan: Plan, metric: Metric) -> tuple[float, str] | None:
    first = plan.cells[0]
    if metric.base != "accuracy" or metric.part == "train":
        return None
    if len(plan.corpora[first.corpus].class_names) != 2:
        return None
    items = len(_parts(plan, first, first.seed)[metric.part])
    known_from = (
        f"about what {items:,} items alone produce at an error of {ASSUMED_ERROR:.0%} if the arms are calibrated, "
        "for no earlier cell of the same data and model is there; the true one may be half of it, or several times"
    )
    return floor_if_calibrated(ASSUMED_ERROR, items), known_from


def _overlap(plan: Plan, metric: Metric) -> float:
    varying = next((cell for cell in plan.cells if cell.config.split.varies_by_seed), None)
    if varying is None:
        return 0.0
    part = "test" if metric.part == "test" else "validation"
    parts, others = (_parts(plan, varying, seed) for seed in (varying.seed, varying.seed + 1))
    same = np.array_equal(parts[part].rows, others[part].rows)
    return 0.0 if same else len(parts[part]) / len(parts["train"])


def _parts(plan: Plan, cell: PlannedCell, seed: int) -> dict[str, PartRows]:
    """As a cell of these settings has them with that seed."""
    corpus = plan.corpora[cell.corpus]
    return split_corpus(corpus.splits, corpus.class_names, cell.config.split, seed).parts


def _earlier(
    plan: Plan, metric: Metric, cells: CellStore, sweeps: SweepStore
) -> tuple[list[NDArray[np.float64]], list[_EarlierPair]]:
    """Final values of each arm of at least two finished cells, and pairs of arms; each cell once in either."""
    wanted = {_alike(key_material(cell.config, cell.fingerprint)) for cell in plan.cells}
    arms, pairs = [], []
    seen: set[str] = set()
    seen_pairs: set[tuple[str, str]] = set()
    for name in sweeps.names():
        by_arm = _arms_of(sweeps.plan(name))
        finals: dict[str, dict[int, tuple[str, float]]] = {}
        for arm, keys in by_arm.items():
            settings = next((s for key in keys.values() if (s := cells.settings(key)) is not None), None)
            if settings is None or _alike(settings) not in wanted:
                continue
            results = {key: stored.result.final for key, stored in cells.results(list(keys.values())).items()}
            finals[arm] = {
                seed: (key, results[key][metric.name])
                for seed, key in keys.items()
                if metric.name in results.get(key, {})
            }
            values = [value for key, value in finals[arm].values() if key not in seen]
            seen.update(keys.values())
            if len(values) > 1:
                arms.append(np.array(values))
        for pair in _pairs(finals):
            if not seen_pairs & set(pair.keys):
                seen_pairs.update(pair.keys)
                pairs.append(pair)
    return arms, pairs


def _arms_of(plan: Mapping[str, Any] | None) -> dict[str, dict[int, str]]:
    """Arm → seed → key."""
    by_arm: dict[str, dict[int, str]] = {}
    for cell in (plan or {"cells": []})["cells"]:
        by_arm.setdefault(cell["arm"], {})[cell["seed"]] = cell["key"]
    return by_arm


def _pairs(finals: Mapping[str, Mapping[int, tuple[str, float]]]) -> Iterator[_EarlierPair]:
    """Of the first arm with each other one."""
    (first, *others) = finals.values() or [{}]
    for other in others:
        seeds = sorted(first.keys() & other.keys())
        if len(seeds) > 1:
            differences_S = np.array([other[seed][1] - first[seed][1] for seed in seeds])
            yield _EarlierPair(differences_S, tuple((first[seed][0], other[seed][0]) for seed in seeds))


def _by_items(pair: _EarlierPair, metric: Metric, cells: CellStore) -> float | None:
    """None where predictions are not there, or not of the same items."""
    part = "test" if metric.part == "test" else "validation"
    read = [(_scores(a, part, cells), _scores(b, part, cells)) for a, b in pair.keys[:SEEDS_READ]]
    both = [(a, b) for a, b in read if a is not None and b is not None]
    if len(both) < 2 or len({run.items for runs in both for run in runs}) > 1:
        return None
    a_SN, b_SN = (np.stack([runs[place].of_items[metric.base] for runs in both]) for place in (0, 1))
    return paired_over_items(b_SN, a_SN).beyond_seeds


def _scores(key: str, part: str, cells: CellStore) -> RunScores | None:
    stored = cells.result(key)
    if stored is None or part not in stored.files:
        return None
    try:
        return score(cells.predictions(key, part))
    except DamagedError:
        return None


def _alike(material: Mapping[str, Any]) -> str:
    """The settings that must be shared, as text."""
    return json.dumps({group: material.get(group) for group in SAME}, sort_keys=True)
