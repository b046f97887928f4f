"""The numbers that a verdict carries: which arm's they are, and of which look."""

import math

import numpy as np
import pytest
from known import BCE, CE, DRUG_1, DRUG_2
from made_up_runs import of_values, said, spread_out
from scipy import optimize, stats
from statsmodels.stats.power import TTestPower

from orchestrator.compare import compare
from orchestrator.compare.seeds_asked import GROWN_LEVEL, Family
from orchestrator.compare.statistics.power import Design


def test_a_baseline_that_wins_is_named_with_its_own_runs_and_the_interval_is_that_of_arm_less_baseline() -> None:
    a, b = spread_out(7, 0.9, 0.01), spread_out(5, 0.5, 0.01, 1)
    (pair,) = compare(of_values({"a": a, "b": b})).pairs
    verdict, oracle = pair.verdicts[0], stats.ttest_ind(b, a, equal_var=False).confidence_interval()
    assert (verdict.kind, verdict.winner) == ("BETTER", "a")
    assert verdict.interval is not None
    assert np.allclose((verdict.interval.low, verdict.interval.high), (oracle.low, oracle.high))
    span = f"{-100 * oracle.high:.2f} to {-100 * oracle.low:.2f}"
    assert f"a beats b by 40.00 points (95% CI {span};" in verdict.sentence
    assert "n=7/5 seeds" in verdict.sentence


def test_what_runs_can_detect_is_asked_of_the_arm_that_has_fewer() -> None:
    (sentence,) = said(of_values({"a": spread_out(7, 0.8, 0.05), "b": spread_out(5, 0.8, 0.05, 1)}))
    assert " 5 seeds can detect " in sentence


def test_at_the_planned_look_it_is_what_this_look_detects_and_what_a_fresh_sweep_and_a_grown_one_need() -> None:
    sd = float((BCE - CE).std(ddof=1))
    (sentence,) = said(of_values({"ce": CE / 100, "bce": BCE / 100}, margin=0.5))
    detects = sd * TTestPower().solve_power(nobs=5, alpha=0.045, power=0.8)
    assert f" 5 seeds can detect {detects:.2f} at 80% power" in sentence
    families = Family(1), Family(1, GROWN_LEVEL, anytime=True)
    fresh, grown = (family.seeds_for(0.5, Design(sd, paired=True)).to_settle for family in families)
    assert f"0.5 needs about {fresh} per arm in a fresh sweep, about {grown} if this one grows." in sentence


def test_at_a_later_look_it_is_what_the_anytime_test_detects() -> None:
    """t* of ten pairs at a level of .0025, by the formula of Wang and Ramdas."""
    sd, r, df, level = float((DRUG_1 - DRUG_2).std(ddof=1)), 11, 9, 0.0025
    k = (math.sqrt(r) / level) ** (2 / (df + 1))
    critical = math.sqrt(df * (k - 1) / (1 - k / r))

    def power(away: float) -> float:
        return float(stats.nct.sf(critical, df, away))  # the wrong side has nothing

    detects = sd / math.sqrt(10) * optimize.brentq(lambda away: power(away) - 0.8, 1, 20)
    arms = {"one": DRUG_1 / 100, "two": DRUG_2 / 100}
    sentence = said(of_values(arms, margin=2.0, planned=5, looks=(5,)))[0]
    assert f" 10 seeds can detect {detects:.2f} at 80% power" in sentence
    fresh, grown = (
        family.seeds_for(2.0, Design(sd, paired=True)).to_settle
        for family in (Family(1), Family(1, level, anytime=True))
    )
    assert f"2 needs about {fresh} per arm in a fresh sweep, about {grown} if this one grows." in sentence


def test_a_pair_that_another_pairs_worst_case_costs_its_verdict_is_not_called_equivalent_instead() -> None:
    """b is better by so little that it is one of three tests that are shown, and one of three that are not: where
    c's diverged run ends at its worst, c is no longer told apart."""
    a = spread_out(10, 0.5, 0.05)
    apart = spread_out(10, 0.0, 0.001, 1)
    b = a + apart + 0.001 * stats.t.isf(0.019 / 2, 9) / math.sqrt(10)
    c = a + 0.02 + spread_out(10, 0.0, 0.001, 2)
    assert stats.ttest_rel(a, b).pvalue < 0.0191
    pair, _ = compare(of_values({"a": a, "b": b, "c": [*c[:9], "diverged"]}, margin=5.0)).pairs
    assert (pair.verdicts[0].kind, pair.verdicts[0].p) == ("NOT SETTLED", pytest.approx(2 * 0.019))
    why = "the verdict would not stand if the diverged runs had ended at their worst"
    assert pair.notes[:2] == (f"BETTER is withheld: {why}.", f"EQUIVALENT is withheld: {why}.")


def test_each_number_of_students_sleep_data_is_the_one_that_is_known_of_it() -> None:
    """Of drug 1 less drug 2."""
    comparison = compare(of_values({"two": DRUG_2, "one": DRUG_1}, "test_nll", margin=4.0))
    (pair,), found = comparison.pairs, comparison.pairs[0].numbers
    assert found is not None
    assert found.beside is not None
    assert found.sd_ratio is not None
    assert found.sd_ratio.interval is not None
    assert found.f_test is not None
    assert found.equivalence is not None
    assert found.equivalence.interval is not None
    assert found.hedges_g is not None
    assert found.e_value is not None
    assert found.permutation.p is not None
    oracle = stats.ttest_rel(DRUG_1, DRUG_2)
    pooled = math.sqrt((DRUG_1.var(ddof=1) + DRUG_2.var(ddof=1)) / 2)
    signs = stats.permutation_test((DRUG_1 - DRUG_2,), np.mean, permutation_type="samples", n_resamples=np.inf)
    inner = oracle.confidence_interval(0.9)
    assert np.allclose(
        [
            *(found.fixed_items.p, found.beside.p, found.e_value, found.wins.estimate, pair.difference),
            *(found.sd_ratio.interval.low, found.sd_ratio.interval.high, found.f_test.statistic, found.f_test.p),
            *(found.permutation.p, found.hedges_g, found.equivalence.interval.low, found.equivalence.interval.high),
        ],
        [
            *(0.0028329, 0.0793941, 25.475138, 25.5 / 100, -1.58),
            *(0.52159, 1.53059, 0.7983426, 0.7427199),
            *(signs.pvalue, -1.58 / pooled * (1 - 3 / 71), inner.low, inner.high),
        ],
        rtol=1e-5,
    )
    assert [arm.sd for arm in comparison.arms] == [DRUG_2.std(ddof=1), DRUG_1.std(ddof=1)]
    assert found.wins.interval is not None
    (fewer,) = compare(of_values({"two": DRUG_2[:9], "one": DRUG_1[:9]}, "test_nll")).pairs
    assert fewer.numbers is not None
    assert (fewer.numbers.wins.interval, fewer.numbers.wins.p) == (None, None)
