"""All that is computed of pairs of sets, for many pairs at once; and the range of each number over them.

The room's own functions take one pair, and a thousand times as long for many: most of it is scipy's bookkeeping.
A test holds the numbers here to theirs. NaN marks what a pair does not have; it does not leave this module.

In shapes, P is pairs and S the sets of an arm. Sets are whole steps of the grid, so that equal is equal.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy import special

from orchestrator.compare.audit.pairing import Pairs
from orchestrator.compare.audit.rank_tests import mann_whitney_p, permutation_p
from orchestrator.compare.audit.sets import Sets, squared_spread
from orchestrator.compare.statistics.estimates import CONFIDENCE

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Range:
    """The least and the greatest of a number over the pairs that have it."""

    low: float
    high: float
    undefined: int = 0
    """Pairs that do not have it."""

    @classmethod
    def over(cls, values: Floats) -> Self | None:
        """None where no pair has it."""
        known = values[~np.isnan(values)]
        return cls(float(known.min()), float(known.max()), len(values) - len(known)) if len(known) else None

    def stretched(self, other: "Range | None") -> "Range":
        """To hold another range, too."""
        if other is None:
            return self
        return Range(min(self.low, other.low), max(self.high, other.high), self.undefined)


Ranges = dict[str, Range | None]
"""
difference        of means, the first arm's less the second's
interval_low      of its 95 % interval by Welch's t
interval_high
welch_p
permutation_p     of Welch's t; None for many runs
mann_whitney_p
sd_ratio          the first arm's over the second's
f_p
brown_forsythe_p
standardised      the size of the difference in standard deviations, by the mean of both arms' variances
"""


@dataclass(frozen=True)
class _Arm:
    """What the tests of normal theory need of each set of an arm."""

    n: int
    mean_S: Floats
    variance_S: Floats
    distance_S: Floats
    """Mean distance from the median."""
    within_S: Floats
    """Squares of the distances about their mean, summed."""

    @classmethod
    def of(cls, sets: Sets) -> Self:
        n = sets.shape[1]
        # Twice the distance is whole, too, where the median lies between two runs.
        twice = np.abs(2 * sets - (sets[:, (n - 1) // 2] + sets[:, n // 2])[:, None])
        return cls(
            n,
            mean_S=sets.sum(1) / n,
            variance_S=squared_spread(sets) / (n * (n - 1)),
            distance_S=twice.sum(1) / (2 * n),
            within_S=squared_spread(twice) / (4 * n),
        )


def ranges(a: Sets, b: Sets, pairs: Pairs, step: float) -> Ranges:
    """Of every number over the pairs; `step` is one step of the grid in the unit of the table."""
    first, second = _Arm.of(a), _Arm.of(b)
    i, j = pairs.T
    n, variances = (first.n, second.n), (first.variance_S[i], second.variance_S[j])
    with np.errstate(divide="ignore", invalid="ignore"):
        numbers = {
            **welch(n, first.mean_S[i] - second.mean_S[j], *variances, step),
            "permutation_p": permutation_p(a, b, pairs),
            "mann_whitney_p": mann_whitney_p(a, b, pairs),
            **f_test(n, *variances),
            "brown_forsythe_p": _brown_forsythe_p(first, second, i, j),
        }
    return {name: Range.over(values) for name, values in numbers.items()}


def welch(
    n: tuple[int, int], difference: Floats, variance_a: Floats, variance_b: Floats, step: float = 1.0
) -> dict[str, Floats]:
    """As `differences.welch_t`."""
    parts = variance_a / n[0], variance_b / n[1]
    total = parts[0] + parts[1]
    df = total**2 / (parts[0] ** 2 / (n[0] - 1) + parts[1] ** 2 / (n[1] - 1))
    se = np.where(total > 0, np.sqrt(total), np.nan)
    reach = special.stdtrit(df, (1 + CONFIDENCE) / 2) * se
    return {
        "difference": difference * step,
        "interval_low": (difference - reach) * step,
        "interval_high": (difference + reach) * step,
        "welch_p": 2 * special.stdtr(df, -np.abs(difference) / se),
        "standardised": np.abs(difference) / np.sqrt(_positive((variance_a + variance_b) / 2)),
    }


def f_test(n: tuple[int, int], variance_a: Floats, variance_b: Floats) -> dict[str, Floats]:
    """As `spread.f_interval`."""
    ratio = variance_a / _positive(variance_b)
    f = _positive(ratio)
    tails = special.fdtr(n[0] - 1, n[1] - 1, f), special.fdtrc(n[0] - 1, n[1] - 1, f)
    return {"sd_ratio": np.sqrt(ratio), "f_p": 2 * np.minimum(*tails)}


def _brown_forsythe_p(a: _Arm, b: _Arm, i: NDArray[np.int64], j: NDArray[np.int64]) -> Floats:
    """As `spread.brown_forsythe`."""
    between = a.n * b.n / (a.n + b.n) * (a.distance_S[i] - b.distance_S[j]) ** 2
    within = _positive(a.within_S[i] + b.within_S[j]) / (a.n + b.n - 2)
    p: Floats = special.fdtrc(1, a.n + b.n - 2, between / within)
    return p


def _positive(values: Floats) -> Floats:
    return np.where(values > 0, values, np.nan)
