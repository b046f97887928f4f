"""p of tests that need the runs themselves, for many pairs of sets at once: permutation, and Mann–Whitney.

In shapes, P is pairs, R the runs of both arms, and A the ways to deal them out.
"""

import math
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from orchestrator.compare.audit.pairing import Pairs
from orchestrator.compare.audit.sets import Sets
from orchestrator.compare.statistics.dominance import mann_whitney
from orchestrator.compare.statistics.permutation import SAME

MOST_ARRANGEMENTS = 3_432
"""Up to 7 runs an arm. The permutation test takes longer than all else; over many pairs, too long."""
AT_ONCE = 2_000_000
"""Numbers of one kind that are held in memory."""

Floats = NDArray[np.float64]


def permutation_is_computed(n: tuple[int, int]) -> bool:
    return math.comb(sum(n), n[0]) <= MOST_ARRANGEMENTS


def permutation_p(a: Sets, b: Sets, pairs: Pairs) -> Floats:
    """As `permutation.permuted_welch`, all arrangements; NaN where it is not computed, or no run differs."""
    n, m = a.shape[1], b.shape[1]
    if not permutation_is_computed((n, m)):
        return np.full(len(pairs), np.nan)
    dealt_AR = np.zeros((math.comb(n + m, n), n + m))
    for row, chosen in enumerate(combinations(range(n + m), n)):
        dealt_AR[row, chosen] = 1
    if n == m:
        # The other half deals the same out to the other arm.
        dealt_AR = dealt_AR[: len(dealt_AR) // 2]
    chunks = _chunks(pairs, len(dealt_AR))
    return np.concatenate([_share_as_far(_pooled(a, b, chunk), dealt_AR, n) for chunk in chunks])


def mann_whitney_p(a: Sets, b: Sets, pairs: Pairs) -> Floats:
    """By `dominance.mann_whitney`, once for each U and each measure of ties that occur: nothing else enters."""
    n = a.shape[1]
    chunks = _chunks(pairs, (n + b.shape[1]) ** 2)
    what_enters = np.concatenate([_wins_and_ties(_pooled(a, b, chunk), n) for chunk in chunks])
    _, examples, of_pair = np.unique(what_enters, axis=0, return_index=True, return_inverse=True)
    p = [mann_whitney(runs[:n], runs[n:]).p for runs in _pooled(a, b, pairs[examples])]
    found: Floats = np.array(p, dtype=np.float64)[of_pair.reshape(-1)]
    return found


def _chunks(pairs: Pairs, numbers: int) -> list[Pairs]:
    """With so many numbers for each pair."""
    return np.array_split(pairs, math.ceil(len(pairs) * numbers / AT_ONCE) or 1)


def _pooled(a: Sets, b: Sets, pairs: Pairs) -> Sets:
    """The runs of both arms, the first's before the second's: [P, R]."""
    return np.concatenate([a[pairs[:, 0]], b[pairs[:, 1]]], axis=1)


def _share_as_far(runs_PR: Sets, dealt_AR: Floats, n: int) -> Floats:
    """The first way to deal is the one seen."""
    m = runs_PR.shape[1] - n
    # So many times the distance from the mean, which is whole: sums of 0 are 0.
    centred_PR = (runs_PR * (n + m) - runs_PR.sum(1, keepdims=True)).astype(np.float64)
    sums_PA, squares_PA = centred_PR @ dealt_AR.T, centred_PR**2 @ dealt_AR.T
    all_squares_P1 = (centred_PR**2).sum(1, keepdims=True)
    within_a = (squares_PA - sums_PA**2 / n) / (n * (n - 1))
    within_b = (all_squares_P1 - squares_PA - sums_PA**2 / m) / (m * (m - 1))
    spread_PA = within_a + within_b
    distance_PA = np.abs(sums_PA) * (1 / n + 1 / m)
    constant_PA = spread_PA <= SAME**2 * all_squares_P1
    statistic_PA = np.where(constant_PA, np.inf, distance_PA / np.sqrt(np.where(constant_PA, 1, spread_PA)))
    as_far = (statistic_PA >= statistic_PA[:, :1] * (1 - SAME)).mean(1)
    return np.where(all_squares_P1[:, 0] > 0, as_far, np.nan)


def _wins_and_ties(runs_PR: Sets, n: int) -> NDArray[np.int64]:
    """Of each pair: wins of the first arm less those of the second, and Σ(t³ − t) over groups of t equal runs."""
    first, second = runs_PR[:, :n, None], runs_PR[:, None, n:]
    wins = (first > second).sum((1, 2)) - (first < second).sum((1, 2))
    equal_PR = (runs_PR[:, :, None] == runs_PR[:, None, :]).sum(2)
    return np.stack([wins, (equal_PR**2 - 1).sum(1)], axis=1)
