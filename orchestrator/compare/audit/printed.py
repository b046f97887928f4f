"""A table as a paper prints it: what it says of two arms, each number with the digits that it was given.

Knows nothing of where the text came from, nor of what the numbers mean together.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Self

from trainables.errors import UserError

MOST_ITEMS = 10_000_000
MOST_RUNS = 1_000
"""What is still counted in good time; far more than any table needs."""

_NUMBER = re.compile(r"((?:[0-9]*\.)?[0-9]+) ?%?")


class TableError(UserError):
    """What was given is no summary of two arms."""


class Statistic(StrEnum):
    """What a table may print of an arm's runs."""

    MIN = "min"
    MEAN = "mean"
    MEDIAN = "median"
    MAX = "max"
    SD = "sd"


class Unit(StrEnum):
    """What an accuracy of one is printed as: 100 or 1."""

    PERCENT = "percent"
    SHARE = "share"


@dataclass(frozen=True)
class Printed:
    """A number, exactly as it stands in the table."""

    text: str
    value: Fraction
    decimals: int
    """Digits after the point."""

    @classmethod
    def read(cls, text: str) -> Self:
        """Raises TableError where it is no number of at least 0 with a decimal point."""
        found = _NUMBER.fullmatch(text.strip())
        if found is None:
            raise TableError(f"{text!r} is no number as a table of accuracies prints it, such as 86.10")
        digits = found[1]
        return cls(digits, Fraction(digits), len(digits.partition(".")[2]))


@dataclass(frozen=True)
class PrintedArm:
    """What is printed of the runs of one arm."""

    name: str
    n: int
    """Runs."""
    numbers: dict[Statistic, Printed]

    def __post_init__(self) -> None:
        if self.n < 2:
            raise TableError(f"{self.name}: n is {self.n}; there is nothing to audit in fewer than 2 runs")
        if self.n > MOST_RUNS:
            raise TableError(f"{self.name}: n is {self.n:,}; at most {MOST_RUNS:,} runs are audited")
        if not ({Statistic.MIN, Statistic.MAX} <= self.given or {Statistic.MEAN, Statistic.SD} <= self.given):
            there = ", ".join(self.numbers) or "nothing"
            raise TableError(
                f"{self.name}: {there} is given, which leaves the runs free; give min and max, or mean and sd"
            )

    @property
    def given(self) -> set[Statistic]:
        return set(self.numbers)

    def is_a_run(self, statistic: Statistic) -> bool:
        """Whether it is the value of a single run, so that it lies on the grid itself."""
        odd_median = statistic is Statistic.MEDIAN and self.n % 2 == 1
        return odd_median or statistic in (Statistic.MIN, Statistic.MAX)


@dataclass(frozen=True)
class PrintedTable:
    """Two arms, judged on the same number of items."""

    arms: tuple[PrintedArm, PrintedArm]
    items: int
    unit: Unit

    @classmethod
    def of(cls, arms: tuple[PrintedArm, PrintedArm], items: int, unit: Unit | None) -> Self:
        """Without a unit it is percent, unless all numbers could be shares. Raises TableError."""
        if not 1 <= items <= MOST_ITEMS:
            raise TableError(
                f"the number of items is {items:,}; it must be how many items each run was judged on, "
                f"from 1 to {MOST_ITEMS:,}"
            )
        if arms[0].name == arms[1].name:
            raise TableError(f"both arms are called {arms[0].name}; give each a name of its own")
        numbers = [(arm.name, statistic, p) for arm in arms for statistic, p in arm.numbers.items()]
        if unit is None:
            if all(printed.value <= 1 for _, _, printed in numbers):
                raise TableError("no number is above 1: are they shares or percent? Say --unit share or percent")
            unit = Unit.PERCENT
        one = 100 if unit is Unit.PERCENT else 1
        for name, statistic, printed in numbers:
            if printed.value > one:
                raise TableError(f"{name}: {statistic} is {printed.text}; no accuracy in {unit} is above {one}")
        return cls(arms, items, unit)

    @property
    def one(self) -> int:
        """An accuracy of one, as printed."""
        return 100 if self.unit is Unit.PERCENT else 1

    @property
    def steps_of_one(self) -> Fraction:
        """Steps of the grid in a printed 1; a step is one item more or less."""
        return Fraction(self.items, self.one)

    @property
    def fewest_runs(self) -> int:
        return min(arm.n for arm in self.arms)

    @property
    def decimals_said(self) -> int:
        """Of what is computed: as many as are printed, and hundredths of a point at least."""
        printed = (number.decimals for arm in self.arms for number in arm.numbers.values())
        return max(*printed, 2 if self.unit is Unit.PERCENT else 4)
