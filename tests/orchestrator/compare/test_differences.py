"""Differences of means, against published answers, statsmodels and scipy."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from known import BCE, CE, DRUG_1, DRUG_2
from scipy import stats
from statsmodels.stats.weightstats import CompareMeans, DescrStatsW

from orchestrator.compare.rests_on import Evidence, Resampling
from orchestrator.compare.statistics.differences import hedges_g, paired_t, resampled_t, welch_t
from orchestrator.compare.statistics.equivalence import within_margin
from orchestrator.compare.statistics.estimates import Estimate, variance

samples = st.lists(st.integers(-1000, 1000), min_size=2, max_size=12, unique=True).map(
    lambda whole: np.array(whole) / 10
)
"""Not constant, of a size at which rounding plays no part."""


def answer(found: Estimate) -> tuple[float | None, ...]:
    assert found.interval is not None
    return (found.statistic, found.df, found.p, found.interval.low, found.interval.high)


def test_welch_of_rs_sleep_data() -> None:
    printed = (-1.8608135, 17.7764735, 0.0793941, -3.3654832, 0.2054832)
    assert answer(welch_t(DRUG_1, DRUG_2)) == pytest.approx(printed, abs=5e-8)


def test_paired_t_of_rs_sleep_data() -> None:
    printed = (-4.0621277, 9, 0.0028329, -2.4598858, -0.7001142)
    assert answer(paired_t(DRUG_1, DRUG_2)) == pytest.approx(printed, abs=5e-8)


def test_welch_of_runs_that_agree_with_the_paper() -> None:
    printed = (0.541129, 5.63959, 0.609109, -0.948511, 1.476511)
    found = welch_t(BCE, CE)
    assert answer(found) == pytest.approx(printed, abs=5e-6)
    assert (found.estimate, found.n) == (pytest.approx(0.264), (5, 5))
    assert hedges_g(BCE, CE) == pytest.approx(0.309120, abs=5e-7)


@given(samples, samples)
def test_welch_is_that_of_statsmodels(a: np.ndarray, b: np.ndarray) -> None:
    oracle = CompareMeans(DescrStatsW(a), DescrStatsW(b))
    t, p, df = oracle.ttest_ind(usevar="unequal")
    low, high = oracle.tconfint_diff(usevar="unequal")
    assert answer(welch_t(a, b)) == pytest.approx((t, df, p, low, high), rel=1e-7, abs=1e-9)


@given(samples)
def test_pairs_are_those_of_scipy(a: np.ndarray) -> None:
    b = np.sqrt(np.abs(a)) + np.arange(len(a))
    oracle = stats.ttest_rel(a, b)
    bounds = oracle.confidence_interval()
    expected = (oracle.statistic, oracle.df, oracle.pvalue, bounds.low, bounds.high)
    assert answer(paired_t(a, b)) == pytest.approx(expected, rel=1e-6, abs=1e-9)


@pytest.mark.parametrize("method", [paired_t, welch_t, lambda a, b: resampled_t(a, b, 500, 2000)])
@given(samples, st.floats(0.1, 10), st.integers(-50, 50))
def test_a_difference_scales_with_its_unit_shifts_with_neither_and_turns_its_sign(method, a, scale, shift) -> None:  # type: ignore[no-untyped-def]
    b = a[::-1] ** 2 / 50 + np.arange(len(a))
    found = method(a, b)
    moved = method(scale * a + shift, scale * b + shift)
    turned = method(b, a)
    assert moved.estimate == pytest.approx(scale * found.estimate, rel=1e-6, abs=1e-6)
    assert (moved.p, turned.p) == (pytest.approx(found.p, rel=1e-6), pytest.approx(found.p, rel=1e-9))
    assert turned.estimate == pytest.approx(-found.estimate)
    assert turned.interval.low == pytest.approx(-found.interval.high)


def test_a_split_drawn_anew_by_each_seed_widens_the_interval_by_the_share_evaluated() -> None:
    plain, wider = paired_t(DRUG_1, DRUG_2), resampled_t(DRUG_1, DRUG_2, evaluated=1000, trained=4000)
    # 1/n + 1/4 = .35 where 1/n was .1.
    assert wider.se == pytest.approx(plain.se * 3.5**0.5)  # type: ignore[operator]
    assert (wider.estimate, wider.df) == (plain.estimate, plain.df)
    assert wider.p is not None
    assert plain.p is not None
    assert wider.p > plain.p


def test_a_split_drawn_anew_by_each_seed_keeps_the_level_only_under_the_correction() -> None:
    """Ten splits of the same 500 items, each evaluated on 100 of them; neither arm is better."""
    rng = np.random.default_rng(3)
    false_alarms = np.zeros(2)
    repetitions, n = 400, 10
    for _ in range(repetitions):
        items = rng.standard_normal(500)
        differences = np.empty(n)
        for seed in range(n):
            differences[seed] = rng.choice(items, 100, replace=False).mean()
        plain, corrected = paired_t(differences, np.zeros(n)), resampled_t(differences, np.zeros(n), 100, 400)
        false_alarms += [plain.p < 0.05, corrected.p < 0.05]  # type: ignore[operator]
    assert false_alarms[0] / repetitions > 0.1
    assert false_alarms[1] / repetitions < 0.08


def test_runs_without_variance_have_a_difference_and_neither_interval_nor_p() -> None:
    same, other = np.full(5, 0.1 + 0.2), np.full(5, 0.3)
    for found in (welch_t(same, other + 0.1), paired_t(same, other), paired_t(DRUG_1, DRUG_1 + 0.1)):
        assert (found.interval, found.p, found.statistic) == (None, None, None)
    assert hedges_g(same, other) is None


def test_one_arm_without_variance_is_no_hindrance() -> None:
    assert welch_t(DRUG_1, np.zeros(10)).p == pytest.approx(stats.ttest_1samp(DRUG_1, 0).pvalue)


# Equivalence.


def test_two_one_sided_tests_of_rs_sleep_data() -> None:
    found = within_margin(welch_t(DRUG_1, DRUG_2), 4)
    assert found.p == pytest.approx(0.0053616, abs=5e-8)
    assert found.interval is not None
    assert found.interval.inside(4)


def test_without_variance_nothing_is_shown_to_be_equivalent() -> None:
    found = within_margin(paired_t([1.0, 1.0, 1.0], [1.0, 1.0, 1.0]), 4)
    assert (found.p, found.interval) == (None, None)


@given(samples, samples, st.floats(0.1, 300))
def test_equivalence_is_that_of_statsmodels_and_agrees_with_its_interval(a, b, margin) -> None:  # type: ignore[no-untyped-def]
    found = within_margin(welch_t(a, b), margin)
    oracle = CompareMeans(DescrStatsW(a), DescrStatsW(b)).ttost_ind(-margin, margin, usevar="unequal")[0]
    assert found.p == pytest.approx(oracle, rel=1e-6, abs=1e-12)
    assert found.interval is not None
    if abs(oracle - 0.05) > 1e-6:
        assert found.interval.inside(margin) == (oracle < 0.05)


def test_what_is_rounding_depends_on_the_size_of_the_numbers() -> None:
    assert variance(np.array([1.0, 2.0, 3.0]) * 1e-14) == pytest.approx(1e-28, rel=1e-6, abs=0)
    assert variance(np.array([0.0, 1.0, 2.0]) * 1e-9 + 1) == pytest.approx(1e-18, rel=1e-5, abs=0)
    assert variance(np.array([0.1 + 0.2, 0.3, 0.3])) == 0


def test_arms_that_share_no_seeds_have_the_variance_that_overlap_adds_of_each() -> None:
    """Eight runs and ten: s²(1/n + .25) of either."""
    a, b = DRUG_1[:8], DRUG_2
    evidence = Evidence(a, b, paired=False, resampling=Resampling(1, 4))
    found, spreads = evidence.resampled, (a.var(ddof=1), b.var(ddof=1))
    assert found is not None
    assert found.estimate == pytest.approx(a.mean() - b.mean())
    assert found.se == pytest.approx((spreads[0] * (1 / 8 + 0.25) + spreads[1] * (1 / 10 + 0.25)) ** 0.5)
    assert (evidence.sd, evidence.item_variance) == pytest.approx(((sum(spreads) / 2) ** 0.5, sum(spreads) / 4))
