"""Calibration beside its null level; churn within and across arms."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.compare.statistics import churn
from orchestrator.compare.statistics.calibration import null_calibration, reliability
from trainables.evaluation import expected_calibration_error


def confidences(items: int) -> np.ndarray:
    """As of a classifier of film reviews: normal log odds, right four times in five."""
    return 1 / (1 + np.exp(-np.abs(np.random.default_rng(0).normal(0, 2.3, items))))


def test_a_calibrated_model_shows_some_error_and_less_with_more_items() -> None:
    few, many = (null_calibration(confidences(n), np.random.default_rng(1)) for n in (2_500, 25_000))
    assert few.estimate == pytest.approx(0.017, abs=0.001)
    assert many.estimate == pytest.approx(0.0052, abs=0.0002)
    assert few.high > few.estimate
    assert few == null_calibration(confidences(2_500), np.random.default_rng(1))
    assert few != null_calibration(confidences(2_500), np.random.default_rng(2))


def test_a_model_that_is_not_calibrated_lies_above_the_null_level() -> None:
    sure = confidences(2_500)
    right = np.random.default_rng(3).random(2_500) < sure - 0.05
    null = null_calibration(sure, np.random.default_rng(1))
    assert expected_calibration_error(sure, right) > null.high


def test_with_one_confidence_the_null_level_is_the_mean_error_of_a_share() -> None:
    """By hand: √(2/π · p (1 − p) / N), the mean distance of a normal share from its p."""
    found = null_calibration(np.full(2_000, 0.8), np.random.default_rng(0), repetitions=4000)
    assert found.estimate == pytest.approx((2 / np.pi * 0.16 / 2_000) ** 0.5, rel=0.04)


def test_the_upper_end_of_the_null_level_is_passed_by_one_calibrated_model_in_twenty() -> None:
    """By hand: 1.96 standard errors of a share."""
    found = null_calibration(np.full(2_000, 0.8), np.random.default_rng(0), repetitions=4000)
    assert found.high == pytest.approx(1.96 * (0.16 / 2_000) ** 0.5, rel=0.05)


def test_a_model_that_is_always_certain_has_a_null_level_of_0() -> None:
    assert null_calibration(np.ones(50), np.random.default_rng(0)).estimate == 0


def test_the_bins_say_how_often_an_arm_is_right_where_it_is_so_sure() -> None:
    """Two runs of three items: one item of each in the bin up to 2/3, the others in the last."""
    first = np.array([0.65, 0.95, 1.0]), np.array([True, True, False])
    second = np.array([0.63, 0.97, 0.98]), np.array([False, True, True])
    found = reliability([first, second])
    assert (found.runs, found.confidence, found.accuracy) == (2, pytest.approx(5.18 / 6), pytest.approx(4 / 6))
    low, high = found.bins
    assert (low.low, low.high) == (pytest.approx(9 / 15), pytest.approx(10 / 15))
    assert (low.items, low.confidence, low.accuracy) == (1, pytest.approx(0.64), 0.5)
    assert (low.lowest, low.highest) == (0, 1)
    assert (high.items, high.confidence, high.accuracy) == (2, pytest.approx(0.975), 0.75)
    assert (high.lowest, high.highest) == (0.5, 1)


def test_the_bins_hold_what_the_calibration_error_is_made_of() -> None:
    sure = confidences(500)
    right = np.random.default_rng(3).random(500) < sure - 0.05
    found = reliability([(sure, right)])
    error = sum(b.items * abs(b.accuracy - b.confidence) for b in found.bins) / 500
    assert error == pytest.approx(expected_calibration_error(sure, right))


classes = st.integers(0, 10_000).map(lambda n: np.random.default_rng(n).integers(0, 3, (4, 6)))


@given(classes)
def test_churn_within_an_arm_is_the_mean_over_its_pairs(predicted: np.ndarray) -> None:
    expected = np.mean([(a != b).mean() for a, b in itertools.combinations(predicted, 2)])
    found = churn.within(predicted)
    assert found is not None
    assert (found.estimate, found.pairs, found.items) == (pytest.approx(expected), 6, 6)


@given(classes, classes, st.booleans())
def test_churn_across_arms_is_the_mean_over_pairs_of_different_seeds(a, b, same_seed) -> None:  # type: ignore[no-untyped-def]
    pairs = [(i, j) for i in range(4) for j in range(4) if not (same_seed and i == j)]
    expected = np.mean([(a[i] != b[j]).mean() for i, j in pairs])
    found = churn.across(a, b, same_seed)
    assert found is not None
    assert (found.estimate, found.pairs) == (pytest.approx(expected), len(pairs))


def test_arms_that_are_one_churn_across_as_within() -> None:
    predicted = np.random.default_rng(0).integers(0, 2, (6, 50))
    within, across = churn.within(predicted), churn.across(predicted, predicted, same_seed=True)
    assert within is not None
    assert across is not None
    assert across.estimate == pytest.approx(within.estimate)


def test_one_run_has_no_churn() -> None:
    one = np.zeros((1, 3), np.int64)
    assert churn.within(one) is None
    assert churn.across(one, one, same_seed=True) is None
