"""What a number of seeds can detect at a look that is not the planned one, by the anytime-valid test.

Its verdict asks that the estimate lie beyond so many of its own standard errors and, where the items may be others,
beyond their reach as well: with d the estimate and s its estimated standard error over seeds, |d| > t* s + c. Where
each seed draws its own split, c is estimated with s. The chance of it is a normal d's, over the law of s, which is
cut into equal parts. Without items it is the noncentral t's.

Of one look alone. At several the test holds its level, and its power is a little more.
"""

import math

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, special

from orchestrator.compare.statistics.anytime import TAU_SQUARED, critical_t
from orchestrator.compare.statistics.estimates import z_critical
from orchestrator.compare.statistics.power import POWER, Design, estimated_by_true


def anytime_power(difference: float, seeds: int, design: Design, level: float) -> float:
    """The chance that a two-sided test finds a difference of that size."""
    if design.sd == 0:
        return 1.0
    total = math.sqrt(design.variance(seeds))
    beyond = _reaches(seeds, design, level)
    found = special.ndtr((abs(difference) - beyond) / total) + special.ndtr((-abs(difference) - beyond) / total)
    return float(found.mean())


def anytime_equivalence_power(margin: float, seeds: int, design: Design, level: float) -> float:
    """The chance that two one-sided tests find two arms the same within the margin where their difference is 0."""
    assert margin > 0, f"a margin is above 0, not {margin}"
    if design.sd == 0:
        return 1.0
    room = np.maximum(0.0, margin - _reaches(seeds, design, 2 * level))
    return float(np.mean(2 * special.ndtr(room / math.sqrt(design.variance(seeds))) - 1))


def anytime_detectable(seeds: int, design: Design, level: float, wanted: float = POWER) -> float:
    """The smallest difference that so many seeds an arm find with the power wanted; infinite where they find none,
    however large."""
    if design.sd == 0:
        return 0.0
    farthest = float(_reaches(seeds, design, level)[-1])
    if math.isinf(farthest):
        return math.inf
    total = math.sqrt(design.variance(seeds))
    high = farthest + 10 * total
    return float(
        optimize.brentq(lambda d: anytime_power(d, seeds, design, level) - wanted, 0.0, high, xtol=1e-9 * total)
    )


def _reaches(seeds: int, design: Design, level: float) -> NDArray[np.float64]:
    """Half the interval's width, for each part of the law of the estimated standard error, from small to large."""
    arms, items = design.arms, design.item_variance
    df, as_they_are = arms * (seeds - 1), items is None and not design.overlap
    critical = critical_t(1 + seeds / arms * TAU_SQUARED, df, level if as_they_are else level / 2)
    sds = design.sd * math.sqrt(arms) * estimated_by_true(df)
    reaches = critical * sds / math.sqrt(seeds)
    if as_they_are:
        return reaches
    reaches += z_critical(level / 4) * np.sqrt(sds**2 * design.overlap + (items or 0.0))
    return reaches
