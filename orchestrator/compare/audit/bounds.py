"""What printed numbers ask of the runs, in whole steps of the accuracy grid.

A run's accuracy is a number of right items out of all, so everything here is an integer and nothing is rounded.
"""

import math
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from orchestrator.compare.audit.printed import PrintedArm, Statistic
from orchestrator.compare.audit.readings import Decimals


@dataclass(frozen=True)
class Span:
    """Integers from low to high; none where low is above."""

    low: int
    high: int

    @property
    def empty(self) -> bool:
        return self.low > self.high


@dataclass(frozen=True)
class Bounds:
    """What n sorted runs must keep to."""

    n: int
    lowest: Span
    """The smallest run."""
    highest: Span
    middle: Span
    """The middle run; the sum of both, where n is even."""
    total: Span
    """The sum of all runs."""
    spreads: tuple[Span, ...] | None
    """n Σx² − (Σx)² lies in one of these; None where nothing is asked of it."""

    @property
    def two_middles(self) -> bool:
        return self.n % 2 == 0

    @property
    def empty(self) -> bool:
        """Whether one of the spans holds no integer by itself."""
        return any(span.empty for span in (self.lowest, self.highest, self.middle, self.total))

    def without_spread(self) -> "Bounds":
        return replace(self, spreads=None)

    def by_place(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The least and the most that each of the sorted runs can be; the bounds themselves never fall."""
        low = np.full(self.n, self.lowest.low, dtype=np.int64)
        high = np.full(self.n, self.highest.high, dtype=np.int64)
        high[0] = min(self.lowest.high, high[0])
        low[-1] = max(self.highest.low, low[-1])
        half = self.n // 2
        if self.two_middles:
            high[:half] = np.minimum(high[:half], self.middle.high // 2)
            low[half:] = np.maximum(low[half:], -(-self.middle.low // 2))
        else:
            high[: half + 1] = np.minimum(high[: half + 1], self.middle.high)
            low[half:] = np.maximum(low[half:], self.middle.low)
        if self.spreads is not None:
            # No run is further from the mean than √(n − 1) standard deviations (Samuelson, 1968).
            reach = math.isqrt((self.n - 1) * max(span.high for span in self.spreads)) + 1
            low = np.maximum(low, (self.total.low - reach) // self.n)
            high = np.minimum(high, -((-self.total.high - reach) // self.n))
        return np.maximum.accumulate(low), np.minimum.accumulate(high[::-1])[::-1]

    def total_reach(self) -> Span:
        """The sums that are left by everything but the total."""
        low, high = self.by_place()
        least, most = int(low.sum()), int(high.sum())
        if self.two_middles:
            half = self.n // 2
            least += max(0, self.middle.low - int(low[half - 1] + low[half]))
            most -= max(0, int(high[half - 1] + high[half]) - self.middle.high)
        return Span(least, most)


def bounds_of(arm: PrintedArm, decimals: Decimals, steps_of_one: Fraction, items: int) -> Bounds:
    """In steps of the grid, of which a printed 1 has `steps_of_one`. They may contradict each other."""

    def span(statistic: Statistic, times: int) -> Span:
        """Of so many times the number."""
        if statistic not in arm.numbers:
            return Span(0, times * items)
        low, high = _limits(arm, statistic, decimals, steps_of_one)
        return Span(max(0, math.ceil(times * low)), min(times * items, math.floor(times * high)))

    return Bounds(
        n=arm.n,
        lowest=span(Statistic.MIN, 1),
        highest=span(Statistic.MAX, 1),
        middle=span(Statistic.MEDIAN, 2 - arm.n % 2),
        total=span(Statistic.MEAN, arm.n),
        spreads=_spreads(arm, decimals, steps_of_one),
    )


def _spreads(arm: PrintedArm, decimals: Decimals, steps_of_one: Fraction) -> tuple[Span, ...] | None:
    """Papers divide by n − 1 or by n, and seldom say which: either will do."""
    if Statistic.SD not in arm.numbers:
        return None
    low, high = _limits(arm, Statistic.SD, decimals, steps_of_one)
    return tuple(
        Span(math.ceil(arm.n * divisor * max(low, Fraction(0)) ** 2), math.floor(arm.n * divisor * high**2))
        for divisor in (arm.n - 1, arm.n)
    )


def _limits(
    arm: PrintedArm, statistic: Statistic, decimals: Decimals, steps_of_one: Fraction
) -> tuple[Fraction, Fraction]:
    printed = arm.numbers[statistic]
    half = Fraction(1, 2 * 10 ** decimals[statistic])
    return (printed.value - half) * steps_of_one, (printed.value + half) * steps_of_one
