"""The words of an audit: fixed sentences about what agrees with a table, and nothing that is decided."""

from typing import Literal

from orchestrator.compare.audit.agreement import Agreement
from orchestrator.compare.audit.pair_numbers import Range
from orchestrator.compare.audit.printed import PrintedTable, Unit
from orchestrator.compare.audit.readings import Allowance, Reading, most_decimals
from orchestrator.compare.statistics.estimates import LEVEL
from orchestrator.compare.statistics.power import MOST_SEEDS

Kind = Literal["SHOWN", "NOT SHOWN", "NOT DECIDED"]
"""p is under the level in every pair of sets; in none; in some, or in all but with runs too few to rely on it."""

SCOPE = (
    "Shown is what has p under 0.05 in every pair of sets, without a correction for whatever else was tried. "
    "Runs are taken as independent, for a table does not say which belong together, and items as they are: "
    "nothing is said of new items."
)
MOST_EXAMPLES = 4


def means(kind: Kind, leads: int | None, found: Agreement, table: PrintedTable) -> str:
    """`leads`: the arm whose mean is the higher in every set."""
    match kind:
        case "SHOWN":
            assert leads is not None
            said = f"{_shown(found)}: {table.arms[leads].name} has the higher mean."
        case "NOT SHOWN":
            said = "NOT SHOWN: that the means differ."
        case "NOT DECIDED":
            said = "NOT DECIDED: whether the means differ."
    further = [
        f"{name} {p_range(found.ranges[key])}"
        for name, key in (("permutation", "permutation_p"), ("Mann–Whitney", "mann_whitney_p"))
        if found.ranges[key] is not None
    ]
    beside = f" ({', '.join(further)})" if further else ""
    said += f" {_p('Welch', 'welch_p', found)}{beside}. {_interval(found, table)}"
    return (
        f"{said} Nothing between is excluded: that the means are equal is not shown either."
        if kind == "NOT SHOWN"
        else said
    )


def spread(kind: Kind, leads: int | None, found: Agreement, table: PrintedTable) -> str:
    """`leads`: the arm that varies more in every set."""
    match kind:
        case "SHOWN":
            assert leads is not None
            said = f"{_shown(found)}: {table.arms[leads].name} varies more."
        case "NOT SHOWN":
            said = "NOT SHOWN: that one arm varies more than the other."
        case "NOT DECIDED":
            said = "NOT DECIDED: whether one arm varies more than the other."
    sds = ", ".join(f"{value_range(sd, table)} ({arm.name})" for sd, arm in zip(found.sds, table.arms, strict=True))
    if found.by_moments:
        return (
            f"{said} Brown–Forsythe's test, which would decide, needs the runs. By the F test, which skewed or "
            f"stalled runs mislead, p is {p_range(found.ranges['f_p'])}. Standard deviations: {sds}."
        )
    f_test = f" (F test {p_range(found.ranges['f_p'])})" if found.ranges["f_p"] else ""
    return f"{said} {_p('Brown–Forsythe', 'brown_forsythe_p', found)}{f_test}. Standard deviations: {sds}."


def too_few(needed: int) -> str:
    return f"With fewer than {needed} runs an arm such a p is not to be relied on."


def few_for_spread(needed: int) -> str:
    return f"With fewer than {needed} runs an arm a test of spread finds the grossest differences only."


def runs_needed(needed: tuple[int | None, int | None] | None) -> str:
    """From the fewest to the most that it may be; None is beyond any sensible number."""
    if needed is None:
        return "Without variance nothing can be said of chance."
    least, most = needed
    if least is None:
        number = f"more than {MOST_SEEDS:,}"
    elif most is None:
        number = f"{least:,} or more"
    else:
        number = f"{least:,}" if least == most else f"{least:,} to {most:,}"
    return f"To find a difference of this size with 80% power takes {number} runs of each arm."


def agreeing(found: Agreement, table: PrintedTable) -> str:
    """How much agrees with the widest reading, and how much of it was looked at."""
    (first, second), (a, b) = found.sets, table.arms
    if found.by_moments:
        many = " and of ".join(arm.name for arm, sets in zip(table.arms, found.sets, strict=True) if sets is None)
        return (
            f"The sets of runs on {table.items:,} items that agree with what is printed of {many} are too many to "
            "be gone through. The ranges are what mean, sd and n leave open, each number anywhere within its "
            "rounding: Welch's t and F follow from these alone. Permutation, Mann–Whitney and Brown–Forsythe need "
            "the runs, and are not computed; nor were contradictions looked for."
        )
    said = (
        f"{counted(first)} × {counted(second)} = {found.pairs:,} pairs of sets of runs on {table.items:,} items "
        f"agree with what is printed of {a.name} and {b.name}."
    )
    if not found.complete:
        said += (
            f" {found.looked_at:,} of them were looked at, drawn at random beside the extreme sets: "
            "the true ranges are at least as wide."
        )
    return said


def counted(sets: int | None) -> str:
    return "too many" if sets is None else f"{sets:,}"


def ruled_out(letter: str) -> str:
    return f"Reading {letter} is ruled out: no runs agree with it."


def otherwise(letter: str, question: str, kind: Kind) -> str:
    """Of a reading that decides what the widest leaves open."""
    return f"By reading {letter} alone, on the {question}: {kind}."


def contradiction(arm: str, why: str) -> str:
    return f"CONTRADICTION in {arm}: {why}."


def meaning(reading: Reading, table: PrintedTable) -> str:
    """What the numbers with fewer digits than the others stand for."""
    short = [
        (printed.text, float(printed.value), decimals[statistic], printed.decimals)
        for arm, decimals in zip(table.arms, reading.decimals, strict=True)
        for statistic, printed in arm.numbers.items()
        if printed.decimals < most_decimals(table, statistic)
    ]
    examples = list(
        dict.fromkeys(
            f"{text} is {value:.{taken}f}" if taken > given else f"{text} is {text} ± {0.5 / 10**given:g}"
            for text, value, taken, given in short
        )
    )
    if not examples:
        return "each number is rounded to the digits that it has"
    general = {
        Allowance.ZEROS_LEFT_OUT: "zeros at the end were left out",
        Allowance.COMPUTED_ROUNDED: "what was computed is rounded to its digits, single runs are exact",
        Allowance.ALL_ROUNDED: "each number is rounded to the digits that it has",
    }[reading.allowance]
    more = ", …" if len(examples) > MOST_EXAMPLES else ""
    return f"{general}: {', '.join(examples[:MOST_EXAMPLES])}{more}"


def unit(table: PrintedTable) -> str:
    return " points" if table.unit is Unit.PERCENT else ""


def p_range(found: Range | None) -> str:
    return "undefined" if found is None else _to(_p_said(found.low), _p_said(found.high))


def value_range(found: Range | None, table: PrintedTable, sign: str = "") -> str:
    """`sign` is `+` where positive numbers are to carry theirs."""
    if found is None:
        return "–"
    low, high = (_unsigned_zero(f"{value:{sign}.{table.decimals_said}f}") for value in (found.low, found.high))
    return _to(low, high)


def ratio_range(found: Range | None) -> str:
    return "–" if found is None else _to(f"{found.low:.2f}", f"{found.high:.2f}")


def _shown(found: Agreement) -> str:
    """That no set says otherwise is known only where all were looked at."""
    return "SHOWN" if found.complete else "SHOWN as far as was looked"


def _p(test: str, key: str, found: Agreement) -> str:
    p = found.ranges[key]
    if p is None:
        return f"{test}'s p is undefined, for within an arm no run differs from another"
    if p.low < LEVEL <= p.high:
        where = ", depending on the runs"
    else:
        where = " in every pair of sets" + ("" if found.complete else " looked at")
    missing = f", and undefined in {p.undefined:,} pairs without variance" if p.undefined else ""
    if found.by_moments:
        where = ", depending on the digits that were rounded off" if "depending" in where else " throughout"
        missing = ", and undefined where no run differs from another" if p.undefined else ""
    return f"{test}'s p is {p_range(p)}{where}{missing}"


def _interval(found: Agreement, table: PrintedTable) -> str:
    a, b = table.arms
    said = f"{a.name} − {b.name} is {value_range(found.ranges['difference'], table, '+')}{unit(table)}"
    low, high = found.ranges["interval_low"], found.ranges["interval_high"]
    if low is None or high is None:
        return f"{said}."
    return (
        f"{said}; its 95% interval begins at {value_range(low, table, '+')} "
        f"and ends at {value_range(high, table, '+')}."
    )


def _to(low: str, high: str) -> str:
    return low if low == high else f"{low} to {high}"


def _p_said(p: float) -> str:
    return "<0.001" if p < 0.001 else f"{p:.3f}"


def _unsigned_zero(said: str) -> str:
    return said.lstrip("+-") if float(said) == 0 else said
