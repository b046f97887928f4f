"""A metric as it is compared and said: which part it is of, which way is better, in which unit."""

import math
from dataclasses import dataclass

SHARES = ("accuracy", "macro_f1", "auroc", "ece")
"""Metrics in [0, 1], said in hundredths: points."""
UNITS = {"nll": "nats", "loss": "nats", "nll_bits": "bits", "brier": "of Brier score"}
OF_ITEMS = ("accuracy", "nll", "brier")
"""Means over items of what each item scores; only these can be estimated for new items."""
EXPLORATORY = ("nll", "brier", "accuracy", "macro_f1", "auroc", "ece")
"""Beside the deciding metric, the proper scores first."""
NOTHING = 1e-12
"""A smaller number of nats, bits or Brier score is rounding."""
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
        """With its sign; what rounds to nothing has none."""
        return self._said(value, "+")

    def said_above_0(self, value: float) -> str:
        """Of what is more than nothing: `under 0.01` where its digits would say that it is not."""
        said = self.said(value)
        return said if float(said) else f"under {said[:-1]}1"

    def _said(self, value: float, sign: str) -> str:
        scaled = value * self.scale
        if math.isinf(scaled):
            return ("-" if scaled < 0 else sign) + "∞"
        said = f"{scaled:{sign}.{self._decimals(scaled)}f}"
        return said.lstrip("+-") if float(said) == 0 else said

    def _decimals(self, scaled: float) -> int:
        """Two for points, as papers print them; else four, and of a small number its first two digits."""
        if is_share(self.name):
            return 2
        if abs(scaled) >= 1e-3 or abs(scaled) < NOTHING:
            return 4
        return 1 - math.floor(math.log10(abs(scaled)))
