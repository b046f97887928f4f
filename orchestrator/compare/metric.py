"""A metric as it is compared and said: which part it is of, which way is better, in which unit."""

import math
from dataclasses import dataclass

from trainables.evaluation import SHARES

UNITS = {"nll": "nats", "loss": "nats", "nll_bits": "bits", "brier": "of Brier score"}
OF_ITEMS = ("accuracy", "nll", "brier")
"""Means over items of what each item scores; only these can be estimated for new items."""
EXPLORATORY = ("nll", "brier", "accuracy", "macro_f1", "auroc", "ece")
"""Beside the deciding metric, the proper scores first."""
NOTHING = 1e-12
"""A smaller number of points, nats, bits or Brier score is rounding."""
MOST_DECIMALS = 7
"""A number that has more is of rounding's size, and its power of ten says so sooner than its noughts."""
LOWER_IS_BETTER = ("nll", "nll_bits", "brier", "ece", "loss")


def is_share(metric: str) -> bool:
    """Whether its values are shares."""
    return metric.endswith(SHARES)


@dataclass(frozen=True)
class Metric:
    """`test_accuracy`: `accuracy` of the part `test`."""

    name: str
    maximize: bool

    @classmethod
    def named(cls, name: str) -> "Metric":
        return cls(name, maximize=name.partition("_")[2] not in LOWER_IS_BETTER)

    @property
    def part(self) -> str:
        return self.name.partition("_")[0]

    @property
    def base(self) -> str:
        return self.name.partition("_")[2]

    @property
    def of_items(self) -> bool:
        """Whether it is a mean over items that are the same for all runs; training's are not."""
        return self.base in OF_ITEMS and self.part != "train"

    @property
    def bounds(self) -> tuple[float, float] | None:
        """The worst and the best value, as numbers from low to high; None where there is no worst."""
        return (0.0, 1.0) if is_share(self.name) else (0.0, 2.0) if self.base == "brier" else None

    @property
    def scale(self) -> float:
        """Of a value as it is said."""
        return 100.0 if is_share(self.name) else 1.0

    @property
    def unit(self) -> str:
        return "points" if is_share(self.name) else UNITS.get(self.base, self.base)

    def said(self, value: float) -> str:
        """A value without its unit."""
        return self._said(value, "")

    def said_difference(self, value: float) -> str:
        """With its sign; what is nothing has none."""
        return self._said(value, "+")

    def _said(self, value: float, sign: str) -> str:
        digits = (2, 0.01) if is_share(self.name) else (4, 0.001)
        return in_digits(value * self.scale, *digits, sign)


def percent(share: float) -> str:
    """`12.34%`"""
    return f"{in_digits(100 * share, 2)}%"


def in_digits(number: float, decimals: int = 2, down_to: float = 0.01, sign: str = "") -> str:
    """With so many decimals, two as papers print points; of what is smaller its first two digits: no number that is
    not 0 reads as 0."""
    if math.isinf(number):
        return ("-" if number < 0 else sign) + "∞"
    if abs(number) < NOTHING:
        return f"{0:.{decimals}f}"
    if abs(number) < down_to:
        decimals = 1 - math.floor(math.log10(abs(number)))
    return f"{number:{sign}.{decimals}f}" if decimals <= MOST_DECIMALS else f"{number:{sign}.1e}"
