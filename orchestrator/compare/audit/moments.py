"""What mean, standard deviation and number of runs leave open: Welch's t and F follow from these alone.

For tables that more sets agree with than can be gone through. Tests that need the runs are left out.
"""

from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray
from scipy import special

from orchestrator.compare.audit.pair_numbers import Range, Ranges, f_test, welch
from orchestrator.compare.audit.printed import PrintedArm, PrintedTable, Statistic
from orchestrator.compare.audit.readings import Decimals

POINTS = 33
"""From end to end of what each printed number stands for: p need not have its extreme where a number has."""


_WEIGHTS = np.stack([np.linspace(1, 0, POINTS), np.linspace(0, 1, POINTS)])


@dataclass(frozen=True)
class Moments:
    """In the unit of the table."""

    n: int
    mean: Range
    sds: tuple[Range, ...]
    """By n − 1; it lies in one of these."""

    @property
    def sd(self) -> Range:
        return Range(min(sd.low for sd in self.sds), max(sd.high for sd in self.sds))

    @property
    def variances(self) -> NDArray[np.float64]:
        ends = np.array([(sd.low, sd.high) for sd in self.sds])
        return (ends @ _WEIGHTS).ravel() ** 2


def printed_moments(arm: PrintedArm, decimals: Decimals, table: PrintedTable) -> Moments | None:
    """From the roundings alone. None where the table does not print both."""
    if not {Statistic.MEAN, Statistic.SD} <= arm.given:
        return None
    mean, sd = (_rounded(arm, statistic, decimals, table) for statistic in (Statistic.MEAN, Statistic.SD))
    # Papers divide by n − 1 or by n, and seldom say which: either will do.
    by_n = sqrt(arm.n / (arm.n - 1))
    return Moments(arm.n, mean, (sd, Range(sd.low * by_n, sd.high * by_n)))


def ranges_by_moments(a: Moments, b: Moments) -> Ranges:
    """Of what follows from them; None of what does not."""
    ends = np.array([a.mean.low - b.mean.high, a.mean.high - b.mean.low])
    # The nearest to 0 that the difference may be has the largest p.
    differences = np.append(ends @ _WEIGHTS, np.clip(0.0, *ends))
    difference, of_a, of_b = (
        values.ravel() for values in np.meshgrid(differences, a.variances, b.variances, indexing="ij")
    )
    n = (a.n, b.n)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratios = (a.variances[:, None] / b.variances).ravel()
        ratios = ratios[np.isfinite(ratios)]
        if len(ratios):  # the ratio that is most like chance has the largest p
            ratios = np.append(ratios, np.clip(special.fdtri(a.n - 1, b.n - 1, 0.5), ratios.min(), ratios.max()))
        numbers = {**welch(n, difference, of_a, of_b), **f_test(n, ratios, np.ones_like(ratios))}
    without = dict.fromkeys(("permutation_p", "mann_whitney_p", "brown_forsythe_p"))
    found: Ranges = {name: Range.over(values) for name, values in numbers.items()}
    return {**found, **without}


def _rounded(arm: PrintedArm, statistic: Statistic, decimals: Decimals, table: PrintedTable) -> Range:
    value, half = float(arm.numbers[statistic].value), 0.5 / 10 ** decimals[statistic]
    return Range(max(0.0, value - half), min(float(table.one), value + half))
