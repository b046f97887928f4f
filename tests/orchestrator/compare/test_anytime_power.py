"""What seeds can detect at a look that is not the planned one."""

import math
from dataclasses import replace

import numpy as np
import pytest
from made_up_runs import look_at
from scipy import stats

from orchestrator.compare.judged import AnytimeDifference
from orchestrator.compare.rests_on import Evidence, Resampling, rests_on
from orchestrator.compare.seeds_asked import Family, families
from orchestrator.compare.statistics.anytime import critical_t, paired_evidence, two_sample_evidence
from orchestrator.compare.statistics.anytime_power import (
    anytime_detectable,
    anytime_equivalence_power,
    anytime_power,
)
from orchestrator.compare.statistics.power import Design, power

LATER = 0.0025
REPETITIONS = 1500


@pytest.mark.parametrize(
    ("seeds", "design", "level"),
    [
        (20, Design(1.0, paired=True), LATER),
        (8, Design(1.0), LATER),
        (12, Design(1.0, paired=True, item_variance=0.3**2), 0.015),
        (8, Design(1.0, paired=True, overlap=0.25), 0.015),
        (6, Design(1.0, overlap=0.25), 0.015),
    ],
)
def test_the_power_that_is_told_is_that_of_the_verdicts(seeds: int, design: Design, level: float) -> None:
    """Simulated: as the test judges, by its own interval."""
    difference = anytime_detectable(seeds, design, level)
    margin, items = 1.1 * difference, design.item_variance
    beyond_seeds = math.sqrt((items or 0.0) + design.arms * design.overlap)
    rng, found, same = np.random.default_rng(3), 0, 0
    for _ in range(REPETITIONS):
        a, b = rng.standard_normal((2, seeds)) * (math.sqrt(0.5) if design.paired else 1)
        a += rng.normal(0, beyond_seeds)
        if design.overlap:
            judged = rests_on(Evidence(a, b, design.paired, resampling=Resampling(1, 4)), anytime=True)
        else:
            evidence = (paired_evidence if design.paired else two_sample_evidence)(a, b)
            judged = AnytimeDifference(evidence, items)
        two_sided, each_side = (judged.interval_at(1 - n * level) for n in (1, 2))
        assert two_sided is not None
        assert each_side is not None
        found += not two_sided.low + difference <= 0 <= two_sided.high + difference
        same += each_side.inside(margin)
    assert found / REPETITIONS == pytest.approx(0.8, abs=0.03)
    assert same / REPETITIONS == pytest.approx(anytime_equivalence_power(margin, seeds, design, level), abs=0.03)


@pytest.mark.parametrize("design", [Design(1.0, paired=True), Design(1.0)])
def test_without_items_it_is_the_noncentral_ts(design: Design) -> None:
    arms = 1 if design.paired else 2
    df, away = arms * 14, 0.9 * math.sqrt(15 / arms)
    critical = critical_t(1 + 15 / arms, df, LATER)
    expected = stats.nct.sf(critical, df, away) + stats.nct.cdf(-critical, df, away)
    assert anytime_power(0.9, 15, design, LATER) == pytest.approx(expected, abs=1e-3)
    assert anytime_power(0.9, 15, design, LATER) < power(0.9, 15, design, LATER)


def test_items_that_add_nothing_have_their_half_of_the_level_all_the_same() -> None:
    as_they_are, new = Design(1.0, paired=True), Design(1.0, paired=True, item_variance=0.0)
    assert anytime_detectable(15, new, LATER) == pytest.approx(anytime_detectable(15, as_they_are, LATER / 2))


def test_with_too_few_seeds_no_difference_is_found_however_large() -> None:
    design = Design(1.0, paired=True)
    assert anytime_detectable(6, design, LATER) == math.inf
    assert (anytime_power(1e9, 6, design, LATER), anytime_equivalence_power(1e9, 6, design, LATER)) == (0, 0)
    assert anytime_detectable(7, design, LATER) < 30
    assert anytime_detectable(6, Design(0.0, paired=True), LATER) == 0


def test_what_a_margin_needs_once_a_sweep_has_grown_is_by_the_level_of_such_a_look() -> None:
    """Without items it is 2.5 times what a fresh sweep needs."""
    first, later = look_at(5, planned=5), look_at(10, planned=5, looks=[5])
    ahead, then = families(first, 1, arms=2), families(later, 1, arms=2)
    assert ahead.now == ahead.fresh == then.fresh == Family(1)
    assert ahead.grown == then.now == then.grown == Family(later.tests or 0, later.level, anytime=True)
    design = Design(1.0, paired=True)
    assert ahead.fresh.seeds_for(0.5, design).to_settle == 42
    grown = ahead.grown.seeds_for(0.5, design)
    for told, found_by in ((grown.to_find, anytime_power), (grown.to_rule_out, anytime_equivalence_power)):
        assert told is not None
        assert found_by(0.5, told, design, LATER) >= 0.8 > found_by(0.5, told - 1, design, LATER)
    assert (grown.to_find, grown.to_rule_out) == (105, 116)


def test_of_several_arms_any_two_could_be_chosen_once_they_were_seen() -> None:
    """Three against a baseline are six pairs, and no test of spread is among theirs."""
    assert families(look_at(4, planned=4), 3, arms=4).grown.level == 0.045, "after a pilot"
    grown = families(look_at(5, planned=5), 3, arms=4).grown
    assert grown.pairs == 6
    assert grown.first_level(50) == pytest.approx(LATER / 6)


def test_a_later_look_of_several_arms_is_one_of_as_many_tests_as_it_is_corrected_for() -> None:
    later = replace(look_at(10, planned=5, looks=[5]), tests=6)
    assert families(later, 2, arms=3).now.pairs == 6


def test_where_there_is_no_difference_each_side_errs_alike() -> None:
    design = Design(1.0, paired=True)
    critical = critical_t(16, 14, LATER)
    assert anytime_power(0.0, 15, design, LATER) == pytest.approx(2 * stats.t.sf(critical, 14), rel=0.15)


def test_without_variance_over_seeds_everything_is_found() -> None:
    alike = Design(0.0, paired=True)
    assert (anytime_power(0.1, 7, alike, LATER), anytime_equivalence_power(0.1, 7, alike, LATER)) == (1, 1)
