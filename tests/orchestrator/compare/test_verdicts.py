"""What a comparison says, word by word, and when it says nothing."""

import json
import re
from collections.abc import Callable

import numpy as np
import pytest
from known import BCE, CE, DRUG_1, DRUG_2
from made_up_runs import of_items, of_values, runs
from scipy import stats

from orchestrator.compare import Comparison, IdenticalSeedsError, compare
from orchestrator.results import ResultTable

RNG = np.random.default_rng


def said(table: ResultTable, **options: str) -> list[str]:
    return [verdict.sentence for pair in compare(table, **options).pairs for verdict in pair.verdicts]  # type: ignore[arg-type]


def kinds(comparison: Comparison) -> list[list[str]]:
    return [[verdict.kind for verdict in pair.verdicts] for pair in comparison.pairs]


def spread_out(n: int, mean: float, sd: float, number: int = 0) -> np.ndarray:
    """Runs with exactly this mean and standard deviation."""
    values = RNG(number).standard_normal(n)
    return mean + sd * (values - values.mean()) / values.std(ddof=1)


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
    table = of_values({"one": DRUG_1 / 100, "two": DRUG_2 / 100}, margin=2.5)
    assert "n=10/10 seeds). Smaller than your margin 2.5. Shown on" in said(table)[0]
    table = of_values({"one": DRUG_1 / 100, "two": DRUG_2 / 100}, margin=2.4)
    assert "margin" not in said(table)[0]


def test_not_settled() -> None:
    """The paper's runs, five pairs; what they can detect is asked of statsmodels in the tests of power."""
    oracle = stats.ttest_rel(BCE, CE).confidence_interval()
    sentence = said(of_values({"ce": CE / 100, "bce": BCE / 100}, margin=0.5))
    assert len(sentence) == 1
    span = f"{oracle.low:.2f} to {oracle.high:.2f}"
    assert re.fullmatch(
        rf"NOT SETTLED: difference \+0\.26 \(95% CI {re.escape(span)}\)\. "
        r"5 seeds can detect \d\.\d\d at 80% power; 0\.5 needs about \d+ per arm\.",
        sentence[0],
    )
    (bare,) = said(of_values({"ce": CE / 100, "bce": BCE / 100}))
    assert bare.endswith(" at 80% power.")


def test_equivalent() -> None:
    a, b = spread_out(6, 0.86, 0.002), spread_out(6, 0.8603, 0.002, number=1)
    oracle = stats.ttest_rel(a, b).confidence_interval(0.9)
    assert said(of_values({"b": b, "a": a}, margin=1.0)) == [
        f"EQUIVALENT within ±1: difference -0.03 (90% CI {100 * oracle.low:.2f} to {100 * oracle.high:.2f})."
    ]
    assert said(of_values({"b": b, "a": a}))[0].startswith("NOT SETTLED")
    assert said(of_values({"b": b, "a": a}, margin=0.1))[0].startswith("NOT SETTLED")


def test_steadier_and_spread_not_settled() -> None:
    wide, narrow = spread_out(12, 0.86, 0.02), spread_out(12, 0.86, 0.002, number=1)
    for arms in ({"wide": wide, "narrow": narrow}, {"narrow": narrow, "wide": wide}):
        sentences = said(of_values(arms))
        assert sentences[0].startswith("NOT SETTLED: difference +0.00") or "difference -0.00" in sentences[0]
        assert re.fullmatch(
            r"STEADIER: narrow varies less than wide: sd 0\.20 vs 2\.00, ratio 0\.10 \(95% CI 0\.0\d to 0\.\d\d; "
            r"Brown–Forsythe, Holm p=\S+; n=12/12 seeds\)\.",
            sentences[1],
        )
    alike = said(of_values({"wide": wide, "other": spread_out(12, 0.86, 0.016, number=2)}))
    assert re.fullmatch(
        r"SPREAD NOT SETTLED: sd 1\.60 vs 2\.00, ratio 0\.80 \(95% CI 0\.\d\d to 1\.\d\d\)\.", alike[1]
    )


def test_steadier_needs_the_deviations_to_show_it_too() -> None:
    """Arms of unlike shape: their distances from the median are found unequal, and their deviations are not."""
    rng = RNG(180)
    normal, long_tailed = rng.standard_normal(12), 1 - rng.standard_exponential(12)
    (pair,) = compare(of_values({"long-tailed": long_tailed / 100, "normal": normal / 100})).pairs
    assert pair.numbers is not None
    assert pair.numbers.brown_forsythe.p == pytest.approx(0.0135, abs=1e-4)
    spread = pair.verdicts[1]
    assert (spread.kind, spread.p) == ("SPREAD NOT SETTLED", pytest.approx(0.0271, abs=1e-4))
    assert spread.interval is not None
    assert 1 in spread.interval


def test_too_few_runs() -> None:
    few = of_values({"a": BCE[:4] / 100, "b": CE[:4] / 100})
    assert said(few) == ["NOT ENOUGH RUNS: 4 pairs; a verdict needs 5 of each arm."]
    (pair,) = compare(few).pairs
    assert pair.numbers is not None
    assert pair.numbers.fixed_items.interval is not None


def test_one_run_has_its_value_alone() -> None:
    comparison = compare(of_values({"a": [0.8], "b": [0.9]}))
    (pair,) = comparison.pairs
    assert (pair.difference, pair.numbers) == (pytest.approx(0.1), None)
    assert said(of_values({"a": [0.8], "b": [0.9]})) == ["NOT ENOUGH RUNS: 1 pair; a verdict needs 5 of each arm."]
    assert [(arm.mean, arm.sd) for arm in comparison.arms] == [(0.8, None), (0.9, None)]


def test_spread_is_judged_from_ten_runs_on() -> None:
    nine, ten = (of_values({"a": spread_out(n, 0.8, 0.01), "b": spread_out(n, 0.8, 0.011, 1)}) for n in (9, 10))
    assert kinds(compare(nine)) == [["NOT SETTLED"]]
    assert kinds(compare(ten)) == [["NOT SETTLED", "SPREAD NOT SETTLED"]]


def test_arms_without_variance_are_suspected() -> None:
    (sentence,) = said(of_values({"a": [0.8] * 5, "b": [0.1 + 0.7] * 5}))
    assert "identical seeds, or one training twice?" in sentence
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


# Items.

EASE = RNG(7).choice([0.55, 0.75, 0.95, 1.0], 400)


def test_better_rests_on_new_items_too() -> None:
    """Each arm has items of its own that it gets right with nearly every seed: sure for these items, and luck in
    which they are."""
    rng = RNG(0)

    def steady(right_N: np.ndarray) -> list[np.ndarray]:
        return [right_N ^ (rng.random(400) < 0.02) for _ in range(6)]

    a, b = steady(np.arange(400) % 4 != 0), steady(np.arange(400) % 9 != 0)
    b = [right_N & (np.arange(400) % 10 != 0) for right_N in b]
    comparison = compare(of_items({"a": a, "b": b}))
    (pair,) = comparison.pairs
    assert pair.numbers is not None
    assert pair.numbers.over_items is not None
    assert pair.numbers.rests_on == pair.numbers.over_items.estimate
    assert pair.numbers.rests_on.method == "seeds × items, paired"
    assert pair.numbers.fixed_items.p is not None
    assert pair.numbers.fixed_items.p < 0.002
    assert pair.numbers.rests_on.p is not None
    assert pair.numbers.rests_on.p > 0.05
    assert kinds(comparison) == [["NOT SETTLED"]]


def test_both_ways_of_pairing_are_there_and_the_design_chooses() -> None:
    (pair,) = compare(of_values({"a": DRUG_1, "b": DRUG_2})).pairs
    assert pair.numbers is not None
    assert pair.numbers.beside is not None
    assert (pair.numbers.fixed_items.method, pair.numbers.beside.method) == ("paired t", "Welch's t")
    table = of_values({"a": DRUG_1, "b": DRUG_2})
    frame = table.frame
    frame.loc[frame["arm"] == "b", "seed"] += 100
    (pair,) = compare(table).pairs
    assert pair.numbers is not None
    assert (pair.paired, pair.numbers.fixed_items.method) == (False, "Welch's t")


def test_a_cell_that_diverged_takes_its_pair_away() -> None:
    comparison = compare(of_values({"a": [*DRUG_1, "diverged"], "b": [*DRUG_2, 3.0]}, "test_nll"))
    (pair,) = comparison.pairs
    assert (pair.paired, pair.n, comparison.complete) == (True, (10, 10), True)


def test_a_split_drawn_anew_by_each_seed_is_corrected_for() -> None:
    rng = RNG(1)
    a, b = runs(rng, [0.8] * 8, EASE), runs(rng, [0.82] * 8, EASE)
    (pair,) = compare(of_items({"a": a, "b": b}, varies=True, trained=1600)).pairs
    assert pair.numbers is not None
    assert pair.numbers.over_items is None
    assert pair.numbers.rests_on == pair.numbers.resampled
    se, plain = pair.numbers.rests_on.se, pair.numbers.fixed_items.se
    assert se == pytest.approx(plain * (1 + 8 * 400 / 1600) ** 0.5)  # type: ignore[operator]


def test_two_seeds_that_predict_the_same_are_an_error() -> None:
    table = of_items({"a": runs(RNG(0), [0.8] * 3, EASE)})
    same = list(table.cell_predictions("test"))
    vars(table)["cell_predictions"] = lambda part: iter([*same[:2], ("a", 2, same[1][2])])
    with pytest.raises(IdenticalSeedsError, match="a: seeds 1 and 2 predict the same to the last bit"):
        compare(table)


def test_an_arms_spread_is_held_against_what_its_items_produce() -> None:
    rng = RNG(2)
    even, uneven = runs(rng, [0.8] * 12, EASE), runs(rng, np.linspace(0.7, 0.9, 12), EASE)
    comparison = compare(of_items({"even": even, "uneven": uneven}))
    (first,), (second,) = (arm.verdicts for arm in comparison.arms)
    assert re.fullmatch(
        r"even's spread is not shown to be beyond what 400 items produce \(floor 1\.\d\d; Q p=0\.\d+\)\.",
        first.sentence,
    )
    assert re.fullmatch(
        r"uneven's spread is shown to be beyond what 400 items produce \(floor 1\.\d\d; Q p=\S+\)\.",
        second.sentence,
    )
    assert compare(of_items({"even": even[:9], "b": uneven[:9]})).arms[0].verdicts == ()


# Divergence.


def separated(n: int, diverged_a: int = 0, diverged_b: int = 0) -> ResultTable:
    """b beats a by far in every finished run."""
    a, b = spread_out(n, 0.5, 0.01), spread_out(n, 0.7, 0.01, 1)
    return of_values(
        {"a": [*a[diverged_a:], *["diverged"] * diverged_a], "b": [*["diverged"] * diverged_b, *b[diverged_b:]]}
    )


def test_a_diverged_run_is_counted_bounded_and_in_no_mean() -> None:
    comparison = compare(separated(20, diverged_a=1))
    (pair,) = comparison.pairs
    first, _ = comparison.arms
    assert (first.n, first.diverged, first.missing) == (19, 1, 0)
    assert first.divergence is not None
    assert first.divergence.estimate == 0.05
    assert pair.n == (19, 19)
    assert pair.worst_case is not None
    low, high = (-(19 * first.mean + end) / 20 + 0.7 for end in (1, 0))  # type: ignore[operator]
    assert (pair.worst_case.low, pair.worst_case.high) == (pytest.approx(low), pytest.approx(high))
    assert pair.verdicts[0].kind == "BETTER"
    assert any(note.startswith("With the diverged runs at either end") for note in pair.notes)
    assert "a: 1 of 20 runs diverged (the loss was no number)." in comparison.notes


@pytest.mark.parametrize(
    ("diverged", "is_better"), [((0, 0), True), ((2, 0), True), ((3, 0), False), ((0, 3), False)]
)
def test_more_than_one_diverged_run_in_ten_forbids_better(diverged: tuple[int, int], is_better: bool) -> None:
    (pair,) = compare(separated(20, *diverged)).pairs
    assert (pair.verdicts[0].kind == "BETTER") == is_better
    if not is_better:
        assert any("BETTER is withheld: 3 of 20 runs" in note for note in pair.notes)
        assert pair.verdicts[0].interval is not None
        assert 0 in pair.verdicts[0].interval


def test_a_verdict_that_the_worst_case_would_change_is_not_given() -> None:
    a, b = spread_out(20, 0.5, 0.01), spread_out(20, 0.53, 0.01, 1)
    assert compare(of_values({"a": a, "b": b})).pairs[0].verdicts[0].kind == "BETTER"
    (pair,) = compare(of_values({"a": a, "b": [*b[:19], "diverged"]})).pairs
    assert pair.verdicts[0].kind == "NOT SETTLED"
    assert "would not stand" in pair.notes[0]


def test_a_metric_without_a_worst_value_has_no_bound_and_no_better() -> None:
    a, b = spread_out(20, 0.5, 0.01), spread_out(20, 0.9, 0.01, 1)
    (pair,) = compare(of_values({"a": a, "b": [*b[:19], "diverged"]}, "test_nll")).pairs
    assert pair.worst_case is None
    assert pair.verdicts[0].kind == "NOT SETTLED"


def test_a_run_that_is_no_better_than_the_majority_class_has_stalled() -> None:
    """400 items, half of them of each class: three standard errors above the half is .575."""
    rng = RNG(3)
    a = runs(rng, [0.8] * 11, EASE)
    stalled, just_not = np.arange(400) < 230, np.arange(400) < 231
    comparison = compare(of_items({"a": [*a, stalled], "b": [*runs(rng, [0.8] * 11, EASE), just_not]}))
    assert [(arm.n, arm.stalled, arm.diverged) for arm in comparison.arms] == [(12, 1, 0), (12, 0, 0)]
    assert "a: 1 of 12 runs stalled (no better than the majority class)." in comparison.notes
    (pair,) = comparison.pairs
    assert [v.kind for v in pair.verdicts] == ["NOT SETTLED"]
    assert "No verdict on spread: a stalled run is in it." in pair.notes


# Looks.


@pytest.mark.parametrize(
    ("planned", "looks", "why"),
    [
        (10, (), ""),
        (10, (10,), ""),
        (10, (10, 20), ""),
        (5, (), "5 seeds were planned at the first run, and 10 are judged"),
        (20, (), "20 seeds were planned at the first run, and 10 are judged"),
        (10, (5,), "a verdict at 5 seeds was shown before"),
        (10, (5, 7, 10), "a verdict at 5 and 7 seeds was shown before"),
    ],
)
def test_only_the_first_look_at_the_planned_number_is_plain(planned: int, looks: tuple[int, ...], why: str) -> None:
    arms = {"one": DRUG_1 / 100, "two": DRUG_2 / 100}
    comparison = compare(of_values(arms, planned={"seeds": planned}, looks=looks))
    (pair,) = comparison.pairs
    sentence = pair.verdicts[0].sentence
    assert comparison.look.anytime == bool(why)
    if why:
        assert sentence.endswith(f" Anytime-valid: {why}.")
        # e = 25.475138: enough at .05, and for one test of location alone.
        assert pair.numbers is not None
        assert pair.numbers.rests_on.p == pytest.approx(1 / 25.475138)
        assert "(95% CI 0.0" in sentence
        assert "Holm p=0.039" in sentence
        assert any("anytime-valid" in note for note in comparison.notes)
        assert [v.kind for v in pair.verdicts] == ["BETTER", "SPREAD NOT SETTLED"]
    else:
        assert "Anytime" not in sentence
        assert "Holm p=0.0057" in sentence


def test_what_was_planned_and_is_now_otherwise_is_said() -> None:
    table = of_values({"a": BCE, "b": CE}, margin=0.5, planned={"seeds": 5, "metric": "test_nll", "margin": None})
    assert compare(table).notes == (
        "The metric was test_nll at the first run and is test_macro_f1 now.",
        "The margin was none at the first run and is 0.5 now.",
    )


# Several arms.


def test_all_arms_are_held_against_the_baseline_or_all_against_all() -> None:
    table = of_values({"a": BCE, "b": CE, "c": BCE + CE})
    assert [(p.arm, p.versus) for p in compare(table).pairs] == [("b", "a"), ("c", "a")]
    assert [(p.arm, p.versus) for p in compare(table, pairs="all").pairs] == [("b", "a"), ("c", "a"), ("c", "b")]


def test_one_test_among_many_needs_more_to_be_believed_and_its_interval_agrees() -> None:
    alone = of_values({"one": DRUG_1 / 100, "two": DRUG_2 / 100})
    others = {f"other {n}": DRUG_1 / 100 + RNG(n).normal(0, 0.01, 10) for n in range(12)}
    among = of_values({"one": DRUG_1 / 100, "two": DRUG_2 / 100, **others})
    assert kinds(compare(alone))[0][0] == "BETTER"
    comparison = compare(among)
    verdict = comparison.pairs[0].verdicts[0]
    # 26 tests: 13 of location, 13 of spread.
    assert verdict.p == pytest.approx(26 * 0.0028329, rel=1e-4)
    assert verdict.kind == "NOT SETTLED"
    assert verdict.interval is not None
    assert 0 in verdict.interval
    assert "The intervals in the verdicts hold for all 13 pairs at once." in comparison.notes


@pytest.mark.parametrize("number", range(6))
def test_no_sentence_contradicts_its_interval(number: int) -> None:
    rng = RNG(number)
    arms = {f"arm {n}": rng.normal(rng.choice([0, 0.8]), rng.choice([1, 2.5]), 12) / 100 for n in range(5)}
    for pair in compare(of_values(arms, margin=1.5), pairs="all").pairs:
        for verdict in pair.verdicts:
            interval = verdict.interval
            assert interval is not None
            if verdict.kind == "BETTER":
                assert interval.low >= 0 or interval.high <= 0
            elif verdict.kind == "EQUIVALENT":
                assert -0.015 <= interval.low <= interval.high <= 0.015
            elif verdict.kind == "STEADIER":
                assert interval.low >= 1 or interval.high <= 1
            else:
                assert (1 if "SPREAD" in verdict.kind else 0) in interval


TABLES: dict[str, Callable[[], ResultTable]] = {
    "values": lambda: of_values({"a": BCE, "b": CE}, margin=1),
    "no variance": lambda: of_values({"a": [0.8] * 10, "b": [0.8] * 10}),
    "one run": lambda: of_values({"a": [0.8], "b": ["new"]}),
    "nothing": lambda: of_values({"a": ["new"], "b": ["diverged"]}),
    "one arm": lambda: of_values({"a": BCE}),
    "anytime, few": lambda: of_values({"a": BCE, "b": CE}, planned={"seeds": 50}),
    "items": lambda: of_items({"a": runs(RNG(0), [0.8] * 5, EASE), "b": runs(RNG(1), [0.8] * 5, EASE)}),
    "two runs": lambda: of_items({"a": runs(RNG(0), [0.8] * 2, EASE), "b": runs(RNG(1), [0.8] * 2, EASE)}),
    "one wins always": lambda: of_values({"a": BCE / 100, "b": BCE / 200}),
}


@pytest.mark.parametrize("name", TABLES)
def test_every_number_is_json_and_the_same_runs_give_the_same(name: str) -> None:
    first, second = (json.dumps(compare(TABLES[name]()).as_json(), allow_nan=False) for _ in range(2))
    assert first == second
    assert '"sweep": "by_hand"' in first
