"""Tests that hold without a normal law: every sign of the pairs, every dealing out of two samples.

All arrangements are counted where they are few enough; else a sample of them is drawn from the generator given.
The method says which.
"""

import math
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from orchestrator.compare.statistics.estimates import ROUNDING, values_of

MOST_COUNTED = 200_000
"""Arrangements: up to 17 pairs, or 10 runs an arm."""
DRAWN = 20_000
SAME = 1e-9
"""Statistics this near to each other are ties: the same numbers summed in another order."""


@dataclass(frozen=True)
class PermutationTest:
    """How many arrangements are at least as far out as the one seen."""

    p: float | None
    """Two-sided; None where no run differs from another."""
    n: tuple[int, ...]
    arrangements: int
    """That there are."""
    exact: bool
    smallest_p: float
    """No data of this n can give less."""
    method: str


def sign_flip(a: ArrayLike, b: ArrayLike, rng: np.random.Generator) -> PermutationTest:
    """Of the mean difference of pairs (Fisher, 1935): under the null each might as well have had the other sign."""
    first, second = values_of(a), values_of(b)
    differences = first - second
    n = len(differences)
    exact = 2**n <= MOST_COUNTED
    negative = (np.arange(2**n)[:, None] >> np.arange(n)) & 1 if exact else rng.integers(0, 2, (DRAWN, n))
    sums = _without_rounding(np.abs((1 - 2 * negative) @ differences), float(np.abs(differences).sum()))
    seen = float(_without_rounding(np.abs(differences.sum(keepdims=True)), float(np.abs(differences).sum()))[0])
    nothing = np.abs(differences).max() <= ROUNDING * max(np.abs(first).max(), np.abs(second).max())
    p = None if nothing else _share(sums, seen, exact)
    return _result(p, (n,), 2**n, exact, 2 / 2**n, "sign-flip permutation")


def permuted_welch(a: ArrayLike, b: ArrayLike, rng: np.random.Generator) -> PermutationTest:
    """Of Welch's t for two samples, which keeps its level under unequal spread better than the mean does
    (Janssen, 1997; Chung and Romano, 2013)."""
    first, second = values_of(a), values_of(b)
    pooled = np.concatenate([first, second])
    n, total = len(first), len(pooled)
    count = math.comb(total, n)
    exact = count <= MOST_COUNTED
    if exact:
        chosen = np.fromiter((i for c in combinations(range(total), n) for i in c), np.int64).reshape(count, n)
    else:
        chosen = rng.permuted(np.tile(np.arange(total), (DRAWN, 1)), axis=1)[:, :n]
    centred = pooled - pooled.mean()
    nothing = np.abs(centred).max() <= ROUNDING * np.abs(pooled).max()
    seen = _welch(np.arange(n)[None], centred)[0]
    p = None if nothing else _share(_welch(chosen, centred), seen, exact)
    smallest = (2 if n == len(second) else 1) / count
    return _result(p, (n, len(second)), count, exact, smallest, "permutation of Welch's t")


def _welch(chosen_PA: NDArray[np.int64], pooled: NDArray[np.float64]) -> NDArray[np.float64]:
    """|t| of each way P to choose the first A of the pooled values; infinite where both samples are constant."""
    total, n = len(pooled), chosen_PA.shape[1]
    values = pooled[chosen_PA]
    sums, squares = values.sum(1), (values**2).sum(1)
    other_sums, other_squares = pooled.sum() - sums, (pooled**2).sum() - squares
    m = total - n
    spread = (squares - sums**2 / n) / (n * (n - 1)) + (other_squares - other_sums**2 / m) / (m * (m - 1))
    distance = _without_rounding(np.abs(sums / n - other_sums / m), float(np.abs(pooled).max()))
    constant = spread <= SAME**2 * (pooled**2).sum()
    return np.where(constant, np.where(distance > 0, np.inf, 0), distance / np.sqrt(np.where(constant, 1, spread)))


def _without_rounding(sizes: NDArray[np.float64], scale: float) -> NDArray[np.float64]:
    """0 where only rounding keeps a size from it: there like arrangements differ by any factor."""
    return np.where(sizes <= SAME * scale, 0, sizes)


def _share(statistics: NDArray[np.float64], seen: float, exact: bool) -> float:
    """The share at least as large. The arrangement seen is one of those drawn, lest p be 0."""
    far = int((statistics >= seen * (1 - SAME)).sum()) if np.isfinite(seen) else int(np.isinf(statistics).sum())
    return far / len(statistics) if exact else (far + 1) / (len(statistics) + 1)


def _result(
    p: float | None, n: tuple[int, ...], count: int, exact: bool, smallest: float, name: str
) -> PermutationTest:
    if exact:
        return PermutationTest(p, n, count, True, smallest, f"{name}, all {count:,} arrangements")
    return PermutationTest(p, n, count, False, 1 / (DRAWN + 1), f"{name}, {DRAWN:,} arrangements drawn at random")
