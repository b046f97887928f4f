"""A test and an interval that hold however often one looks, for sweeps that grow.

A t test at every look calls a difference that is not there 18 times in 100 over five looks; the evidence here does
so at most 5 times in 100 over all of them. A mixture of t likelihood ratios over effects of size τ (in standard
deviations): Wang and Ramdas, *Anytime-valid t-tests and confidence sequences for Gaussian means with unknown
variance*, arXiv 2310.03722, the e-process with a right Haar prior on the scale.
"""

import math
from dataclasses import dataclass

from numpy.typing import ArrayLike
from scipy import optimize

from orchestrator.compare.statistics.estimates import (
    CONFIDENCE,
    Estimate,
    Interval,
    satterthwaite,
    scale_of,
    values_of,
    variance,
    z_critical,
)

TAU_SQUARED = 1.0
"""Effects that the test is best at, in squared standard deviations."""


@dataclass(frozen=True)
class SeedEvidence:
    """What a growing sample of seeds says: a t statistic with the numbers that the evidence is made of."""

    estimate: float
    se: float
    df: float
    effective_n: float
    n: tuple[int, ...]
    method: str

    @property
    def growth(self) -> float:
        """r = 1 + n τ²."""
        return 1 + self.effective_n * TAU_SQUARED

    @property
    def e(self) -> float | None:
        """The e-value against no difference; evidence at 20 and above has level .05. None without variance."""
        if not self.se > 0:
            return None
        t_squared, r = (self.estimate / self.se) ** 2, self.growth
        gain = math.log1p(t_squared / self.df) - math.log1p(t_squared / (self.df * r))
        return math.exp(min(700.0, -0.5 * math.log(r) + (self.df + 1) / 2 * gain))

    def reach(self, level: float) -> float:
        """Half the interval's width; infinite while there are too few seeds to exclude anything."""
        critical = critical_t(self.growth, self.df, level)
        return math.inf if math.isinf(critical) else self.se * critical


def critical_t(growth: float, df: float, level: float) -> float:
    """What |t| must be beyond for evidence of 1 / level; infinite where no t is enough.

    `growth`: r = 1 + n τ², with n the effective number of seeds.
    """
    k = math.exp((2 / (df + 1)) * (0.5 * math.log(growth) - math.log(level)))
    return math.inf if k >= growth else math.sqrt(df * (k - 1) / (1 - k / growth))


def paired_evidence(a: ArrayLike, b: ArrayLike) -> SeedEvidence:
    """Of the mean of a − b over pairs by seed."""
    first, second = values_of(a), values_of(b)
    assert len(first) == len(second), f"{len(first)} and {len(second)} values are no pairs"
    n, differences = len(first), first - second
    se = math.sqrt(variance(differences, scale_of(first, second)) / n)
    return SeedEvidence(float(differences.mean()), se, n - 1, n, (n,), "anytime-valid t, paired")


def two_sample_evidence(a: ArrayLike, b: ArrayLike) -> SeedEvidence:
    """Of mean of a less mean of b.

    Of as many runs of each it is by a pooled variance, which holds then though one arm vary more. Of other numbers
    each arm has a variance of its own, with Welch's degrees of freedom: pooled over many runs of a steady arm and
    few of a wide one it is far too small, and finds differences that are not there in four of ten sweeps that grow
    (docs/validity.md).
    """
    first, second = values_of(a), values_of(b)
    n = (len(first), len(second))
    parts = [variance(sample) / len(sample) for sample in (first, second)]
    df = sum(n) - 2.0 if n[0] == n[1] else satterthwaite(parts, n)
    difference, effective = float(first.mean() - second.mean()), n[0] * n[1] / (n[0] + n[1])
    return SeedEvidence(difference, math.sqrt(sum(parts)), df, effective, n, "anytime-valid t, two samples")


def anytime(evidence: SeedEvidence, item_variance: float | None = None, confidence: float = CONFIDENCE) -> Estimate:
    """The estimate with its anytime interval, and the smallest level at which that excludes 0 as p.

    `item_variance` is what no number of seeds takes away; None where the items are taken as they are, and p is 1/e.
    Items are drawn once, whatever is looked at later, so their part is an ordinary normal one. Half of the level is
    spent on it and half on the seeds, and the two reaches are added: whatever the looks, either is exceeded at most
    as often as its half. The root of the sum of squares would be shorter, and over many looks it misses the truth 7
    times in 100 where the items' luck is as large as the seeds': at each look the seeds get another chance to add
    to it (docs/validity.md).
    """
    total = math.sqrt(evidence.se**2 + (item_variance or 0.0))
    if not evidence.se > 0:
        return Estimate(evidence.estimate, None, evidence.n, evidence.method, se=0.0)
    method = evidence.method + ("" if item_variance is None else ", seeds × items")
    reach = _reach(evidence, item_variance, 1 - confidence)
    interval = Interval(evidence.estimate - reach, evidence.estimate + reach, confidence)
    statistic = evidence.estimate / total
    return Estimate(
        evidence.estimate, interval, evidence.n, method, anytime_p(evidence, item_variance), statistic, evidence.df
    )


def anytime_interval(evidence: SeedEvidence, item_variance: float | None, confidence: float) -> Interval:
    """The interval alone, at another confidence."""
    reach = _reach(evidence, item_variance, 1 - confidence)
    return Interval(evidence.estimate - reach, evidence.estimate + reach, confidence)


def anytime_p(evidence: SeedEvidence, item_variance: float | None = None, distance: float | None = None) -> float:
    """The smallest level at which the interval ends within so far of the estimate; by default, before 0."""
    wanted = abs(evidence.estimate) if distance is None else distance
    if wanted <= 0 or _reach(evidence, item_variance, 1.0) >= wanted:
        return 1.0
    smallest = -600.0
    if _reach(evidence, item_variance, math.exp(smallest)) <= wanted:
        return math.exp(smallest)
    solved = optimize.brentq(
        lambda log_level: min(1e300, _reach(evidence, item_variance, math.exp(log_level))) - wanted, smallest, 0.0
    )
    return math.exp(solved)


def _reach(evidence: SeedEvidence, item_variance: float | None, level: float) -> float:
    if item_variance is None:
        return evidence.reach(level)
    return evidence.reach(level / 2) + z_critical(level / 4) * math.sqrt(item_variance)
