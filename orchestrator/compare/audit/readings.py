"""What a printed number may stand for: a paper's 86.1 among numbers of two digits is 86.10, or anything near 86.1.

Each reading allows all that the one before it allows, so that what holds under the last holds under all.
A number on the edge between two roundings may have been rounded either way.
"""

from dataclasses import dataclass
from enum import StrEnum

from orchestrator.compare.audit.printed import PrintedArm, PrintedTable, Statistic


class Allowance(StrEnum):
    """How far numbers may be off, from strict to wide."""

    ZEROS_LEFT_OUT = "zeros_left_out"
    """Each number has all digits of the table; zeros at its end were not printed."""
    COMPUTED_ROUNDED = "computed_rounded"
    """The same for the values of single runs; means and the like are rounded to the digits they have."""
    ALL_ROUNDED = "all_rounded"
    """Each number is rounded to the digits it has."""


Decimals = dict[Statistic, int]


@dataclass(frozen=True)
class Reading:
    """To how many decimals each number of each arm is taken to be rounded."""

    allowance: Allowance
    decimals: tuple[Decimals, Decimals]


def readings(table: PrintedTable) -> tuple[Reading, ...]:
    """Those that differ, the strictest first; one, where all numbers have the same digits."""
    found: list[Reading] = []
    for allowance in Allowance:
        first, second = (_decimals(arm, table, allowance) for arm in table.arms)
        if all(reading.decimals != (first, second) for reading in found):
            found.append(Reading(allowance, (first, second)))
    return tuple(found)


def most_decimals(table: PrintedTable, statistic: Statistic) -> int:
    """Of the numbers like it: standard deviations are often printed with other digits than the rest."""
    of_spread = statistic is Statistic.SD
    return max(
        printed.decimals
        for arm in table.arms
        for other, printed in arm.numbers.items()
        if (other is Statistic.SD) == of_spread
    )


def _decimals(arm: PrintedArm, table: PrintedTable, allowance: Allowance) -> Decimals:
    return {
        statistic: printed.decimals
        if allowance is Allowance.ALL_ROUNDED
        or (allowance is Allowance.COMPUTED_ROUNDED and not arm.is_a_run(statistic))
        else most_decimals(table, statistic)
        for statistic, printed in arm.numbers.items()
    }
