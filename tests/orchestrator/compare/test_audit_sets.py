"""Sets of runs that agree with printed numbers, against going through all there are, for few runs on few items."""

from fractions import Fraction
from itertools import combinations_with_replacement

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from tables import printed_arm, printed_table

from orchestrator.compare.audit.bounds import bounds_of
from orchestrator.compare.audit.contradictions import contradictions
from orchestrator.compare.audit.printed import PrintedArm, PrintedTable, Statistic
from orchestrator.compare.audit.readings import readings
from orchestrator.compare.audit.sets import agreeing_sets

ALL = 10**6
FLOATS = 1e-9
"""What floating-point arithmetic may be off by; no grid here is as fine."""


def statistics(values: np.ndarray) -> dict[Statistic, tuple[np.ndarray, ...]]:
    """Of each row, as numpy computes it; two for a standard deviation, of which papers print either."""
    return {
        Statistic.MIN: (values.min(1),),
        Statistic.MEAN: (values.mean(1),),
        Statistic.MEDIAN: (np.median(values, axis=1),),
        Statistic.MAX: (values.max(1),),
        Statistic.SD: (values.std(1, ddof=1), values.std(1, ddof=0)),
    }


@st.composite
def arms(draw: st.DrawFn, honest: bool) -> tuple[PrintedArm, int]:
    """What a paper may print of a few runs on a few items; if it is not honest, with a digit changed."""
    items, n = draw(st.integers(3, 11)), draw(st.integers(2, 5))
    runs = draw(st.lists(st.integers(0, items), min_size=n, max_size=n))
    decimals = draw(st.integers(0, 2))
    given_too = draw(st.sampled_from([(), ("median",), ("sd",), ("mean", "sd"), ("median", "mean"), ("mean",)]))
    keys = [*("min", "max"), *given_too] if draw(st.booleans()) else ["mean", "sd", *given_too]
    of = statistics(np.array([runs]) * 100 / items)
    numbers = {key: float(of[Statistic(key)][0][0]) for key in keys}
    if not honest:
        key = draw(st.sampled_from(sorted(numbers)))
        numbers[key] = min(100, abs(numbers[key] + draw(st.sampled_from([-9, -0.9, -0.05, 0.05, 0.9, 9]))))
    texts = {key: f"{value:.{decimals}f}" for key, value in numbers.items()}
    return printed_arm("x", n, **texts), items


def found(arm: PrintedArm, items: int) -> set[tuple[int, ...]]:
    decimals = {statistic: printed.decimals for statistic, printed in arm.numbers.items()}
    sets = agreeing_sets(bounds_of(arm, decimals, Fraction(items, 100), items), ALL)
    assert sets is not None
    rows = [tuple(map(int, row)) for row in sets]
    assert len(set(rows)) == len(rows), "a set is found twice"
    return set(rows)


def everything(arm: PrintedArm, items: int) -> set[tuple[int, ...]]:
    """By the definition of rounding, in percent."""
    rows = np.array(list(combinations_with_replacement(range(items + 1), arm.n)))
    of, kept = statistics(rows * 100 / items), np.ones(len(rows), dtype=bool)
    for statistic, printed in arm.numbers.items():
        near = [abs(value - float(printed.value)) <= 0.5 / 10**printed.decimals + FLOATS for value in of[statistic]]
        kept &= np.any(near, axis=0)
    return set(map(tuple, rows[kept].tolist()))


@given(arms(honest=True))
def test_exactly_the_sets_that_round_to_the_printed_numbers_are_found(case: tuple[PrintedArm, int]) -> None:
    arm, items = case
    expected = everything(arm, items)
    assert expected, "the runs that were printed agree with their numbers"
    assert found(arm, items) == expected


@given(arms(honest=False))
def test_an_arm_is_contradicted_where_nothing_agrees_and_by_true_sentences(case: tuple[PrintedArm, int]) -> None:
    arm, items = case
    assert found(arm, items) == everything(arm, items)
    assume(not everything(arm, items))
    table = table_of(arm, items)
    decimals = readings(table)[-1].decimals[0]
    said = contradictions(arm, bounds_of(arm, decimals, table.steps_of_one, items), table, ALL)
    assert said
    for sentence in said:
        statistic, text = sentence.split(":")[0].split(" ")[:2]
        assert arm.numbers[Statistic(statistic)].text == text.rstrip(",")


def table_of(arm: PrintedArm, items: int) -> PrintedTable:
    return printed_table(arm, printed_arm("y", 2, min="0", max="100"), items)


CONTRADICTED = {
    "min 85.47: no accuracy on 2,500 items rounds to it; the nearest are 85.44 and 85.48": (
        2500,
        printed_arm("x", 5, min="85.47", max="86.52"),
    ),
    "mean 33.3: no mean of 5 runs on 20 items rounds to it; the nearest are 33 and 34": (
        20,
        printed_arm("x", 5, min="10", mean="33.3", max="60"),
    ),
    "median 33: no median of 4 runs on 10 items rounds to it; the nearest are 30 and 35": (
        10,
        printed_arm("x", 4, min="10", median="33", max="60"),
    ),
    "min 60 is above max 10; they may have changed places": (10, printed_arm("x", 5, min="60", max="10")),
    "mean 62 is above max 60; they may have changed places": (
        10,
        printed_arm("x", 5, min="10", mean="62", max="60"),
    ),
    "mean 50: 5 runs with min 10 and median 20 and max 60 have a mean of 24.00 to 34.00": (
        10,
        printed_arm("x", 5, min="10", mean="50", median="20", max="60"),
    ),
    "mean 20: 4 runs with min 10 and median 35 and max 60 have a mean of 35.00 to 35.00": (
        10,
        printed_arm("x", 4, min="10", mean="20", median="35", max="60"),
    ),
    "mean 50: 6 runs with min 10 and median 35 and max 60 have a mean of 31.67 to 38.33": (
        10,
        printed_arm("x", 6, min="10", mean="50", median="35", max="60"),
    ),
    "sd 1.5: no 3 runs that agree with the other numbers have it; the nearest is 26.46 by n − 1, and 21.60 by n": (
        10,
        printed_arm("x", 3, min="10", mean="30", max="60", sd="1.5"),
    ),
    "mean 30.00, sd 0.001: no 5 accuracies on 10,000 items have all of these at once": (
        10_000,
        printed_arm("x", 5, mean="30.00", sd="0.001"),
    ),
}


@pytest.mark.parametrize("sentence", CONTRADICTED)
def test_a_contradiction_is_said_by_its_plainest_cause(sentence: str) -> None:
    items, arm = CONTRADICTED[sentence]
    table = table_of(arm, items)
    decimals = {statistic: printed.decimals for statistic, printed in arm.numbers.items()}
    bounds = bounds_of(arm, decimals, table.steps_of_one, items)
    assert contradictions(arm, bounds, table, ALL) == (sentence,)


def test_more_sets_than_are_asked_for_are_not_built() -> None:
    arm = printed_arm("x", 12, min="10.0", max="90.0")
    bounds = bounds_of(arm, {Statistic.MIN: 1, Statistic.MAX: 1}, Fraction(1000, 100), 1000)
    assert agreeing_sets(bounds, 10_000) is None
    few = bounds_of(
        printed_arm("x", 3, min="10.0", max="90.0"), {Statistic.MIN: 1, Statistic.MAX: 1}, Fraction(10), 1000
    )
    sets = agreeing_sets(few, 801)
    assert sets is not None
    assert len(sets) == 801
    assert agreeing_sets(few, 800) is None
