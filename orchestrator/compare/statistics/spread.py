"""Is one arm steadier than another? The ratio of standard deviations, and tests of equal spread."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import optimize, special

from orchestrator.compare.statistics.estimates import (
    CONFIDENCE,
    Estimate,
    Interval,
    values_of,
    variance,
    z_critical,
)

FEWEST_FOR_BONETT = 5
FARTHEST = 8.0
"""Standard errors: a p of 1e-15, below which none is told from another."""


@dataclass(frozen=True)
class SpreadTest:
    """A test that two samples are spread alike."""

    p: float | None
    """None where both are constant."""
    statistic: float | None
    n: tuple[int, int]
    method: str


def sd_ratio(a: ArrayLike, b: ArrayLike, confidence: float = CONFIDENCE) -> Estimate | None:
    """Standard deviation of a over that of b with Bonett's interval, which allows for heavy tails, and the smallest
    level at which that leaves out 1 as p.

    None if b is constant. No interval under 5 runs, or where a is constant. Two samples are taken to be
    independent; pairs that move together make it too wide, never too narrow.

    Reference: Bonett, *Robust confidence interval for a ratio of standard deviations*, Applied Psychological
    Measurement 30, 2006.
    """
    first, second = values_of(a), values_of(b)
    n = (len(first), len(second))
    if variance(second) == 0:
        return None
    ratio = math.sqrt(variance(first) / variance(second))
    interval = p = None
    if ratio > 0 and min(n) >= FEWEST_FOR_BONETT:
        error = _bonett_error(first, second)
        interval = _bonett(n, ratio, error, z_critical((1 - confidence) / 2), confidence)
        p = _bonett_p(n, ratio, error)
    return Estimate(ratio, interval, n, "ratio of standard deviations (Bonett)", p)


def f_interval(a: ArrayLike, b: ArrayLike, confidence: float = CONFIDENCE) -> Estimate | None:
    """The same ratio with the interval and p of the F test, which holds for normal runs only: for reference."""
    first, second = values_of(a), values_of(b)
    if variance(first) == 0 or variance(second) == 0:
        return None
    f, df = variance(first) / variance(second), (len(first) - 1, len(second) - 1)
    tail = (1 - confidence) / 2
    low, high = f / _f_critical(tail, *df), f / _f_critical(1 - tail, *df)
    p = 2 * min(float(special.fdtrc(*df, f)), float(special.fdtr(*df, f)))
    interval = Interval(math.sqrt(low), math.sqrt(high), confidence)
    return Estimate(math.sqrt(f), interval, (len(first), len(second)), "F test", p, statistic=f)


def brown_forsythe(a: ArrayLike, b: ArrayLike) -> SpreadTest:
    """Analysis of variance of the distances from each arm's median (Brown and Forsythe, 1974): what decides.

    Its level holds under skew, and under some stalled runs, where those of F and of Bonett's test do not.
    """
    first, second = values_of(a), values_of(b)
    n = (len(first), len(second))
    away = [np.abs(sample - np.median(sample)) for sample in (first, second)]
    scale = max(float(np.abs(first).max()), float(np.abs(second).max()))
    if sum(variance(distances, scale) for distances in away) == 0:
        return SpreadTest(None, None, n, "Brown–Forsythe")
    within = sum(float(((d - d.mean()) ** 2).sum()) for d in away) / (sum(n) - 2)
    between = float(away[0].mean() - away[1].mean()) ** 2 / (1 / n[0] + 1 / n[1])
    p = float(special.fdtrc(1, sum(n) - 2, between / within))
    return SpreadTest(p, between / within, n, "Brown–Forsythe")


def _bonett_error(first: NDArray[np.float64], second: NDArray[np.float64]) -> float:
    """Standard error of the logarithm of the ratio of variances, by a kurtosis that the samples share."""
    samples = (first, second)
    fourth = sum(float(((s - _trimmed_mean(s)) ** 4).sum()) for s in samples)
    second_moments = sum(float(((s - s.mean()) ** 2).sum()) for s in samples)
    kurtosis = (len(first) + len(second)) * fourth / second_moments**2
    return math.sqrt(sum((kurtosis - (len(s) - 3) / len(s)) / (len(s) - 1) for s in samples))


def _bonett(n: tuple[int, int], ratio: float, error: float, z: float, confidence: float) -> Interval:
    centre = math.log(ratio**2 * _small_sample(n[0], z) / _small_sample(n[1], z))
    return Interval(math.exp((centre - z * error) / 2), math.exp((centre + z * error) / 2), confidence)


def _bonett_p(n: tuple[int, int], ratio: float, error: float) -> float:
    """Two-sided, against a ratio of 1: of the z at which the interval ends there."""

    def beyond(z: float) -> float:
        return z * error - abs(math.log(ratio**2 * _small_sample(n[0], z) / _small_sample(n[1], z)))

    most = min(FARTHEST, 0.9 * min(n))  # his factor knows no z of n and above
    z = most if beyond(most) <= 0 else 0.0 if beyond(0) >= 0 else float(optimize.brentq(beyond, 0, most))
    return 2 * float(special.ndtr(-z))


def _f_critical(tail: float, df: int, other_df: int) -> float:
    return float(special.fdtri(df, other_df, 1 - tail))


def _small_sample(n: int, z: float) -> float:
    """Bonett's factor; cancels where both arms have the same n."""
    return n / (n - z) if n > z else math.inf


def _trimmed_mean(sample: NDArray[np.float64]) -> float:
    """A share of 1/(2 √(n − 4)) is cut off at each end; of five, all but the median."""
    cut = int(len(sample) / (2 * math.sqrt(len(sample) - 4)))
    return float(np.sort(sample)[cut : len(sample) - cut].mean())
