"""Families of tests, and intervals that agree with their verdicts."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.multitest import multipletests

from orchestrator.compare.statistics.estimates import LEVEL, Interval, t_estimate
from orchestrator.compare.statistics.multiplicity import agreeing, agreeing_within, holm, simultaneous_confidence


def test_holm_of_a_worked_example() -> None:
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx((0.03, 0.06, 0.06, 0.02))
    assert holm([]) == ()


def test_of_a_larger_family_the_other_tests_count_as_not_rejected() -> None:
    assert holm([0.02, 0.01], tests=5) == pytest.approx(holm([0.02, 0.01, 1, 1, 1])[:2])
    assert holm([0.02, 0.01], tests=5) == pytest.approx((0.08, 0.05))


@settings(max_examples=5)  # statsmodels takes a third of a second for each
@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_holm_is_that_of_statsmodels(ps: list[float]) -> None:
    assert holm(ps) == pytest.approx(multipletests(ps, method="holm")[1])


def test_several_intervals_share_what_one_may_miss() -> None:
    assert simultaneous_confidence(0.95, 1) == 0.95
    assert simultaneous_confidence(0.95, 5) == pytest.approx(0.99)


@given(st.lists(st.floats(-6, 6).filter(lambda t: abs(t) > 1e-3), min_size=1, max_size=6), st.integers(0, 3))
def test_no_interval_contradicts_its_verdict(statistics: list[float], other_tests: int) -> None:
    """Also where tests of another kind are in the family."""
    differences = [t_estimate(t, 1.0, 9, [10], "t") for t in statistics]
    adjusted = holm([d.p for d in differences] + [0.04] * other_tests)  # type: ignore[misc]
    confidence = simultaneous_confidence(0.95, len(differences))
    for difference, p in zip(differences, adjusted, strict=False):
        interval = difference.interval_at(confidence)
        assert interval is not None
        shown = agreeing(interval, 0.0, difference.estimate, p < LEVEL)
        assert shown.low < difference.estimate < shown.high
        excludes = shown.low >= 0 or shown.high <= 0
        if p < LEVEL:
            assert excludes
            assert (shown.low, shown.high) in (
                (max(0.0, interval.low), interval.high),
                (interval.low, min(0.0, interval.high)),
            )
        else:
            assert 0 in shown
            assert shown.low <= interval.low
            assert shown.high >= interval.high


def test_an_interval_that_agrees_is_left_alone() -> None:
    apart, across = Interval(0.2, 0.4, 0.95), Interval(-0.2, 0.4, 0.95)
    assert agreeing(apart, 0, 0.3, rejected=True) == apart
    assert agreeing(across, 0, 0.1, rejected=False) == across
    assert agreeing(apart, 0, 0.3, rejected=False) == Interval(0, 0.4, 0.95)
    assert agreeing(across, 0, 0.1, rejected=True) == Interval(0, 0.4, 0.95)
    assert agreeing(Interval(-0.4, 0.2, 0.95), 0, -0.1, rejected=True) == Interval(-0.4, 0, 0.95)


def test_an_interval_of_equivalence_is_inside_the_margin_exactly_where_that_is_shown() -> None:
    inside, outside = Interval(-0.1, 0.3, 0.9), Interval(-0.6, 0.3, 0.9)
    assert agreeing_within(inside, 0.5, shown=True) == inside
    assert agreeing_within(outside, 0.5, shown=False) == outside
    assert agreeing_within(outside, 0.5, shown=True) == Interval(-0.5, 0.3, 0.9)
    assert agreeing_within(inside, 0.5, shown=False) == Interval(-0.1, 0.5, 0.9)
    assert agreeing_within(Interval(-0.4, 0.1, 0.9), 0.5, shown=False) == Interval(-0.5, 0.1, 0.9)


def test_an_interval_that_is_shown_to_lie_within_a_margin_is_cut_at_both_ends() -> None:
    assert agreeing_within(Interval(-2, 3, 0.9), 1, shown=True) == Interval(-1, 1, 0.9)
    assert agreeing_within(Interval(-0.2, 0.3, 0.9), 1, shown=True) == Interval(-0.2, 0.3, 0.9)
