"""Runs as final values: laws from which seeds draw, with the truth about them.

Shapes: R repetitions, A arms, S seeds. One unit is the standard deviation of an ordinary run.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]
Draw = Callable[[np.random.Generator, tuple[int, ...]], Values]
"""Of mean 0 and standard deviation 1."""

STALLED_AT = -60.0
"""A run that learns nothing: half right instead of nine in ten, where runs differ by some tenths of a point."""
TRUTH_DRAWS = 1_000_000
"""For P(A > B) where symmetry does not give it: its error, .0005, is nothing beside an interval's width."""


def normal(rng: np.random.Generator, size: tuple[int, ...]) -> Values:
    return rng.standard_normal(size)


def skewed(rng: np.random.Generator, size: tuple[int, ...]) -> Values:
    """An exponential law with its tail to the bad side: skewness −2."""
    return 1 - rng.standard_exponential(size)


def even(rng: np.random.Generator, size: tuple[int, ...]) -> Values:
    """All values between two bounds alike: no tail at all."""
    return rng.uniform(-math.sqrt(3), math.sqrt(3), size)


def heavy(rng: np.random.Generator, size: tuple[int, ...]) -> Values:
    """Student's law with 5 degrees of freedom: long tails to both sides."""
    return rng.standard_t(5, size) / math.sqrt(5 / 3)


@dataclass(frozen=True)
class Law:
    """One arm's runs."""

    draw: Draw = normal
    mean: float = 0.0
    """Of the runs that do not stall."""
    sd: float = 1.0
    stalls: float = 0.0
    """The share of runs that stall."""

    @property
    def true_mean(self) -> float:
        return (1 - self.stalls) * self.mean + self.stalls * STALLED_AT

    @property
    def true_sd(self) -> float:
        squares = (1 - self.stalls) * (self.sd**2 + self.mean**2) + self.stalls * (STALLED_AT**2 + self.sd**2)
        return math.sqrt(squares - self.true_mean**2)


@dataclass(frozen=True)
class Truth:
    """Of one arm against another. None: not asked about here."""

    difference: float
    """For new seeds and new items."""
    sd_ratio: float | None = None
    wins: float | None = None
    difference_on_these_items: float | None = None


@dataclass(frozen=True, eq=False)
class Runs:
    """What came out of R repetitions of a sweep."""

    values_RAS: Values
    stalled_RAS: NDArray[np.bool_]


@dataclass(frozen=True)
class ValueWorld:
    """Arms that share seeds, whose runs are judged for new seeds alone."""

    name: str
    laws: tuple[Law, ...]
    correlation: float = 0.0
    """Of the arms' runs of one seed."""
    item_sd: float = 0.0
    """Luck of the items in a difference to the first arm, drawn once a repetition, and known to the interval."""
    resampled: float = 0.0
    """The correlation of runs whose training parts overlap, because each seed draws a split of its own."""

    def draw(self, rng: np.random.Generator, repetitions: int, seeds: int) -> Runs:
        arms = len(self.laws)
        shape = (repetitions, seeds)
        values_RAS = np.stack([law.draw(rng, shape) for law in self.laws], axis=1)
        if self.correlation > 0:
            shared_R1S = rng.standard_normal((repetitions, 1, seeds))
            values_RAS = math.sqrt(1 - self.correlation) * values_RAS + math.sqrt(self.correlation) * shared_R1S
        elif self.correlation < 0:
            assert arms == 2, "more than two arms cannot all move against each other"
            own = math.sqrt(1 - self.correlation**2)
            values_RAS[:, 1] = self.correlation * values_RAS[:, 0] + own * values_RAS[:, 1]
        if self.resampled:
            overlap_RA1 = rng.standard_normal((repetitions, arms, 1))
            values_RAS = math.sqrt(1 - self.resampled) * values_RAS + math.sqrt(self.resampled) * overlap_RA1
        for place, law in enumerate(self.laws):
            values_RAS[:, place] = law.mean + law.sd * values_RAS[:, place]
        stalled_RAS = np.stack([rng.random(shape) < law.stalls for law in self.laws], axis=1)
        values_RAS[stalled_RAS] = STALLED_AT + rng.standard_normal(int(stalled_RAS.sum()))
        if self.item_sd:
            values_RAS[:, 1:] += rng.normal(0, self.item_sd, (repetitions, arms - 1, 1))
        return Runs(values_RAS, stalled_RAS)

    def truths(self) -> dict[tuple[int, int], Truth]:
        """Of each pair of arms, by place: (arm, versus)."""
        return {
            (later, earlier): self._truth(self.laws[later], self.laws[earlier])
            for earlier, later in combinations(range(len(self.laws)), 2)
        }

    def _truth(self, arm: Law, versus: Law) -> Truth:
        difference, ratio = arm.true_mean - versus.true_mean, arm.true_sd / versus.true_sd
        if self.item_sd or self.resampled:
            return Truth(difference)
        return Truth(difference, ratio, _wins(arm, versus), difference)


def _wins(arm: Law, versus: Law) -> float:
    if arm == versus:
        return 0.5
    rng = np.random.default_rng(0)
    drawn = ValueWorld("", (arm, versus)).draw(rng, 1, TRUTH_DRAWS).values_RAS[0]
    return float((drawn[0] > drawn[1]).mean())
