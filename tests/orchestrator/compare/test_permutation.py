"""Permutation tests, against published answers, scipy's own, and each other."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from known import BCE, CE, DRUG_1, DRUG_2
from scipy import stats

from orchestrator.compare.statistics.permutation import MOST_COUNTED, permuted_welch, sign_flip

UNUSED = np.random.default_rng(0)


def test_runs_that_agree_with_the_paper() -> None:
    found = permuted_welch(BCE, CE, UNUSED)
    assert found.p == pytest.approx(0.690476, abs=5e-7)
    assert (found.exact, found.arrangements) == (True, 252)


def test_sign_flips_of_rs_sleep_data_are_scipys() -> None:
    oracle = stats.permutation_test(
        (DRUG_2 - DRUG_1,), np.mean, permutation_type="samples", n_resamples=np.inf, axis=-1
    )
    found = sign_flip(DRUG_1, DRUG_2, UNUSED)
    assert found.p == pytest.approx(oracle.pvalue, abs=1e-12)
    assert (found.exact, found.arrangements) == (True, 1024)


@settings(max_examples=30)
@given(st.lists(st.integers(0, 9), min_size=4, max_size=9), st.integers(2, 7))
def test_dealings_out_are_scipys_ties_among_them(pooled: list[int], n: int) -> None:
    n = min(n, len(pooled) - 2)
    a, b = np.array(pooled[:n], float), np.array(pooled[n:], float)
    if np.ptp(pooled) == 0:
        assert permuted_welch(a, b, UNUSED).p is None
        return

    def welch(x: np.ndarray, y: np.ndarray, axis: int) -> np.ndarray:
        distance = np.abs(x.mean(axis) - y.mean(axis))
        spread = x.var(axis, ddof=1) / x.shape[axis] + y.var(axis, ddof=1) / y.shape[axis]
        with np.errstate(all="ignore"):
            return np.where(
                spread < 1e-12, np.where(distance > 1e-9, 1e9, 0), np.round(distance / np.sqrt(spread), 9)
            )

    oracle = stats.permutation_test((a, b), welch, alternative="greater", n_resamples=np.inf, vectorized=True)
    assert permuted_welch(a, b, UNUSED).p == pytest.approx(oracle.pvalue, abs=1e-12)


def test_equal_means_are_as_far_out_as_all_others_though_their_difference_is_rounded() -> None:
    assert permuted_welch([0, 0, 0, 0, 0.2], [0, 0, 0, 0.08, 0.12], UNUSED).p == 1
    assert permuted_welch([0.1, 0.2, 0.3], [0.2, 0.2, 0.2], UNUSED).p == 1
    assert sign_flip([0.1, 0.2, 0.3, 0.4], [0.2, 0.4, 0.3, 0.1], UNUSED).p == 1
    assert sign_flip([0.1, 0.7, 0.3], [0.2, 0.5, 0.4], UNUSED).p == 1


@pytest.mark.parametrize(("n", "smallest"), [(3, 0.10), (4, 0.029), (5, 0.0079)])
def test_complete_separation_has_the_smallest_p_that_so_few_runs_can_have(n: int, smallest: float) -> None:
    found = permuted_welch(np.arange(n) + 0.5, np.arange(n) + 100.0, UNUSED)
    assert found.p == found.smallest_p == pytest.approx(smallest, abs=5e-4)


@pytest.mark.parametrize(("n", "smallest"), [(5, 0.0625), (6, 0.03125)])
def test_pairs_that_all_agree_have_the_smallest_p_that_so_few_can_have(n: int, smallest: float) -> None:
    found = sign_flip(np.arange(n) + 1.1, np.zeros(n), UNUSED)
    assert found.p == found.smallest_p == smallest


def test_sums_that_differ_by_rounding_are_ties() -> None:
    """.1 + .2 − .3 is not 0 in binary: of 8 arrangements all but those of |.6| reach |.0|, and those do, too."""
    assert sign_flip([0.1, 0.2, -0.3], [0, 0, 0], UNUSED).p == 1
    assert sign_flip([0.1, 0.2, 0.3], [0, 0, 0], UNUSED).p == 0.25


def test_many_runs_are_sampled_with_the_generator_given_and_it_is_said() -> None:
    rng = np.random.default_rng(1)
    a, b = rng.normal(0.4, 1, 30), rng.normal(0, 1, 30)
    for test, oracle in ((sign_flip, stats.ttest_rel), (permuted_welch, stats.ttest_ind)):
        found = test(a, b, np.random.default_rng(2))
        assert found.arrangements > MOST_COUNTED
        assert not found.exact
        assert "drawn at random" in found.method
        assert found == test(a, b, np.random.default_rng(2))
        assert found.p != test(a, b, np.random.default_rng(5)).p
        assert found.p == pytest.approx(oracle(a, b).pvalue, abs=0.02)
    assert permuted_welch(np.arange(30.0), np.arange(30) + 1e6, UNUSED).p == pytest.approx(1 / 20_001)


def test_runs_without_a_difference_anywhere_have_no_p() -> None:
    assert sign_flip(DRUG_1, DRUG_1, UNUSED).p is None
    assert permuted_welch(np.full(4, 0.3), np.full(4, 0.1 + 0.2), UNUSED).p is None


@given(st.lists(st.integers(-20, 20), min_size=3, max_size=7))
def test_the_order_of_arms_and_the_unit_do_not_matter(values: list[int]) -> None:
    a = np.array(values, float) + np.arange(len(values)) / 7
    b = np.arange(len(values)) ** 2.0
    for test in (sign_flip, permuted_welch):
        p = test(a, b, UNUSED).p
        assert test(b, a, UNUSED).p == pytest.approx(p, abs=1e-12)
        assert test(3 * a - 5, 3 * b - 5, UNUSED).p == pytest.approx(p, abs=1e-12)


def test_the_smallest_p_is_that_of_the_arrangements_there_are() -> None:
    """Of 3 and 4 runs 1 in 35, of 4 and 4 2 in 70; 17 pairs are all counted, and of 18 a sample is drawn."""
    rng = np.random.default_rng(0)
    unequal, equal = (permuted_welch(rng.normal(size=n), rng.normal(size=4), rng).smallest_p for n in (3, 4))
    assert (unequal, equal) == (1 / 35, 2 / 70)
    counted, drawn = (sign_flip(rng.normal(size=n), rng.normal(size=n), rng) for n in (17, 18))
    assert (counted.exact, counted.smallest_p) == (True, 2 / 2**17)
    assert (drawn.exact, drawn.smallest_p) == (False, 1 / 20_001)
