"""Arms that are one training by several names: one test, which counts once."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from made_up_runs import EASE, kinds, of_items, runs
from test_reasons import with_losses

from orchestrator.compare import Comparison, compare
from orchestrator.compare.runs import ArmRuns, RunScores
from orchestrator.compare.same_training import trainings
from orchestrator.compare.seeds_asked import families_of
from orchestrator.report import difference_table
from orchestrator.report.sections.differences import sentence
from orchestrator.report.spoken import headline

RNG = np.random.default_rng
BASE, OTHER = runs(RNG(0), [0.75] * 10, EASE), runs(RNG(1), [0.79] * 10, EASE)
ALONE = {"a": BASE, "b": OTHER}
WITH_TWINS = {"a": BASE, "b": OTHER, "b again": OTHER, "a again": BASE}
ALIKE = {"b again": "b", "a again": "a"}


def compared(arms: Mapping[str, Any] = WITH_TWINS, **options: Any) -> Comparison:
    return compare(of_items(arms, alike={arm: of for arm, of in ALIKE.items() if arm in arms}, **options))


def of_scores(name: str, nll_SN: np.ndarray, items: str = "the same") -> ArmRuns:
    none = np.empty(0)
    scores = {
        seed: RunScores(items, "", 2, none.astype(int), none, {"nll": nll_N}) for seed, nll_N in enumerate(nll_SN)
    }
    return ArmRuns(name, frozenset(scores), dict.fromkeys(scores, 0.8), frozenset(), scores)


def test_another_name_of_an_arm_costs_the_family_nothing_and_has_the_same_verdicts() -> None:
    alone, with_twins = compared(ALONE).pairs[0], compared().pairs
    again = with_twins[1]
    assert [v.kind for v in alone.verdicts] == ["BETTER", "SPREAD NOT SETTLED"]
    for pair in with_twins[:2]:
        assert [(v.kind, v.p, v.interval) for v in pair.verdicts] == [
            (v.kind, v.p, v.interval) for v in alone.verdicts
        ]
    assert again.verdicts[0].winner == "b again"
    # As trainings of their own they are four tests instead of two; of values that are all the same there is none.
    p = compare(of_items(WITH_TWINS)).pairs[0].verdicts[0].p
    assert p == pytest.approx(2 * (alone.verdicts[0].p or 0))


def test_an_arm_against_itself_is_no_test_of_anything() -> None:
    pair = compared().pairs[2]
    assert (pair.arm, pair.versus, pair.numbers, pair.exploratory, pair.notes) == ("a again", "a", None, (), ())
    (verdict,) = pair.verdicts
    assert (verdict.kind, verdict.p, verdict.interval) == ("SAME TRAINING", None, None)
    assert verdict.sentence == (
        "SAME TRAINING: with each seed a again and a predict the same but for rounding: one training by two names, "
        "and no difference to be judged."
    )


def test_what_is_one_is_said_and_counted_once_wherever_pairs_are_counted() -> None:
    found = compared()
    assert (
        "With each seed they predict the same but for rounding: b again is the same training as b; a again is the "
        "same training as a. What is found of such arms is one test by several names, and counts once."
    ) in found.notes
    assert not any("at once" in note for note in found.notes)
    assert headline(found) == "Of 2 different pairs: 1 BETTER (b), 1 SAME TRAINING."
    assert families_of(found).now.pairs == 1
    assert "one training by two names: a again" in sentence(found)
    assert [row[0] for row in difference_table.rows(found) if row[0]] == ["b − a", "b again − a"]
    every = compared(decided="all")
    assert [pair.verdicts[0].kind for pair in every.pairs].count("SAME TRAINING") == 2
    assert [(pair.arm, pair.versus) for pair in every.contrasts] == [("b", "a"), ("a again", "a"), ("b again", "b")]
    assert every.pairs[0].verdicts == compared(ALONE).pairs[0].verdicts


def test_equivalence_is_one_test_of_them_too() -> None:
    near = {"a": BASE, "b": runs(RNG(2), [0.75] * 10, EASE)}
    alone = compared(near, margin=20.0).pairs[0].verdicts[0]
    (first, second, _) = compared({**near, "b again": near["b"], "a again": BASE}, margin=20.0).pairs
    assert alone.kind == "EQUIVALENT"
    assert (alone.p, alone.interval) == (first.verdicts[0].p, first.verdicts[0].interval)
    assert first.verdicts[0].p == second.verdicts[0].p


def test_an_arms_spread_by_two_names_is_one_test() -> None:
    alone, both = compared(ALONE).arms, compared().arms
    assert [arm.same_as for arm in both] == [None, None, "b", "a"]
    ps = [arm.verdicts[0].p for arm in alone]
    assert [arm.verdicts[0].p for arm in both] == [ps[0], ps[1], ps[1], ps[0]]


def test_too_few_runs_are_said_to_be_too_few_even_of_one_training() -> None:
    few = {arm: ends[:4] for arm, ends in WITH_TWINS.items()}
    assert kinds(compared(few)) == [["NOT ENOUGH RUNS"]] * 3
    assert compared({**few, "a": ["new", *few["a"][1:]]}).arms[3].same_as is None  # not all of the same seeds


def test_a_check_that_is_seen_to_hold_is_no_test_however_rounding_falls() -> None:
    """By NLL rounding has a p, for it leans to one side; of 10 runs that of these twins is small."""
    arms = ("bce", "fast", "started", "both", "ce", "twin")
    ends = {arm: runs(RNG(place), [0.8] * 10, EASE) for place, arm in enumerate(arms)}
    ends |= {"ce": ends["both"], "twin": ends["bce"]}
    table = with_losses(of_items(ends, alike={"ce": "both", "twin": "bce"}))
    table.plan["decide"] |= {"metric": "test_nll", "direction": "minimize"}
    frame = table.frame
    frame["test_nll"] = frame["test_accuracy"] + 1e-9 * (frame["arm"] == "twin") + 1e-12 * frame["seed"]
    (found,) = compare(table).reasons
    for check in (found.remainder, found.twins):
        assert check is not None
        assert check.is_seen
        assert (check.effect.p, check.effect.interval) == (None, None)
    text = " ".join(found.sentences)
    assert (
        "A/A check, cross-entropy of [0, z] − binary cross-entropy: the same but for rounding in every run" in text
    )
    assert "in doubt" not in text


def test_arms_are_one_training_only_where_all_runs_are_the_same_on_the_same_items() -> None:
    nll_SN = RNG(0).exponential(1.0, (3, 200))
    first = of_scores("a", nll_SN)
    rounded, other = nll_SN + RNG(1).normal(0, 1e-7, (3, 200)), nll_SN.copy()
    other[2] += RNG(1).normal(0, 1e-3, 200)
    assert trainings({"a": first, "b": of_scores("b", rounded)}) == {"a": "a", "b": "a"}
    assert trainings({"a": first, "b": of_scores("b", other)})["b"] == "b"
    assert trainings({"a": first, "b": of_scores("b", nll_SN, "others")})["b"] == "b"
    assert trainings({"a": first, "b": of_scores("b", nll_SN[:2])})["b"] == "b"


def test_runs_that_say_the_same_of_every_item_are_not_taken_for_one_training() -> None:
    """As those that have learnt nothing, or all there is: they may be alike whatever was trained."""
    constant = np.full((3, 200), 0.0)
    assert trainings({"a": of_scores("a", constant), "b": of_scores("b", constant)})["b"] == "b"


def test_arms_that_end_otherwise_are_not_one_training_though_their_finished_runs_are() -> None:
    nll_SN = RNG(0).exponential(1.0, (3, 200))
    first = of_scores("a", nll_SN)
    longer = replace(of_scores("b", nll_SN), planned=frozenset(range(4)))
    diverged = replace(longer, arm="c", non_finite=frozenset({3}))
    assert trainings({"a": first, "b": longer, "c": diverged}) == {"a": "a", "b": "b", "c": "c"}
    none = [ArmRuns(arm, frozenset({0}), {}, frozenset({0})) for arm in "ab"]
    assert trainings({arm.arm: arm for arm in none}) == {"a": "a", "b": "b"}
