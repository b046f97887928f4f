"""On how many items do two runs disagree? Between seeds of one arm, and across arms.

Where both are equal, the arms disagree no more than two seeds of one arm do. By how much more they do is estimated
with an interval over seeds. For two classes it is the mean square, over the items, of how far apart the arms lie in
their chance of predicting one of them. Shapes: S runs, N items, R runs of both arms.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from orchestrator.compare.statistics.estimates import Estimate, t_estimate, variance

Classes = NDArray[np.int64]
Shares = NDArray[np.float64]
FEWEST_TO_LEAVE_ONE_OUT = 3
"""Runs an arm: without one of them there must be a pair."""


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


def beyond_seeds(a_SN: Classes, b_SN: Classes, same_seed: bool) -> Estimate | None:
    """On what share of the items two runs of the two arms disagree more than two runs of one; on these items, for
    new seeds. None with fewer than three runs of an arm.

    Pairs share runs, so that their spread says nothing of the luck in the mean; what becomes of it without each
    seed in turn does (the jackknife). Where the arms are alike it says half as much again as there is, and the
    interval is wider than it need be (docs/validity.md).
    """
    n = len(a_SN), len(b_SN)
    if min(n) < FEWEST_TO_LEAVE_ONE_OUT:
        return None
    agree_RR = _agreement(np.concatenate([a_SN, b_SN]))
    a_SS, b_SS, across_SS = agree_RR[: n[0], : n[0]], agree_RR[n[0] :, n[0] :], agree_RR[: n[0], n[0] :]
    if same_seed:
        found, without_S = _left_out_together(a_SS, b_SS, across_SS)
        se, df = _jackknife_se(without_S, found), n[0] - 1
        return t_estimate(found, se, df, n[:1], "churn across − within, leaving out a seed at a time")
    found, without_a_S, without_b_S = _left_out_apart(a_SS, b_SS, across_SS)
    se = float(np.hypot(_jackknife_se(without_a_S, found), _jackknife_se(without_b_S, found)))
    return t_estimate(found, se, min(n) - 1, n, "churn across − within, leaving out a run at a time")


def _agreement(predicted_RN: Classes) -> Shares:
    """The share of items on which each run agrees with each; exact, for the counts are whole."""
    agree_RR = np.zeros((len(predicted_RN), len(predicted_RN)))
    for c in np.unique(predicted_RN):
        is_it_RN = (predicted_RN == c).astype(np.float32)
        agree_RR += is_it_RN @ is_it_RN.T
    shares_RR: Shares = agree_RR / predicted_RN.shape[1]
    return shares_RR


def _left_out_together(a_SS: Shares, b_SS: Shares, across_SS: Shares) -> tuple[float, Shares]:
    """The estimate, and what it is without each seed; no pair is of one seed."""
    sums, without_S = list[float](), list[Shares]()
    for square_SS in (a_SS, b_SS, across_SS):
        pairs_SS = square_SS - np.diag(np.diag(square_SS))
        sums.append(float(pairs_SS.sum()))
        without_S.append(pairs_SS.sum() - pairs_SS.sum(0) - pairs_SS.sum(1))
    n = len(a_SS)
    found = (sum(sums[:2]) / 2 - sums[2]) / (n * (n - 1))
    return found, ((without_S[0] + without_S[1]) / 2 - without_S[2]) / ((n - 1) * (n - 2))


def _left_out_apart(a_SS: Shares, b_SS: Shares, across_SS: Shares) -> tuple[float, Shares, Shares]:
    """The estimate, and what it is without each run of either arm."""
    within = [_within(square_SS) for square_SS in (a_SS, b_SS)]
    found = (within[0][0] + within[1][0]) / 2 - float(across_SS.mean())
    rows, columns = across_SS.shape
    total = across_SS.sum()
    without_a_S = (within[0][1] + within[1][0]) / 2 - (total - across_SS.sum(1)) / ((rows - 1) * columns)
    without_b_S = (within[0][0] + within[1][1]) / 2 - (total - across_SS.sum(0)) / (rows * (columns - 1))
    return found, without_a_S, without_b_S


def _within(square_SS: Shares) -> tuple[float, Shares]:
    n, pairs_SS = len(square_SS), square_SS - np.diag(np.diag(square_SS))
    total = float(pairs_SS.sum())
    return total / (n * (n - 1)), (total - 2 * pairs_SS.sum(0)) / ((n - 1) * (n - 2))


def _jackknife_se(without_S: Shares, found: float) -> float:
    n = len(without_S)
    return float(np.sqrt(variance(n * found - (n - 1) * without_S, scale=float(n)) / n))


def _by_class(predicted_SN: Classes, last: np.int64) -> list[NDArray[np.int64]]:
    """For each class, how many runs say it of each item."""
    return [(predicted_SN == c).sum(0) for c in range(int(last) + 1)]
