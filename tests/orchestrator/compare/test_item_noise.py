"""What the items alone produce."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from known import TASKS
from statsmodels.stats.contingency_tables import cochrans_q as oracle_q

from orchestrator.compare.statistics.item_noise import cochrans_q, floor_if_calibrated, item_noise


def test_cochrans_q_of_twelve_subjects() -> None:
    found = cochrans_q(TASKS)
    assert (found.q, found.df) == (pytest.approx(9.8), 2)
    assert found.p == pytest.approx(0.0074466, abs=5e-8)


@given(st.integers(0, 10_000))
def test_cochrans_q_is_that_of_statsmodels(number: int) -> None:
    correct_SN = np.random.default_rng(number).random((4, 30)) < 0.7
    oracle = oracle_q(correct_SN.T.astype(int))
    found = cochrans_q(correct_SN)
    assert (found.q, found.p) == (pytest.approx(oracle.statistic), pytest.approx(oracle.pvalue))


@pytest.mark.parametrize(("items", "floor"), [(2_500, 0.0053), (22_500, 0.00176)])
def test_the_floor_of_calibrated_arms_falls_as_the_items_grow(items: int, floor: float) -> None:
    assert floor_if_calibrated(0.14, items) == pytest.approx(floor, abs=2e-5)


def runs(rng: np.random.Generator, seed_sd: float) -> np.ndarray:
    """60 runs, calibrated together: an item that a share q of them gets right is so labelled with probability q."""
    q_N = rng.choice([0.1, 0.4, 0.6, 0.9], 4000)
    right_N = np.where(rng.random(4000) < q_N, q_N, 1 - q_N)
    return rng.random((60, 4000)) < np.clip(right_N + rng.normal(0, seed_sd, (60, 1)), 0, 1)


def test_runs_of_equal_merit_spread_as_far_as_their_items_make_them() -> None:
    found = item_noise(runs(np.random.default_rng(0), 0))
    # Of 60 runs a standard deviation is known to within a tenth.
    assert found.sd == pytest.approx(found.floor, rel=0.25)
    assert found.floor == pytest.approx(floor_if_calibrated(0.33, 4000), rel=0.02)
    assert found.p is not None
    assert found.p > 0.05
    assert abs(found.seed_variance) < 0.3 * found.sd**2


def test_q_finds_runs_of_equal_merit_unequal_as_often_as_its_level_says() -> None:
    ps = [item_noise(runs(np.random.default_rng(number), 0)).p for number in range(100)]
    assert sum(p is not None and p < 0.05 for p in ps) <= 11


def test_runs_of_unequal_merit_spread_farther() -> None:
    found = item_noise(runs(np.random.default_rng(0), 0.03))
    assert found.p is not None
    assert found.p < 1e-6
    assert found.seed_variance == pytest.approx(0.03**2, rel=0.5)
    assert found.sd > 1.5 * found.floor


def test_runs_that_agree_on_every_item_have_no_q() -> None:
    found = item_noise(np.tile([True, False, True], (3, 1)))
    assert (found.q, found.p, found.sd, found.floor) == (None, None, 0, 0)


def test_runs_that_agree_on_most_of_their_errors_have_a_floor_under_that_of_calibrated_ones() -> None:
    """By hand: each item is got right by a share q of the runs, of its own; the mean of q (1 − q), over N."""
    q_N = np.where(np.arange(4000) < 600, 0.02, np.tile([0.98, 0.9], 2000))
    correct_SN = np.random.default_rng(0).random((60, 4000)) < q_N
    found = item_noise(correct_SN).floor
    assert found == pytest.approx(math.sqrt((q_N * (1 - q_N)).mean() / 4000), rel=0.02)
    assert found < 0.75 * floor_if_calibrated(float(1 - q_N.mean()), 4000)
