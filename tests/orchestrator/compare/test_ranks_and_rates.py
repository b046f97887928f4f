"""Shares and ranks, against published answers, statsmodels and scipy."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from known import BCE, CE, DRUG_1, DRUG_2, PERMEABILITY_TERM, PERMEABILITY_WEEK_12
from scipy import stats
from statsmodels.stats.nonparametric import rank_compare_2indep
from statsmodels.stats.proportion import proportion_confint

from orchestrator.compare.statistics.dominance import mann_whitney, win_probability
from orchestrator.compare.statistics.rates import rate, rate_difference


def test_brunner_munzel_of_scipys_example() -> None:
    x = [1, 2, 1, 1, 1, 1, 1, 1, 1, 1, 2, 4, 1, 1]
    y = [3, 3, 4, 3, 1, 2, 3, 1, 1, 5, 4]
    found = win_probability(y, x)
    assert found.statistic == pytest.approx(3.1374675, abs=5e-8)
    assert found.p == pytest.approx(0.005786209, abs=5e-10)
    assert found.estimate == pytest.approx(0.788961, abs=5e-7)


whole = st.lists(st.integers(0, 12), min_size=3, max_size=12).filter(lambda values: len(set(values)) > 2)


@given(whole, whole)
def test_brunner_munzel_is_that_of_statsmodels(a: list[int], b: list[int]) -> None:
    found = win_probability(a, b)
    turned = win_probability(b, a)
    assert found.estimate + turned.estimate == pytest.approx(1)
    if found.interval is None:
        return
    assert turned.p == pytest.approx(found.p)
    oracle = rank_compare_2indep(np.array(a), np.array(b))
    assert (found.estimate, found.p) == (pytest.approx(oracle.prob1), pytest.approx(oracle.pvalue))
    low, high = oracle.conf_int()
    assert (found.interval.low, found.interval.high) == (pytest.approx(max(0, low)), pytest.approx(min(1, high)))


def test_complete_separation_has_a_share_and_neither_interval_nor_p() -> None:
    found = win_probability([5, 6, 7], [1, 2, 3])
    assert (found.estimate, found.interval, found.p) == (1, None, None)


def test_mann_whitney() -> None:
    for sample, other, u, p in ((DRUG_1, DRUG_2, 25.5, 0.0693276), (BCE, CE, 12, 1)):
        # R corrects the normal approximation for continuity, and so does scipy.
        found = mann_whitney(sample, other)
        assert (found.statistic, found.p) == (u, pytest.approx(p, abs=5e-8))
    found = mann_whitney(PERMEABILITY_TERM, PERMEABILITY_WEEK_12)
    exact = stats.mannwhitneyu(PERMEABILITY_TERM, PERMEABILITY_WEEK_12, alternative="greater", method="exact")
    assert (found.statistic, exact.pvalue) == (35, pytest.approx(0.1272061, abs=5e-8))
    assert found.p == pytest.approx(2 * 0.1272061, abs=1e-7)
    assert found.estimate == 35 / 50


@given(st.integers(1, 60).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_a_rate_has_wilsons_interval(counted: tuple[int, int]) -> None:
    found = rate(*counted)
    assert found is not None
    assert found.interval is not None
    bounds = proportion_confint(*counted, method="wilson")
    assert (found.interval.low, found.interval.high) == pytest.approx(bounds, abs=1e-9)


def test_no_runs_have_no_rate() -> None:
    assert rate(0, 0) is None


def test_rates_differ_by_fishers_test() -> None:
    """By hand: 0 of 5 against 5 of 5 is one of 252 tables at either end."""
    found = rate_difference((0, 5), (5, 5))
    assert (found.estimate, found.p) == (-1, pytest.approx(2 / 252))
    assert rate_difference((1, 10), (1, 10)).p == pytest.approx(1)
