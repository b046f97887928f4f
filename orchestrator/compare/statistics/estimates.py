"""What every statistic of this room gives: a number, its interval, its n, its method and, where there is any, p.

A number that cannot be had is None, never 0 and never NaN.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

CONFIDENCE = 0.95
LEVEL = 1 - CONFIDENCE
"""Of a test: false alarms that are put up with."""
ROUNDING = 1e-12
"""What differs by less than this share of its size differs by rounding only."""


@dataclass(frozen=True)
class Interval:
    """From `low` to `high`; infinite where the data exclude nothing."""

    low: float
    high: float
    confidence: float

    def __contains__(self, value: float) -> bool:
        return self.low <= value <= self.high

    def inside(self, margin: float) -> bool:
        """Whether it lies within ± the margin."""
        return -margin < self.low and self.high < margin


@dataclass(frozen=True)
class Estimate:
    """One number, and what is known of it."""

    estimate: float
    interval: Interval | None
    n: tuple[int, ...]
    """Runs that it rests on, by arm; one number for pairs."""
    method: str
    p: float | None = None
    """Two-sided, against no difference. None where it is undefined."""
    statistic: float | None = None
    df: float | None = None
    se: float | None = None

    def interval_at(self, confidence: float) -> Interval | None:
        """The t interval at another confidence; None without a standard error."""
        if not self.se or self.df is None:
            return None
        reach = t_critical((1 - confidence) / 2, self.df) * self.se
        return Interval(self.estimate - reach, self.estimate + reach, confidence)


# scipy.special's functions are those under scipy.stats', to the bit, at a fiftieth of the time: which tells where a
# comparison is simulated ten thousand times.


def t_tail(statistic: float, df: float) -> float:
    """The chance that Student's t is greater."""
    return float(special.stdtr(df, -statistic))


def t_critical(tail: float, df: float) -> float:
    """What Student's t is greater than with that chance."""
    return -float(special.stdtrit(df, tail))


def z_critical(tail: float) -> float:
    """What a standard normal number is greater than with that chance."""
    return -float(special.ndtri(tail))


def t_estimate(
    estimate: float, se: float, df: float, n: Sequence[int], method: str, confidence: float = CONFIDENCE
) -> Estimate:
    """By Student's t. Without any variance there is neither interval nor p: the runs say nothing of chance."""
    if not se > 0:
        return Estimate(estimate, None, tuple(n), method, se=0.0)
    statistic = estimate / se
    bare = Estimate(estimate, None, tuple(n), method, df=df, se=se)
    p = 2 * t_tail(abs(statistic), df)
    return Estimate(estimate, bare.interval_at(confidence), tuple(n), method, p, statistic, df, se)


def satterthwaite(parts: Sequence[float], n: Sequence[int]) -> float:
    """Degrees of freedom of a sum of variances, each of a mean of so many values (Satterthwaite, 1946); 0 of 0."""
    total = sum(parts)
    return total**2 / sum(part**2 / (k - 1) for part, k in zip(parts, n, strict=True)) if total > 0 else 0.0


def values_of(sample: ArrayLike, at_least: int = 2) -> NDArray[np.float64]:
    """A sample as an array of finite numbers."""
    values = np.asarray(sample, dtype=np.float64)
    assert values.ndim == 1, f"a sample has one axis, not {values.ndim}"
    assert len(values) >= at_least, f"{len(values)} values, where at least {at_least} are needed"
    assert np.isfinite(values).all(), "a sample is finite; what diverged is not in it"
    return values


def variance(values: NDArray[np.float64], scale: float | None = None) -> float:
    """Sample variance (n − 1); 0 where the values differ by rounding only.

    `scale` is the size of the numbers that the values were computed from, if that is not their own.
    """
    away = values - values.sum() / len(values)
    found = float(away @ away) / (len(values) - 1)
    size = float(np.abs(values).max()) if scale is None else scale
    return 0.0 if math.sqrt(found) <= ROUNDING * size else found


def scale_of(*samples: NDArray[np.float64]) -> float:
    """The size of the largest number."""
    return max(float(np.abs(sample).max()) for sample in samples)
