"""Is an arm's spread more than its items alone produce?

Two runs of equal merit still differ on N items, as two coins do in N throws. Correctness is 0 or 1, of S runs on N
items.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from orchestrator.compare.statistics.seeds_and_items import mean_squares


@dataclass(frozen=True)
class ItemNoise:
    """The spread of one arm's accuracy, and what of it the items explain."""

    sd: float
    """Of the runs' accuracy."""
    floor: float
    """The standard deviation that luck on the items alone would produce, each item's by itself: √(the residual mean
    square of runs × items, over N)."""
    seed_variance: float
    """σ²_seed: what is left of the variance; negative by chance where there is nothing."""
    q: float | None
    p: float | None
    """Cochran's Q, of this arm alone; None where all runs agree on every item."""
    n: int
    items: int
    method: str = "variance components; Cochran's Q"


@dataclass(frozen=True)
class CochransQ:
    """Whether the runs are right equally often."""

    q: float | None
    df: int
    p: float | None
    n: int


def floor_if_calibrated(error: float, items: int) -> float:
    """√(error / 2N): about what `ItemNoise.floor` will be, where no run has been trained to tell.

    Two classes, and an arm whose runs together are calibrated, reach it: then an item that a share q of runs gets
    wrong is wrong with probability q, the mean of q (1 − q) over items is half the error, and a run's mean has 1/N
    of that. Runs that are surer than right agree on more of their errors, and have a lower floor.
    """
    return math.sqrt(error / (2 * items))


def cochrans_q(correct_SN: NDArray[np.bool_]) -> CochransQ:
    """Cochran, *The comparison of percentages in matched samples*, Biometrika 1950."""
    runs = len(correct_SN)
    assert runs > 1, "one run is equal to itself"
    by_run = correct_SN.sum(1).astype(np.float64)
    by_item = correct_SN.sum(0).astype(np.float64)
    total = by_run.sum()
    disagreement = runs * total - float((by_item**2).sum())
    if disagreement == 0:
        return CochransQ(None, runs - 1, None, runs)
    q = (runs - 1) * (runs * float((by_run**2).sum()) - total**2) / disagreement
    return CochransQ(q, runs - 1, float(stats.chi2.sf(q, runs - 1)), runs)


def item_noise(correct_SN: NDArray[np.bool_]) -> ItemNoise:
    """Of at least two runs."""
    found, q = mean_squares(correct_SN.astype(np.float64)), cochrans_q(correct_SN)
    runs, items = correct_SN.shape
    return ItemNoise(
        sd=math.sqrt(found.seed / items),
        floor=math.sqrt(found.residual / items),
        seed_variance=found.seed_variance,
        q=q.q,
        p=q.p,
        n=runs,
        items=items,
    )
