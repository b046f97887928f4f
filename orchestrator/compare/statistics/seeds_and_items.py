"""The mean difference for new seeds and new items: what BETTER rests on.

All runs are scored on the same items, so that their mean has two kinds of luck in it. The variances add; the part
that both count, the residual, is taken off once.

Shapes: S seeds (runs), N items. A score is of one item in one run: right or wrong, or its loss.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from orchestrator.compare.statistics.estimates import CONFIDENCE, ROUNDING, Estimate, t_estimate

Scores = NDArray[np.float64]


@dataclass(frozen=True)
class MeanSquares:
    """Two-way analysis of variance, without replication, of scores (S, N)."""

    seeds: int
    items: int
    seed: float
    """Of the runs' means."""
    item: float
    """Of the items' means."""
    residual: float

    @property
    def seed_variance(self) -> float:
        """σ²_seed, of a run's mean beyond what the items alone produce; negative by chance where that is little."""
        return (self.seed - self.residual) / self.items


@dataclass(frozen=True)
class OverItems:
    """The estimate, and the variances of the mean that its standard error was made of."""

    estimate: Estimate
    items: int
    item_variance: float
    seed_variance: float
    residual_variance: float

    @property
    def beyond_seeds(self) -> float:
        """The variance that no number of seeds takes away."""
        return max(0.0, self.item_variance - self.residual_variance)


def mean_squares(scores_SN: Scores) -> MeanSquares:
    """Of at least two runs on at least two items."""
    seeds, items = scores_SN.shape
    assert seeds > 1, "one run has no variance over runs"
    assert items > 1, "one item has no variance over items"
    by_seed, by_item = scores_SN.mean(1), scores_SN.mean(0)
    residual_SN = scores_SN - by_seed[:, None]
    residual_SN -= by_item - by_item.mean()
    scale = float(np.abs(scores_SN).max())
    return MeanSquares(
        seeds,
        items,
        seed=items * _variance(by_seed, scale),
        item=seeds * _variance(by_item, scale),
        residual=float(np.vdot(residual_SN, residual_SN)) / ((seeds - 1) * (items - 1)),
    )


def paired_over_items(a_SN: Scores, b_SN: Scores, confidence: float = CONFIDENCE) -> OverItems:
    """Mean of a − b; run s of the one is paired with run s of the other."""
    assert a_SN.shape == b_SN.shape, f"{a_SN.shape} and {b_SN.shape} are no pairs"
    differences_SN = a_SN - b_SN
    found = mean_squares(differences_SN)
    item = found.item / differences_SN.size
    return _over_items(float(differences_SN.mean()), item, [found], "seeds × items, paired", confidence)


def two_samples_over_items(a_SN: Scores, b_SN: Scores, confidence: float = CONFIDENCE) -> OverItems:
    """Mean of a less mean of b; the items are the same, the runs are not paired."""
    items = a_SN.shape[1]
    assert items == b_SN.shape[1], f"{items} and {b_SN.shape[1]} items are not the same"
    by_item = a_SN.mean(0) - b_SN.mean(0)
    scale = max(float(np.abs(a_SN).max()), float(np.abs(b_SN).max()))
    found = [mean_squares(a_SN), mean_squares(b_SN)]
    item = _variance(by_item, scale) / items
    return _over_items(float(by_item.mean()), item, found, "seeds × items, two samples", confidence)


def _over_items(
    difference: float, item: float, found: Sequence[MeanSquares], method: str, confidence: float
) -> OverItems:
    """V = item + seed − residual, at least the greater of item and seed; df by Satterthwaite's rule.

    Without a variance over seeds there is neither interval nor p, however the items differ: that every seed gives
    the same says nothing of what another would give.
    """
    items = found[0].items
    seed = [f.seed / (f.seeds * items) for f in found]
    residual = [f.residual / (f.seeds * items) for f in found]
    total = max(item + sum(seed) - sum(residual), item, sum(seed)) if sum(seed) > 0 else 0.0
    uncertain = item**2 / (items - 1)
    for f, v_seed, v_residual in zip(found, seed, residual, strict=True):
        uncertain += v_seed**2 / (f.seeds - 1) + v_residual**2 / ((f.seeds - 1) * (items - 1))
    df = total**2 / uncertain if total > 0 else 0.0
    n = [f.seeds for f in found]
    estimate = t_estimate(difference, math.sqrt(total), df, n, method, confidence)
    return OverItems(estimate, items, item, sum(seed), sum(residual))


def _variance(means: NDArray[np.float64], scale: float) -> float:
    """0 where the means differ by rounding only."""
    found = float(means.var(ddof=1))
    return 0.0 if math.sqrt(found) <= ROUNDING * scale else found
