"""How often would a run of A beat a run of B? Questions of rank, whatever the scale."""

import math

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from orchestrator.compare.statistics.estimates import (
    CONFIDENCE,
    Estimate,
    Interval,
    satterthwaite,
    t_critical,
    t_tail,
    values_of,
)


def win_probability(a: ArrayLike, b: ArrayLike, confidence: float = CONFIDENCE) -> Estimate:
    """P(a > b) + half of P(a = b), with Brunner and Munzel's interval and p against one half (2000).

    Complete separation leaves neither interval nor p: the estimate of its variance is then 0. The interval is cut
    at 0 and 1.
    """
    first, second = values_of(a), values_of(b)
    wins_AB = (first[:, None] > second) + 0.5 * (first[:, None] == second)
    share = float(wins_AB.mean())
    n = (len(first), len(second))
    parts = [float(wins_AB.mean(axis).var(ddof=1)) / k for axis, k in zip((1, 0), n, strict=True)]
    total = sum(parts)
    if total == 0:
        return Estimate(share, None, n, "Brunner–Munzel")
    df = satterthwaite(parts, n)
    se = math.sqrt(total)
    statistic = (share - 0.5) / se
    reach = t_critical((1 - confidence) / 2, df) * se
    interval = Interval(max(0.0, share - reach), min(1.0, share + reach), confidence)
    p = 2 * t_tail(abs(statistic), df)
    return Estimate(share, interval, n, "Brunner–Munzel", p, statistic, df, se)


def mann_whitney(a: ArrayLike, b: ArrayLike) -> Estimate:
    """U of a as statistic, U / (n_a n_b) as estimate. p is exact without ties, normal with them; for reference."""
    first, second = values_of(a, at_least=1), values_of(b, at_least=1)
    tied = len(np.unique(np.concatenate([first, second]))) < len(first) + len(second)
    found = stats.mannwhitneyu(first, second, method="asymptotic" if tied else "exact")
    method = f"Mann–Whitney, {'normal approximation' if tied else 'exact'}"
    u = float(found.statistic)
    return Estimate(
        u / (len(first) * len(second)), None, (len(first), len(second)), method, float(found.pvalue), statistic=u
    )
