"""Why no runs agree with what is printed of an arm: which numbers cannot be, each by itself or beside the others.

That a mean of whole numbers cannot end in any digits is the test called GRIM (Brown and Heathers, *Social
Psychological and Personality Science* 2017).
"""

import math
from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise

import numpy as np

from orchestrator.compare.audit.bounds import Bounds, Span
from orchestrator.compare.audit.printed import PrintedArm, PrintedTable, Statistic
from orchestrator.compare.audit.sets import agreeing_sets, squared_spread

IN_ORDER = (Statistic.MIN, Statistic.MEDIAN, Statistic.MAX)


def contradictions(arm: PrintedArm, bounds: Bounds, table: PrintedTable, most_sets: int) -> tuple[str, ...]:
    """Sentences about an arm that no set agrees with; the plainest faults only, as others follow from them."""
    for faults in (_off_grid, _out_of_order, _mean_out_of_reach):
        found = tuple(faults(arm, bounds, table))
        if found:
            return found
    return (_spread_out_of_reach(arm, bounds, table, most_sets) or _together(arm, table),)


def _off_grid(arm: PrintedArm, bounds: Bounds, table: PrintedTable) -> Iterator[str]:
    for statistic, (span, times) in _spans(bounds).items():
        if statistic not in arm.numbers or not span.empty:
            continue
        printed = arm.numbers[statistic]
        step = 1 / (times * table.steps_of_one)
        below = math.floor(printed.value / step) * step
        what = "accuracy" if arm.is_a_run(statistic) else f"{statistic} of {arm.n} runs"
        yield (
            f"{statistic} {printed.text}: no {what} on {table.items:,} items rounds to it; "
            f"the nearest are {_exact(below)} and {_exact(below + step)}"
        )


def _out_of_order(arm: PrintedArm, bounds: Bounds, table: PrintedTable) -> Iterator[str]:
    spans = {s: v for s, v in _spans(bounds).items() if s in arm.numbers}
    order = [statistic for statistic in IN_ORDER if statistic in spans]
    pairs = [*pairwise(order), (Statistic.MIN, Statistic.MEAN), (Statistic.MEAN, Statistic.MAX)]
    for smaller, larger in pairs:
        if smaller in spans and larger in spans:
            (low, low_times), (high, high_times) = spans[smaller], spans[larger]
            if Fraction(low.low, low_times) > Fraction(high.high, high_times):
                yield (
                    f"{smaller} {arm.numbers[smaller].text} is above {larger} {arm.numbers[larger].text}; "
                    "they may have changed places"
                )


def _mean_out_of_reach(arm: PrintedArm, bounds: Bounds, table: PrintedTable) -> Iterator[str]:
    if Statistic.MEAN not in arm.numbers:
        return
    reach = bounds.without_spread().total_reach()
    if reach.low > bounds.total.high or bounds.total.low > reach.high:
        others = " and ".join(f"{s} {arm.numbers[s].text}" for s in IN_ORDER if s in arm.numbers)
        ends = (Fraction(total, arm.n) / table.steps_of_one for total in (reach.low, reach.high))
        span = " to ".join(_said(end, table) for end in ends)
        yield f"mean {arm.numbers[Statistic.MEAN].text}: {arm.n} runs with {others} have a mean of {span}"


def _spread_out_of_reach(arm: PrintedArm, bounds: Bounds, table: PrintedTable, most_sets: int) -> str:
    """Empty where it is not the spread, or too many sets agree with the other numbers to say."""
    if Statistic.SD not in arm.numbers:
        return ""
    sets = agreeing_sets(bounds.without_spread(), most_sets)
    if sets is None or not len(sets):
        return ""
    printed = arm.numbers[Statistic.SD]
    wanted = float(printed.value * table.steps_of_one)
    nearest = [
        f"{_said(min(sds, key=lambda sd: abs(sd - wanted)) / float(table.steps_of_one), table)} by {divisor_said}"
        for divisor, divisor_said in ((arm.n - 1, "n − 1"), (arm.n, "n"))
        for sds in [np.sqrt(np.unique(squared_spread(sets)) / (arm.n * divisor))]
    ]
    return (
        f"sd {printed.text}: no {arm.n} runs that agree with the other numbers have it; "
        f"the nearest is {nearest[0]}, and {nearest[1]}"
    )


def _together(arm: PrintedArm, table: PrintedTable) -> str:
    numbers = ", ".join(f"{statistic} {printed.text}" for statistic, printed in arm.numbers.items())
    return f"{numbers}: no {arm.n} accuracies on {table.items:,} items have all of these at once"


def _spans(bounds: Bounds) -> dict[Statistic, tuple[Span, int]]:
    """Each with how many times the number it is of."""
    return {
        Statistic.MIN: (bounds.lowest, 1),
        Statistic.MEAN: (bounds.total, bounds.n),
        Statistic.MEDIAN: (bounds.middle, 2 if bounds.two_middles else 1),
        Statistic.MAX: (bounds.highest, 1),
    }


def _said(value: float | Fraction, table: PrintedTable) -> str:
    return f"{float(value):.{table.decimals_said}f}"


def _exact(value: Fraction) -> str:
    """With as many digits as it has, and six at the most."""
    return f"{float(value):.6f}".rstrip("0").rstrip(".")
