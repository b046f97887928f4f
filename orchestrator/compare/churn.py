"""On how many items do two runs disagree? Between seeds of one arm, and across arms.

Where both are equal, the arms disagree no more than two seeds of one arm do. Shapes: S runs, N items.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Classes = NDArray[np.int64]


@dataclass(frozen=True)
class Churn:
    """The mean share of items on which a pair of runs disagrees."""

    estimate: float
    pairs: int
    items: int
    method: str


def within(predicted_SN: Classes) -> Churn | None:
    """Over all pairs of an arm's runs; None for one run."""
    runs, items = predicted_SN.shape
    if runs < 2:
        return None
    agreeing = sum(float((counts * (counts - 1)).sum()) for counts in _by_class(predicted_SN, predicted_SN.max()))
    return Churn(1 - agreeing / (runs * (runs - 1) * items), runs * (runs - 1) // 2, items, "pairs of seeds")


def across(a_SN: Classes, b_SN: Classes, same_seed: bool) -> Churn | None:
    """Over pairs of a run of each arm; with `same_seed` run s of each is of one seed, and those pairs are left out,
    for within an arm there are none such. None if no pair is left."""
    items = a_SN.shape[1]
    assert items == b_SN.shape[1], f"{items} and {b_SN.shape[1]} items are not the same"
    assert not same_seed or len(a_SN) == len(b_SN), "the same seeds are as many"
    last = max(a_SN.max(), b_SN.max())
    pairs = len(a_SN) * len(b_SN) - same_seed * len(a_SN)
    if pairs == 0:
        return None
    agreeing = sum(float((a * b).sum()) for a, b in zip(_by_class(a_SN, last), _by_class(b_SN, last), strict=True))
    if same_seed:
        agreeing -= float((a_SN == b_SN).sum())
    return Churn(1 - agreeing / (pairs * items), pairs, items, "pairs of different seeds across the arms")


def _by_class(predicted_SN: Classes, last: np.int64) -> list[NDArray[np.int64]]:
    """For each class, how many runs say it of each item."""
    return [(predicted_SN == c).sum(0) for c in range(int(last) + 1)]
