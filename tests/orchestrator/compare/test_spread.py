"""Ratios of standard deviations and tests of equal spread, against published answers and statsmodels."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from known import BCE, CE, DRUG_1, DRUG_2
from scipy import stats
from statsmodels.stats.oneway import test_scale_oneway as scale_oneway

from orchestrator.compare.statistics.spread import brown_forsythe, f_interval, sd_ratio


def test_rs_sleep_data() -> None:
    bonett = sd_ratio(DRUG_1, DRUG_2)
    assert bonett is not None
    assert bonett.interval is not None
    assert (bonett.interval.low, bonett.interval.high) == pytest.approx((0.52159, 1.53059), abs=5e-6)
    f = f_interval(DRUG_1, DRUG_2)
    assert f is not None
    assert (f.statistic, f.p) == pytest.approx((0.7983426, 0.7427199), abs=5e-8)
    found = brown_forsythe(DRUG_1, DRUG_2)
    assert (found.statistic, found.p) == pytest.approx((0.2482050, 0.6243743), abs=5e-8)


def test_runs_that_agree_with_the_paper() -> None:
    bonett, f = sd_ratio(CE, BCE), f_interval(CE, BCE)
    assert bonett is not None
    assert bonett.interval is not None
    assert f is not None
    assert f.interval is not None
    assert bonett.estimate == pytest.approx(2.159836, abs=5e-7)
    assert (bonett.interval.low, bonett.interval.high) == pytest.approx((0.27016, 17.26684), abs=5e-6)
    assert (f.interval.low, f.interval.high) == pytest.approx((0.69692, 6.69358), abs=5e-6)
    assert (f.statistic, f.p) == pytest.approx((4.664890, 0.164965), abs=5e-7)
    found = brown_forsythe(CE, BCE)
    assert (found.statistic, found.p) == pytest.approx((0.576992, 0.469283), abs=5e-7)


def test_scipys_example_of_levene() -> None:
    a = [8.88, 9.12, 9.04, 8.98, 9.00, 9.08, 9.01, 8.85, 9.06, 8.99]
    b = [8.88, 8.95, 9.29, 9.44, 9.15, 9.58, 8.36, 9.18, 8.67, 9.05]
    c = [8.95, 9.12, 8.95, 8.85, 9.03, 8.84, 9.07, 8.98, 8.86, 8.98]
    # The example has three samples; of two the oracle is statsmodels.
    assert scale_oneway([a, b, c], method="equal", center="median", transform="abs").pvalue == pytest.approx(
        0.002431506, abs=5e-10
    )
    expected = scale_oneway([a, b], method="equal", center="median", transform="abs")
    found = brown_forsythe(a, b)
    assert (found.statistic, found.p) == pytest.approx((expected.statistic, expected.pvalue), rel=1e-9)


spread_samples = st.lists(st.integers(-1000, 1000), min_size=5, max_size=15, unique=True).map(np.array)


@given(spread_samples, spread_samples, st.floats(0.1, 10), st.integers(-50, 50))
def test_a_ratio_knows_no_unit_and_turns_into_its_inverse(a, b, scale, shift) -> None:  # type: ignore[no-untyped-def]
    for method in (sd_ratio, f_interval):
        found, moved, turned = method(a, b), method(scale * a + shift, scale * b + shift), method(b, a)
        assert found is not None
        assert moved is not None
        assert turned is not None
        assert moved.estimate == pytest.approx(found.estimate)
        assert moved.interval.low == pytest.approx(found.interval.low)
        assert turned.estimate == pytest.approx(1 / found.estimate)
        assert turned.interval.low == pytest.approx(1 / found.interval.high)
    assert brown_forsythe(a, b).p == pytest.approx(brown_forsythe(b, a).p)


@given(spread_samples, spread_samples)
def test_bonetts_p_is_the_level_at_which_his_interval_ends_at_one(a, b) -> None:  # type: ignore[no-untyped-def]
    found = sd_ratio(a, b)
    assert found is not None
    assert found.p is not None
    if not 1e-12 < found.p < 1 - 1e-9:
        return
    for confidence, contains in ((1 - found.p * 0.99, True), (1 - min(1.0, found.p * 1.01), False)):
        at = sd_ratio(a, b, confidence)
        assert at is not None
        assert at.interval is not None
        assert (1 in at.interval) == contains


def test_unequal_numbers_of_runs_shift_bonetts_interval_by_his_factor() -> None:
    """By hand from the paper: c = (n1 / (n1 − z)) / (n2 / (n2 − z))."""
    z, rng = 1.959963984540054, np.random.default_rng(1)
    a, b = rng.normal(size=8), rng.normal(size=20)
    found = sd_ratio(a, b)
    assert found is not None
    assert found.interval is not None
    centre = np.sqrt(found.interval.low * found.interval.high)
    assert centre == pytest.approx(found.estimate * np.sqrt(8 / (8 - z) / (20 / (20 - z))))


def test_bonetts_interval_covers_the_ratio_about_as_often_as_it_says() -> None:
    rng = np.random.default_rng(2)
    covered = 0
    for _ in range(600):
        found = sd_ratio(rng.normal(0, 2, 20), rng.normal(0, 1, 20))
        assert found is not None
        assert found.interval is not None
        covered += 2 in found.interval
    assert 0.92 <= covered / 600 <= 0.98


def test_what_cannot_be_had_is_none() -> None:
    constant = np.full(5, 0.1 + 0.2)
    assert sd_ratio(DRUG_1, constant) is None
    assert f_interval(constant, DRUG_1) is None
    alone = sd_ratio(constant, DRUG_1)
    assert alone is not None
    assert (alone.estimate, alone.interval) == (0, None)
    assert brown_forsythe(constant, constant + 1).p is None
    few = sd_ratio(DRUG_1[:4], DRUG_2)
    assert few is not None
    assert few.interval is None


def test_the_f_interval_ends_where_the_f_test_of_that_ratio_has_half_the_level() -> None:
    """Ten runs and five: the degrees of freedom are not to be changed over."""
    found = f_interval(DRUG_1, BCE)
    assert found is not None
    assert found.interval is not None
    f = DRUG_1.var(ddof=1) / BCE.var(ddof=1)
    assert stats.f.sf(f / found.interval.low**2, 9, 4) == pytest.approx(0.025)
    assert stats.f.cdf(f / found.interval.high**2, 9, 4) == pytest.approx(0.025)
