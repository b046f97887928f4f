"""What can be detected."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.power import TTestIndPower, TTestPower

from orchestrator.compare.seeds_asked import Family, SeedsAsked
from orchestrator.compare.statistics.power import (
    MOST_SEEDS,
    Design,
    detectable,
    equivalence_power,
    fewest_seeds,
    power,
    seeds_needed,
    upper_sd,
)


@pytest.mark.parametrize(("seeds", "printed"), [(5, 1.07), (10, 0.70), (20, 0.48), (50, 0.30), (100, 0.21)])
def test_detectable_differences_at_a_deviation_of_53_hundredths(seeds: int, printed: float) -> None:
    assert detectable(seeds, Design(0.53)) == pytest.approx(printed, abs=0.005)


@pytest.mark.parametrize(
    ("difference", "powers"), [(0.26, (0.10, 0.17, 0.32, 0.68, 0.93)), (0.5, (0.24, 0.51, 0.83, 1, 1))]
)
def test_powers_that_were_simulated(difference: float, powers: tuple[float, ...]) -> None:
    found = [power(difference, n, Design(0.53)) for n in (5, 10, 20, 50, 100)]
    # Welch's power, simulated: at five runs an arm it is a point under that of the pooled t.
    assert found == pytest.approx(powers, abs=0.025)


def test_the_papers_difference_asks_for_67_runs_an_arm() -> None:
    assert seeds_needed(0.26, Design(0.53)) == 67


@given(st.floats(0.05, 3), st.integers(2, 200), st.booleans())
def test_power_is_that_of_statsmodels(difference: float, seeds: int, paired: bool) -> None:
    oracle = TTestPower() if paired else TTestIndPower()
    expected = oracle.power(difference, seeds, 0.05)
    if math.isnan(expected):  # so far out that it is 1
        expected = 1.0
    assert power(difference, seeds, Design(1.0, paired=paired)) == pytest.approx(expected, abs=1e-6)


@given(st.floats(0.05, 3), st.booleans(), st.floats(0, 0.01))
def test_the_seeds_needed_are_the_fewest_that_are_enough(difference: float, paired: bool, items: float) -> None:
    design = Design(1.0, paired, items)
    needed = seeds_needed(difference, design)
    if needed is None:
        assert power(difference, MOST_SEEDS, design) < 0.8
        return
    assert power(difference, needed, design) >= 0.8
    assert needed == 5 or power(difference, needed - 1, design) < 0.8
    assert detectable(needed, design) <= difference * (1 + 1e-6)


def test_no_number_of_seeds_makes_up_for_too_few_items() -> None:
    assert seeds_needed(0.5, Design(0.1, item_variance=0.3**2)) is None
    assert detectable(10_000, Design(0.1, item_variance=0.3**2)) == pytest.approx(2.8 * 0.3, rel=0.01)


def test_the_degrees_of_freedom_grow_with_what_is_known_by_satterthwaites_rule() -> None:
    """Four pairs of variance 1 and items of .25: V = .5 of which .25 by seeds, so that 3 become 3 (.5 / .25)²."""
    assert Design(1.0, paired=True, item_variance=0.25).df(4) == 12
    assert (Design(1.0, paired=True).df(4), Design(1.0).df(4)) == (3, 6)


def test_a_margin_that_is_much_too_narrow_has_no_power_and_not_less() -> None:
    assert 0 <= equivalence_power(0.01, 5, Design(1.0)) < 0.01


def test_a_number_of_seeds_is_found_up_to_the_most() -> None:
    assert fewest_seeds(lambda seeds: seeds >= 80_000) == 80_000
    assert fewest_seeds(lambda seeds: seeds >= MOST_SEEDS) == MOST_SEEDS
    assert fewest_seeds(lambda seeds: False) is None


def test_a_margin_is_settled_only_where_both_answers_are_found() -> None:
    assert [SeedsAsked(*each).to_settle for each in ((5, 9), (9, 5), (5, None), (None, 5))] == [9, 9, None, None]


def test_pairs_that_move_together_need_fewer_seeds() -> None:
    """A correlation of .9 leaves a tenth of the variance of a difference."""
    assert seeds_needed(0.26, Design(0.53 * math.sqrt(2 * 0.1), paired=True)) == 9
    rng = np.random.default_rng(0)
    draws = rng.normal(0.26, 0.53 * math.sqrt(0.2), (20_000, 9))
    found = (stats.ttest_1samp(draws, 0, axis=1).pvalue < 0.05).mean()
    assert found == pytest.approx(power(0.26, 9, Design(0.53 * math.sqrt(0.2), paired=True)), abs=0.01)


def test_no_variance_detects_everything_with_the_seeds_that_a_verdict_needs() -> None:
    assert (detectable(5, Design(0.0)), seeds_needed(0.1, Design(0.0))) == (0, 5)


def test_a_deviation_stays_under_its_bound_as_often_as_it_says() -> None:
    rng = np.random.default_rng(0)
    bounds = [upper_sd(float(sample.std(ddof=1)), 9) for sample in rng.normal(0, 2, (5000, 10))]
    assert np.mean(np.array(bounds) > 2) == pytest.approx(0.8, abs=0.02)


def test_the_first_test_of_a_family_must_reach_what_holm_leaves_it() -> None:
    """Of the planned look's share of the level, .045."""
    assert Family(1).first_level(5) == pytest.approx(0.045)
    assert Family(1).first_level(10) == pytest.approx(0.0225)  # the test of spread is another
    assert Family(5).first_level(10) == pytest.approx(0.0045)
    design = Design(1.0, paired=True)
    asked = Family(5).seeds_for(0.5, design)
    assert asked.to_find == seeds_needed(0.5, design, level=0.0045)
    assert asked.to_rule_out is not None
    found = [equivalence_power(0.5, asked.to_rule_out - less, design, 0.009) for less in (0, 1)]
    assert found[0] >= 0.8 > found[1]


@pytest.mark.parametrize(("margin", "items"), [(0.8, 0.0), (1.2, 0.0), (1.0, 0.2)])
def test_the_power_to_call_two_arms_equivalent_is_what_is_simulated(margin: float, items: float) -> None:
    """12 pairs without a difference; with items, their luck is known, as the formula takes it."""
    rng, seeds, design = np.random.default_rng(1), 12, Design(1.0, True, items**2)
    draws = rng.standard_normal((40_000, seeds))
    d = draws.mean(1) + rng.normal(0, items, len(draws)) if items else draws.mean(1)
    se = np.sqrt(draws.var(1, ddof=1) / seeds + items**2)
    shown = np.abs(d) + stats.t.isf(0.045, design.df(seeds)) * se < margin
    assert shown.mean() == pytest.approx(equivalence_power(margin, seeds, design, 0.045), abs=0.01)


def drawn_with_overlap(design: Design, seeds: int, overlap: float, mean: float) -> np.ndarray:
    """Runs of each arm, 20,000 times: what their overlapping training parts share moves all of them alike, by so
    much of a run's variance."""
    rng = np.random.default_rng(5)
    shape = (20_000, design.arms, seeds)
    runs = rng.standard_normal(shape) + math.sqrt(overlap) * rng.standard_normal((*shape[:2], 1))
    runs[:, 0] += mean
    return runs * design.sd


@pytest.mark.parametrize("paired", [True, False])
def test_where_each_seed_draws_its_split_the_power_is_that_of_the_corrected_t(paired: bool) -> None:
    """Nadeau and Bengio's: all of its variance is known by five runs an arm, though these take away but a part."""
    seeds, overlap, design = 5, 0.25, Design(0.53, paired, overlap=0.25)
    difference = detectable(seeds, design)
    runs = drawn_with_overlap(design, seeds, overlap, difference / 0.53)
    means = runs[:, 0].mean(1) - (0 if paired else runs[:, 1].mean(1))
    se = np.sqrt(runs.var(2, ddof=1).sum(1) * (1 / seeds + overlap))
    df = seeds - 1 if paired else 2 * (seeds - 1)
    assert (np.abs(means) > stats.t.isf(0.025, df) * se).mean() == pytest.approx(0.8, abs=0.01)
    margin, critical = 1.5 * difference, stats.t.isf(0.05, df)
    shown = np.abs(means - difference) + critical * se < margin
    assert shown.mean() == pytest.approx(equivalence_power(margin, seeds, design), abs=0.01)


@pytest.mark.parametrize(
    ("margin", "design", "harder"),
    [
        (0.3, Design(1.0, paired=True), "to_find"),
        (0.6, Design(0.1, paired=True, item_variance=0.2**2), "to_rule_out"),
    ],
)
def test_a_margin_is_settled_by_seeds_enough_for_either_answer(margin: float, design: Design, harder: str) -> None:
    """From ten seeds on a difference has half the level, for the test of spread is another."""
    asked = Family(1).seeds_for(margin, design)
    assert asked.to_find is not None
    assert asked.to_rule_out is not None
    assert asked.to_settle == getattr(asked, harder) > min(asked.to_find, asked.to_rule_out)
    powers = [equivalence_power(margin, asked.to_rule_out - fewer, design, 0.045) for fewer in (0, 1)]
    assert powers[0] >= 0.8 > powers[1]


def test_a_margin_beyond_what_the_items_allow_is_settled_by_no_number_of_seeds() -> None:
    assert Family(1).seeds_for(0.5, Design(0.1, item_variance=0.3**2)).to_settle is None
