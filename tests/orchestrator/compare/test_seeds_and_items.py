"""The seeds × items interval: by hand, against statsmodels' analysis of variance, and by coverage."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.formula.api import ols
from statsmodels.stats.anova import anova_lm

from orchestrator.compare.statistics.differences import paired_t
from orchestrator.compare.statistics.seeds_and_items import mean_squares, paired_over_items, two_samples_over_items


def scores(rng: np.random.Generator, seeds: int, items_N: np.ndarray, seed_sd: float, sd: float) -> np.ndarray:
    """Additive: luck of the seed, of the item, and of the two together."""
    noise = rng.normal(0, sd, (seeds, len(items_N)))
    return rng.normal(0, seed_sd, (seeds, 1)) + items_N + noise


def test_mean_squares_are_those_of_an_analysis_of_variance() -> None:
    rng = np.random.default_rng(0)
    scores_SN = scores(rng, 4, rng.normal(size=7), 0.5, 1.0)
    long = pd.DataFrame(scores_SN).stack().rename("y").reset_index()
    oracle = anova_lm(ols("y ~ C(level_0) + C(level_1)", long).fit())["mean_sq"]
    found = mean_squares(scores_SN)
    assert (found.seed, found.item, found.residual) == pytest.approx(tuple(oracle))
    assert found.seed_variance == pytest.approx((oracle.iloc[0] - oracle.iloc[2]) / 7)


def test_pairs_by_hand() -> None:
    """Differences 0 1 / 2 5: run means .5 and 3.5, item means 1 and 3, residuals ±.5."""
    a, b = np.array([[3.0, 1.0], [2.0, 5.0]]), np.array([[3.0, 0.0], [0.0, 0.0]])
    found = paired_over_items(a, b)
    assert found.estimate.estimate == 2
    # Variances of the mean: of 3² / 2 over 2 runs, of 2² / 2 over 2 items, of residuals 4 × .25 over 4.
    assert (found.seed_variance, found.item_variance, found.residual_variance) == (2.25, 1, 0.25)
    assert found.estimate.se == pytest.approx(3**0.5)
    assert found.estimate.df == pytest.approx(3**2 / (2.25**2 + 1 + 0.25**2))
    assert found.beyond_seeds == 0.75


def test_two_samples_by_hand() -> None:
    a, b = np.array([[3.0, 1.0], [2.0, 6.0]]), np.array([[1.0, 0.0], [0.0, 1.0], [2.0, 2.0]])
    found = two_samples_over_items(a, b)
    one, other = mean_squares(a), mean_squares(b)
    item = np.var([2.5 - 1, 3.5 - 1], ddof=1) / 2
    seed = [one.seed / 4, other.seed / 6]
    residual = [one.residual / 4, other.residual / 6]
    total = max(item + sum(seed) - sum(residual), item, sum(seed))
    assert found.estimate.estimate == pytest.approx(2)
    assert found.estimate.se == pytest.approx(total**0.5)
    uncertain = seed[0] ** 2 + seed[1] ** 2 / 2 + item**2 + residual[0] ** 2 + residual[1] ** 2 / 2
    assert found.estimate.df == pytest.approx(total**2 / uncertain)


def test_the_variance_is_at_least_that_of_items_and_that_of_seeds() -> None:
    """Where residuals are large by chance, the sum would fall below either."""
    opposed = np.array([[1.1, -0.9], [-1.0, 1.0]])
    found = paired_over_items(opposed, np.zeros((2, 2)))
    assert found.estimate.se is not None
    assert found.residual_variance > found.item_variance + found.seed_variance
    assert found.estimate.se**2 == pytest.approx(max(found.item_variance, found.seed_variance))
    wider = paired_over_items(np.array([[1.3, -1.0], [-0.9, 1.0]]), np.zeros((2, 2)))
    assert wider.estimate.se is not None
    assert wider.residual_variance > wider.item_variance > wider.seed_variance > 0
    assert wider.estimate.se**2 == pytest.approx(0.01)  # of the items' means, .2 and 0
    assert wider.beyond_seeds == 0


@given(st.integers(0, 1000), st.floats(0.1, 10))
def test_units_shifts_and_the_order_of_arms_do_not_matter(number: int, scale: float) -> None:
    rng = np.random.default_rng(number)
    a, b = rng.normal(size=(5, 9)), rng.normal(size=(5, 9))
    for method in (paired_over_items, two_samples_over_items):
        found, moved, turned = method(a, b), method(scale * a + 3, scale * b + 3), method(b, a)
        assert (moved.estimate.p, turned.estimate.p) == (pytest.approx(found.estimate.p),) * 2
        assert moved.estimate.estimate == pytest.approx(scale * found.estimate.estimate)
        assert turned.estimate.estimate == pytest.approx(-found.estimate.estimate)


def test_without_luck_of_the_items_it_is_the_paired_t() -> None:
    a, b = np.tile([[1.0], [2.0], [4.0]], 50), np.zeros((3, 50))
    found, plain = paired_over_items(a, b).estimate, paired_t(a.mean(1), b.mean(1))
    assert (found.se, found.df, found.p) == pytest.approx((plain.se, plain.df, plain.p))


@pytest.mark.parametrize("method", [paired_over_items, two_samples_over_items])
def test_it_covers_the_difference_for_new_items_where_the_paired_t_does_not(method) -> None:  # type: ignore[no-untyped-def]
    """Items differ in what they say of the arms; few are evaluated. Five seeds."""
    rng, repetitions = np.random.default_rng(1), 500
    covered = {"items": 0, "fixed": 0}
    for _ in range(repetitions):
        a = scores(rng, 5, rng.normal(0, 1, 100), 0.05, 0.5)
        b = scores(rng, 5, rng.normal(0, 1, 100), 0.05, 0.5)
        wide, narrow = method(a, b).estimate.interval, paired_t(a.mean(1), b.mean(1)).interval
        covered["items"] += 0 in wide
        covered["fixed"] += 0 in narrow  # type: ignore[operator]
    # Two standard errors of a share of .95 in 500 are .02.
    assert 0.93 <= covered["items"] / repetitions <= 0.985
    assert covered["fixed"] / repetitions < 0.75


def test_scores_that_are_all_alike_have_no_interval() -> None:
    found = paired_over_items(np.ones((3, 4)), np.full((3, 4), 0.1 + 0.2))
    assert (found.estimate.interval, found.estimate.p) == (None, None)
    assert found.estimate.estimate == pytest.approx(0.7)
