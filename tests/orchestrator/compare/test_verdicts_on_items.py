"""What a comparison does with the design: which runs are pairs, and which items they were judged on."""

import re

import numpy as np
import pytest
from known import DRUG_1, DRUG_2
from made_up_runs import EASE, kinds, of_items, of_values, runs

from orchestrator.compare import IdenticalSeedsError, compare

RNG = np.random.default_rng


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


def test_of_a_metric_that_is_no_mean_over_items_the_verdict_says_that_it_is_of_these() -> None:
    rng, said = RNG(0), {}
    arms = {arm: runs(rng, [0.7] * 6, EASE) for arm in "ab"} | {"c": runs(rng, [0.9] * 6, EASE)}
    for metric in ("test_accuracy", "test_macro_f1", "train_macro_f1"):
        table = of_items(arms, margin=10, decided_first={"metric": metric})
        table.plan["decide"]["metric"] = metric
        table.frame[metric] = table.frame["test_accuracy"]
        scored = list(table.cell_predictions("test"))
        vars(table)["cell_predictions"] = lambda part, scored=scored: iter(scored)
        said[metric] = [pair.verdicts[0].sentence for pair in compare(table).pairs]
    for metric, on in (("test_accuracy", ""), ("test_macro_f1", " on these 400 items"), ("train_macro_f1", "")):
        same, better = said[metric]
        assert re.match(rf"EQUIVALENT within ±10{on}: ", same), same
        assert re.match(rf"BETTER: c beats a by [\d.]+ points{on} \(", better), better


@pytest.mark.parametrize("offset", [0, 100])
def test_without_variance_over_seeds_no_verdict_rests_on_the_items_alone(offset: int) -> None:
    """Every seed gets the same items right; with other seeds in the second arm the runs are no pairs."""
    table = of_items({"a": [np.arange(400) < 300] * 5, "b": [np.arange(400) < 340] * 5}, margin=20)
    table.frame.loc[table.frame["arm"] == "b", "seed"] += offset
    scored = list(table.cell_predictions("test"))
    shifted = [(arm, seed + offset * (arm == "b"), frame) for arm, seed, frame in scored]
    vars(table)["cell_predictions"] = lambda part: iter(shifted)
    (pair,) = compare(table).pairs
    assert pair.paired == (offset == 0)
    (verdict,) = pair.verdicts
    assert (verdict.kind, verdict.p, verdict.interval) == ("NOT SETTLED", None, None)
    assert "Without variance there is no p." in verdict.sentence
    assert pair.numbers is not None
    assert pair.numbers.over_items is not None
    assert (pair.numbers.rests_on.p, pair.numbers.over_items.estimate.interval) == (None, None)


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
    table = of_items({"a": a, "b": b}, varies=True, trained=1600)
    table.frame["test_macro_f1"] = table.frame["test_accuracy"]
    (pair,) = compare(table).pairs
    assert [each.fixed_items.method for each in pair.exploratory] == ["resampled t (Nadeau and Bengio)"]
    assert pair.numbers is not None
    assert pair.numbers.over_items is None
    assert pair.numbers.rests_on == pair.numbers.resampled
    se, plain = pair.numbers.rests_on.se, pair.numbers.fixed_items.se
    assert se == pytest.approx(plain * (1 + 8 * 400 / 1600) ** 0.5)  # type: ignore[operator]
    design = pair.numbers.design
    assert (design.overlap, design.df(8)) == (400 / 1600, 7)
    assert design.variance(8) == pytest.approx(se**2)  # type: ignore[operator]


def test_items_that_every_seed_is_judged_on_do_not_even_out_whatever_each_is_trained_on() -> None:
    """A test part that is given: the splits are drawn of the rows to train on."""
    rng = RNG(1)
    table = of_items({"a": runs(rng, [0.8] * 8, EASE), "b": runs(rng, [0.82] * 8, EASE)}, trained=40_000)
    for settings in table.settings.values():
        settings["split"] = {"varies_by_seed": True}
    (pair,) = compare(table).pairs
    assert pair.numbers is not None
    assert pair.numbers.over_items is not None
    assert (pair.numbers.resampled, pair.numbers.rests_on) == (None, pair.numbers.over_items.estimate)
    assert pair.numbers.design.overlap == 0


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
        r"even's spread is not shown to be beyond what 400 items produce \(floor 1\.\d\d; Q, Holm p=0\.\d+\)\.",
        first.sentence,
    )
    assert re.fullmatch(
        r"uneven's spread is shown to be beyond what 400 items produce \(floor 1\.\d\d; Q, Holm p[=<]\S+\)\.",
        second.sentence,
    )
    assert compare(of_items({"even": even[:9], "b": uneven[:9]})).arms[0].verdicts == ()
