"""What a number of seeds can detect, and how many a margin asks for: before launch, and where all is unsettled."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, special, stats

from orchestrator.compare.statistics.estimates import LEVEL

POWER = 0.8
FEWEST_FOR_A_DIFFERENCE = 5
"""Runs an arm: with fewer no verdict is given, however large the difference."""
MOST_SEEDS = 100_000
"""Where the search for a number of seeds ends."""
SLICES = 500
"""Of the law of a standard error: a power by them is right to a thousandth."""


@dataclass(frozen=True)
class Design:
    """How a difference of means will be estimated."""

    sd: float
    """Of a run; of a difference, where the runs are paired."""
    paired: bool = False
    item_variance: float | None = None
    """Of the difference, by which items there are: no number of seeds takes it away. None where they are taken as
    they are."""
    overlap: float = 0.0
    """Rows evaluated by rows trained on, where each seed draws a split of its own: no number of seeds takes away
    so much of a run's variance, which is known no better than that (Nadeau and Bengio)."""

    @property
    def arms(self) -> int:
        """Whose runs have a luck of their own."""
        return 1 if self.paired else 2

    def variance(self, seeds: int) -> float:
        """Of the estimated difference, with so many seeds an arm."""
        return self._by_runs(seeds) + (self.item_variance or 0.0)

    def df(self, seeds: int) -> float:
        """By Satterthwaite's rule; the items' part counts as known."""
        return (seeds - 1) * self.arms * (self.variance(seeds) / self._by_runs(seeds)) ** 2

    def _by_runs(self, seeds: int) -> float:
        """As the spread of the runs tells it."""
        return self.sd**2 * self.arms * (1 / seeds + self.overlap)


def power(difference: float, seeds: int, design: Design, level: float = LEVEL) -> float:
    """The chance that a two-sided t test finds a difference of that size, by the noncentral t distribution."""
    if design.sd == 0:
        return 1.0
    se, df = math.sqrt(design.variance(seeds)), design.df(seeds)
    critical = float(stats.t.isf(level / 2, df))
    away = abs(difference) / se
    # scipy's gives NaN far out: where nothing is left on the wrong side, and everything lies on the right one.
    wrong_side = float(stats.nct.cdf(-critical, df, away))
    right_side = float(stats.nct.sf(critical, df, away)) if away < critical + 30 else 1.0
    return right_side + (0.0 if math.isnan(wrong_side) else wrong_side)


def detectable(seeds: int, design: Design, wanted: float = POWER, level: float = LEVEL) -> float:
    """The smallest difference that so many seeds an arm find with the power wanted; 0 without any variance."""
    assert seeds > 1, "one seed has no variance over seeds, and detects nothing"
    if design.sd == 0:
        return 0.0
    se = math.sqrt(design.variance(seeds))
    high = se * (float(stats.t.isf(level / 2, design.df(seeds))) + 10)
    return float(optimize.brentq(lambda d: power(d, seeds, design, level) - wanted, 0.0, high, xtol=1e-9 * se))


def equivalence_power(margin: float, seeds: int, design: Design, level: float = LEVEL) -> float:
    """The chance that two one-sided tests find two arms the same within the margin where their difference is 0.

    They do where |d| + t × se stays under the margin: of a normal d, over the law of the estimated se, which is cut
    into equal parts.
    """
    assert margin > 0, f"a margin is above 0, not {margin}"
    if design.sd == 0:
        return 1.0
    se, df = math.sqrt(design.variance(seeds)), design.df(seeds)
    estimated = se * estimated_by_true(df)
    room = np.maximum(0.0, margin - float(stats.t.isf(level, df)) * estimated)
    return float(np.mean(2 * stats.norm.cdf(room / se) - 1))


@lru_cache(maxsize=1024)
def estimated_by_true(df: float) -> NDArray[np.float64]:
    """The law of an estimated standard error, the true one being 1, cut into equal parts from small to large."""
    middles = (np.arange(SLICES) + 0.5) / SLICES
    law: NDArray[np.float64] = np.sqrt(2 * special.gammaincinv(df / 2, middles) / df)
    law.flags.writeable = False
    return law


def seeds_needed(
    difference: float, design: Design, wanted: float = POWER, level: float = LEVEL, most: int = MOST_SEEDS
) -> int | None:
    """The fewest seeds an arm that find the difference with the power wanted; None if no such number would."""
    assert difference > 0, f"a difference to be found is above 0, not {difference}"
    return fewest_seeds(lambda seeds: power(difference, seeds, design, level) >= wanted, most)


def fewest_seeds(enough: Callable[[int], bool], most: int = MOST_SEEDS) -> int | None:
    """As many as a verdict needs or more, of what more seeds only make better; None if no number up to the most is
    enough."""
    too_few, many = FEWEST_FOR_A_DIFFERENCE - 1, FEWEST_FOR_A_DIFFERENCE
    while not enough(many):
        if many == most:
            return None
        too_few, many = many, min(2 * many, most)
    while many - too_few > 1:
        middle = (many + too_few) // 2
        if enough(middle):
            many = middle
        else:
            too_few = middle
    return many


def upper_sd(sd: float, df: int, confidence: float = 0.8) -> float:
    """The bound that the true standard deviation stays under with that confidence, for normal runs.

    A plan by the estimate itself would fall short half of the time.
    """
    return sd * math.sqrt(df / float(stats.chi2.isf(confidence, df)))
