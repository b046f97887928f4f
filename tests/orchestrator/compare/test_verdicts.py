"""What a comparison says, word by word, and when it says nothing."""

import re

import numpy as np
import pytest
from known import BCE, CE, DRUG_1, DRUG_2
from made_up_runs import EASE, of_items, of_values, runs, said, spread_out
from scipy import stats

from orchestrator.compare import Metric, compare
from orchestrator.compare.comparison import PairComparison
from orchestrator.compare.verdicts import p_is
from orchestrator.report.sections.seeds_needed import sentence

# Sentences. Student's sleep data as hundredths of a share: what is known of them is known in points.


def test_better() -> None:
    """p .0028329, interval .70 to 2.46 of the paired t; of two tests in the family, the other one larger."""
    assert said(of_values({"one": DRUG_1 / 100, "two": DRUG_2 / 100}))[0] == (
        "BETTER: two beats one by 1.58 points (95% CI 0.70 to 2.46; Holm p=0.0057; n=10/10 seeds). "
        "Shown on reviews with bag, 4 epochs."
    )


def test_the_baseline_may_be_the_better_one() -> None:
    assert said(of_values({"two": DRUG_2 / 100, "one": DRUG_1 / 100}))[0].startswith(
        "BETTER: two beats one by 1.58 points (95% CI 0.70 to 2.46; Holm p=0.0057; n=10/10 seeds)."
    )


def test_less_is_better_where_the_metric_says_so() -> None:
    sentence = said(of_values({"one": DRUG_1, "two": DRUG_2}, "test_nll"))[0]
    assert sentence.startswith("BETTER: one beats two by 1.5800 nats (95% CI 0.7001 to 2.4599;")


def test_better_by_less_than_the_margin() -> None:
    """By the test that EQUIVALENT rests on: t = (margin − 1.58) / .389, nine df, so that p = .045 at 2.316."""
    table = of_values({"one": DRUG_1 / 100, "two": DRUG_2 / 100}, margin=2.32)
    assert "n=10/10 seeds). Smaller than your margin 2.32 (90% CI 0.87 to 2.29). Shown on" in said(table)[0]
    turned = of_values({"two": DRUG_2 / 100, "one": DRUG_1 / 100}, margin=2.32)
    assert "Smaller than your margin 2.32 (90% CI 0.87 to 2.29). Shown on" in said(turned)[0]
    table = of_values({"one": DRUG_1 / 100, "two": DRUG_2 / 100}, margin=2.31)
    assert "margin" not in said(table)[0]


def test_not_settled() -> None:
    """The paper's runs, five pairs; what they can detect is asked of statsmodels in the tests of power."""
    oracle = stats.ttest_rel(BCE, CE).confidence_interval()
    sentence = said(of_values({"ce": CE / 100, "bce": BCE / 100}, margin=0.5))
    assert len(sentence) == 1
    span = f"{oracle.low:.2f} to {oracle.high:.2f}"
    assert re.fullmatch(
        rf"NOT SETTLED: difference \+0\.26 points \(95% CI {re.escape(span)}\)\. "
        r"5 seeds can detect \d\.\d\d at 80% power; 0\.5 needs about \d+ per arm in a fresh sweep, "
        r"about \d+ if this one grows\.",
        sentence[0],
    )
    (bare,) = said(of_values({"ce": CE / 100, "bce": BCE / 100}))
    assert bare.endswith(" at 80% power.")


def test_a_margin_that_no_number_of_seeds_settles_is_said_as_before_launch() -> None:
    """Of a metric without items, too."""
    comparison = compare(of_values({"ce": CE / 100, "bce": BCE / 100}, margin=0.001))
    verdict, _ = comparison.pairs[0].verdicts
    assert verdict.sentence.endswith(" at 80% power; 0.001 needs more than 100,000 per arm.")
    found = sentence(comparison, Metric.named("test_macro_f1"))
    assert found.endswith("; the margin of 0.001 needs more than 100,000 per arm.")


def test_equivalent() -> None:
    a, b = spread_out(6, 0.86, 0.002), spread_out(6, 0.8603, 0.002, number=1)
    oracle = stats.ttest_rel(a, b).confidence_interval(0.9)
    assert said(of_values({"b": b, "a": a}, margin=1.0)) == [
        f"EQUIVALENT within ±1: difference -0.03 points (90% CI {100 * oracle.low:.2f} to {100 * oracle.high:.2f})."
    ]
    assert said(of_values({"b": b, "a": a}))[0].startswith("NOT SETTLED")
    assert said(of_values({"b": b, "a": a}, margin=0.1))[0].startswith("NOT SETTLED")


def test_too_few_runs() -> None:
    few = of_values({"a": BCE[:4] / 100, "b": CE[:4] / 100})
    assert said(few) == [
        "NOT ENOUGH RUNS: 4 pairs; a verdict needs 5 of each arm, one on spread 10 in a fresh sweep."
    ]
    (pair,) = compare(few).pairs
    assert pair.numbers is not None
    found, beside = pair.numbers.fixed_items, pair.numbers.beside
    assert beside is not None
    for estimate in (found, beside):
        assert (estimate.p, estimate.statistic, estimate.df) == (None, None, 3)
        assert estimate.interval is not None
        assert estimate.se is not None
        assert estimate.interval.high - estimate.estimate == pytest.approx(3.182446305 * estimate.se)


def test_of_two_runs_there_is_the_estimate_alone_and_of_items_no_more_than_of_runs() -> None:
    rng = np.random.default_rng(0)
    arms = {name: runs(rng, [accuracy] * 4, EASE) for name, accuracy in (("a", 0.7), ("b", 0.9))}
    for n, df in ((2, None), (4, 3)):
        table = of_items({name: each[:n] for name, each in arms.items()}, margin=30)
        table.frame["test_macro_f1"] = table.frame["test_accuracy"]
        (pair,) = compare(table).pairs
        assert_no_chance(pair, df)


def assert_no_chance(pair: PairComparison, df: float | None) -> None:
    """No p of any kind, and intervals only with so many degrees of freedom."""
    numbers = pair.numbers
    assert numbers is not None
    assert numbers.over_items is not None
    assert numbers.equivalence is not None
    exploratory = [e for each in pair.exploratory for e in (each.fixed_items, each.over_items) if e is not None]
    assert exploratory
    shown = [numbers.fixed_items, numbers.over_items.estimate, numbers.rests_on, *exploratory]
    assert {estimate.p for estimate in shown} == {None}
    assert {None if estimate.interval is None else estimate.df for estimate in shown} == {df}
    assert (numbers.permutation.p, numbers.brown_forsythe.p, numbers.equivalence.p) == (None, None, None)
    assert numbers.e_value is None


def test_one_run_has_its_value_alone() -> None:
    comparison = compare(of_values({"a": [0.8], "b": [0.9]}))
    (pair,) = comparison.pairs
    assert (pair.difference, pair.numbers) == (pytest.approx(0.1), None)
    assert said(of_values({"a": [0.8], "b": [0.9]})) == [
        "NOT ENOUGH RUNS: 1 pair; a verdict needs 5 of each arm, one on spread 10 in a fresh sweep."
    ]
    assert [(arm.mean, arm.sd) for arm in comparison.arms] == [(0.8, None), (0.9, None)]


def test_arms_without_variance_are_suspected() -> None:
    (sentence,) = said(of_values({"a": [0.8] * 5, "b": [0.1 + 0.7] * 5}))
    assert "identical seeds, or one training twice?" in sentence
    (sentence,) = said(of_values({"a": [0.75] * 5, "b": [0.875] * 5}))
    assert "difference +12.50 points, the same for every seed: do the seeds change anything?" in sentence
    (pair,) = compare(of_values({"a": [0.8] * 5, "b": [0.9] * 5})).pairs
    assert pair.numbers is not None
    assert (pair.numbers.rests_on.p, pair.numbers.brown_forsythe.p) == (None, None)
    assert pair.verdicts[0].kind == "NOT SETTLED"


def test_a_grid_that_is_not_complete_has_estimates_and_no_verdict() -> None:
    comparison = compare(of_values({"a": [*DRUG_1 / 100, "new"], "b": [*DRUG_2 / 100, 0.1]}))
    (pair,) = comparison.pairs
    assert (comparison.complete, pair.verdicts, pair.n) == (False, (), (10, 10))
    assert pair.numbers is not None
    assert pair.numbers.rests_on.estimate == pytest.approx(0.0158)
    assert comparison.notes == ("No verdict yet: 1 of 22 cells are missing. Estimates only.",)
    assert not comparison.shows_a_verdict


@pytest.mark.parametrize(("p", "said"), [(0.0057, "p=0.0057"), (1.0, "p=1"), (1e-15, "p=1e-15"), (0.0, "p<1e-15")])
def test_no_p_is_said_to_be_0_or_to_equal_a_bound(p: float, said: str) -> None:
    assert p_is(p) == said
