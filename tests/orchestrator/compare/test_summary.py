"""The plain numbers of each arm, by hand."""

import math
import statistics

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.compare import ArmSummary, summarise

METRIC = "test_accuracy"


def frame(*cells: tuple[str, str, float | None]) -> pd.DataFrame:
    return pd.DataFrame(cells, columns=["arm", "status", METRIC])


def test_an_arm_is_summarised_over_its_finished_cells() -> None:
    (only,) = summarise(frame(*(("a", "finished", value) for value in (0.9, 0.5, 0.7, 0.6))), METRIC)
    # Mean 2.7 / 4; squares of the differences 0.050625 + 0.030625 + 0.000625 + 0.005625 = 0.0875, over n − 1 = 3.
    assert only == ArmSummary(
        arm="a",
        metric=METRIC,
        n=4,
        diverged=0,
        missing=0,
        failed=0,
        min=0.5,
        mean=pytest.approx(0.675),
        median=pytest.approx(0.65),
        max=0.9,
        sd=pytest.approx(math.sqrt(0.0875 / 3)),
    )


def test_what_is_not_finished_is_counted_and_never_averaged_in() -> None:
    """A cell that failed is tried again by the next run, and so it is missing, as one that has not begun."""
    cells = frame(
        ("a", "finished", 0.5),
        ("a", "diverged", 0.0),
        ("a", "failed", None),
        ("a", "begun", 0.1),
        ("a", "new", None),
    )
    (only,) = summarise(cells, METRIC)
    assert (only.n, only.diverged, only.missing, only.failed) == (1, 1, 3, 1)
    assert (only.min, only.mean, only.median, only.max) == (0.5, 0.5, 0.5, 0.5)


def test_one_cell_has_no_standard_deviation() -> None:
    (only,) = summarise(frame(("a", "finished", 0.5)), METRIC)
    assert only.sd is None


@pytest.mark.parametrize("status", ["diverged", "failed", "begun", "new"])
def test_an_arm_without_a_finished_cell_has_counts_and_no_statistics(status: str) -> None:
    (only,) = summarise(frame(("a", status, None), ("a", status, None)), METRIC)
    over = status == "diverged"
    assert only == ArmSummary(
        "a", METRIC, 0, 2 * over, 2 * (not over), 2 * (status == "failed"), None, None, None, None, None
    )


def test_a_sweep_in_which_nothing_is_finished_has_no_such_column_and_is_summarised_all_the_same() -> None:
    cells = frame(("a", "new", None), ("b", "failed", None)).drop(columns=METRIC)
    found = [(s.arm, s.n, s.diverged, s.missing) for s in summarise(cells, METRIC)]
    assert found == [("a", 0, 0, 1), ("b", 0, 0, 1)]


def test_arms_stay_in_the_order_of_the_sweep() -> None:
    cells = frame(("z", "finished", 0.1), ("a", "finished", 0.2), ("z", "finished", 0.3), ("m", "new", None))
    assert [(s.arm, s.n) for s in summarise(cells, METRIC)] == [("z", 2), ("a", 1), ("m", 0)]


@given(st.lists(st.floats(0, 1), min_size=2, max_size=30))
def test_the_numbers_are_those_of_the_standard_library(values: list[float]) -> None:
    (only,) = summarise(frame(*(("a", "finished", value) for value in values)), METRIC)
    assert (only.n, only.min, only.max) == (len(values), min(values), max(values))
    # Both round in their own order; the numbers are at most 1.
    assert only.mean == pytest.approx(statistics.fmean(values), abs=1e-12)
    assert only.median == pytest.approx(statistics.median(values), abs=1e-12)
    assert only.sd == pytest.approx(statistics.stdev(values), abs=1e-9)
