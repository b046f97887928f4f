"""`seedwise compare` of several sweeps together, over stores that were written by hand."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from said import Call
from stored import APART, SPLIT, store_sweep

from orchestrator.compare import compare, merged
from orchestrator.results import ResultTable
from orchestrator.store import Home, SweepStore
from trainables.errors import UserError

FIVE, TEN = (0, 1, 2, 3, 4), tuple(range(10))


def looks(home: Path, name: str) -> tuple[tuple[int, ...], ...]:
    return tuple(look.seeds for look in SweepStore(Home.at(home).store()).notes().looks if look.sweep == name)


def test_arms_of_several_sweeps_stand_side_by_side(call: Call, new_home: Path) -> None:
    store_sweep(new_home, "x", {"loss=a": APART["loss=a"]})
    store_sweep(new_home, "y", {"loss=b": APART["loss=b"]})
    said = call("compare", "x", "y", "--home", str(new_home))
    assert said.out.startswith("y: loss=b against x: loss=a\n  BETTER: y: loss=b beats x: loss=a by 25.")
    assert (looks(new_home, "x"), looks(new_home, "y")) == ((FIVE,), (FIVE,))


def test_that_a_look_shared_the_level_with_others_is_noted_with_it(call: Call, new_home: Path) -> None:
    store_sweep(new_home, "x", APART)
    sweeps = SweepStore(Home.at(new_home).store())
    (plan,) = sweeps.notes().plans
    sweeps.note_plan(replace(plan, sweep="y", question=replace(plan.question, margin=0.5)))
    assert (
        "2 questions to some of these runs were planned together"
        in call("compare", "x", "--home", str(new_home)).out
    )
    assert [(look.plain, look.sharing) for look in sweeps.notes().looks] == [(True, 2)]


def test_the_best_and_the_worst_of_many_sweeps_are_judged_as_one_of_all_their_pairs(
    call: Call, new_home: Path
) -> None:
    for number in range(5):
        named = f"loss=l{number}"
        store_sweep(new_home, f"s{number}", {named: APART["loss=a"]}, losses={named: number})
    said = call("compare", "s3", "s1", "--home", str(new_home)).out
    assert "because s1 and s3 were planned apart, and are not all that there is, in all pairs: " in said
    assert "corrected for all 10 pairs of the arms" in said
    (look, _) = SweepStore(Home.at(new_home).store()).notes().looks
    assert (look.plain, look.tests) == (False, 10)


def with_seeds(home: Path, name: str, arms: dict[str, range]) -> ResultTable:
    """A sweep whose cells are other sweeps' wherever arm and seed are theirs."""
    cells = [
        {"key": f"{arm}-{seed}", "arm": f"loss={arm}", "seed": seed}
        for arm, seeds in arms.items()
        for seed in seeds
    ]
    store_sweep(home, name, {f"loss={arm}": [] for arm in arms})
    table = ResultTable.open(name, home)
    return replace(table, plan={**table.plan, "cells": cells, "seeds": sorted({cell["seed"] for cell in cells})})


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_an_arm_with_some_of_anothers_cells_is_that_arm_whichever_sweep_comes_first(
    order: tuple[int, int], new_home: Path
) -> None:
    few = with_seeds(new_home, "few", {"a": range(5), "b": range(5)})
    many = with_seeds(new_home, "many", {"a": range(10), "c": range(10)})
    whole = merged([(few, many)[place] for place in order])
    seeds = {arm: [cell["seed"] for cell in whole.plan["cells"] if cell["arm"] == arm] for arm in whole.arms}
    own = {"few": {"few: loss=b": list(range(5))}, "many": {"many: loss=c": list(range(10))}}
    first, second = [("few", "many")[place] for place in order]
    assert seeds == {f"{first}: loss=a": list(range(10)), **own[first], **own[second]}
    assert whole.baseline == f"{first}: loss=a"


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_arms_that_share_some_cells_and_have_some_of_their_own_are_refused(
    order: tuple[int, int], new_home: Path
) -> None:
    others = [("x", {"a": range(4), "b": range(4)}), ("y", {"a": range(3, 7)})]
    tables = [with_seeds(new_home, name, arms) for name, arms in others]
    with pytest.raises(UserError, match="are one arm, and each has seeds that the other has not") as caught:
        merged([tables[place] for place in order])
    assert str(caught.value).endswith("run one of the sweeps with all of them: --set seeds=[0,1,2,3,4,5,6]")


def store_again(home: Path, name: str, first: int) -> None:
    """Two arms on five seeds, from this one on."""
    store_sweep(home, name, APART, first_seed=first)


def test_two_sweeps_of_the_same_arms_are_one_question_to_all_of_their_seeds(call: Call, new_home: Path) -> None:
    for place, name in enumerate("xy"):
        store_again(new_home, name, 5 * place)
        call("compare", name, "--home", str(new_home))
    said = call("compare", "x", "y", "--home", str(new_home)).out
    assert said.startswith(
        "x and y: loss=b against x and y: loss=a\n  BETTER: x and y: loss=b beats x and y: loss=a "
    )
    assert "n=10/10 seeds). Shown on reviews with bag, 1 epoch. Anytime-valid: 5 seeds were planned" in said
    assert said.count(" against ") == 1
    assert "judged on other seeds" not in said
    assert [looks(new_home, name) for name in "xy"] == [(FIVE, TEN), ((5, 6, 7, 8, 9), TEN)]
    assert call("compare", "x", "--home", str(new_home)).out.startswith("loss=b against loss=a\n  BETTER: ")


def test_of_several_sweeps_it_is_said_which_has_shown_what_stands(call: Call, new_home: Path) -> None:
    store_again(new_home, "x", 0)
    store_sweep(new_home, "y", {"loss=a": APART["loss=b"], "loss=b": APART["loss=a"]}, first_seed=5)
    for name in "xy":
        call("compare", name, "--home", str(new_home))
    said = call("compare", "x", "y", "--home", str(new_home)).out
    first, second, now = said.splitlines()[1:4]
    assert first.startswith("  At 5 seeds of x, and it stands: BETTER: x and y: loss=b beats x and y: loss=a by ")
    assert second.startswith("  At 5 seeds of y, and it stands: BETTER: x and y: loss=a beats x and y: loss=b by ")
    assert now.startswith("  NOT SETTLED: ")


def test_sweeps_that_were_picked_from_several_of_the_same_arms_get_estimates_only(
    call: Call, new_home: Path
) -> None:
    for place, name in enumerate("xyz"):
        store_again(new_home, name, 5 * place)
    said = call("compare", "x", "z", "--home", str(new_home)).out
    assert "BETTER" not in said
    assert "y has runs of these arms, too, and which sweeps are compared may have been chosen" in said
    assert "compare all of them: seedwise compare x z y" in said
    assert "BETTER" in call("compare", "x", "y", "z", "--home", str(new_home)).out


def test_of_several_sweeps_of_an_arm_the_first_alone_has_a_verdict_against_another_arm(
    new_home: Path,
) -> None:
    """Which of them is taken may be the one that looks best, but for the first."""

    def verdicts(first: str) -> int:
        (pair,) = compare(merged([ResultTable.open(name, new_home) for name in (first, "w")])).pairs
        return len(pair.verdicts)

    store_sweep(new_home, "x", {"loss=a": APART["loss=a"]})
    store_sweep(new_home, "w", {"loss=b": APART["loss=b"]}, first_seed=15)
    assert verdicts("x") > 0
    store_sweep(new_home, "y", {"loss=a": APART["loss=a"]}, first_seed=5)
    assert verdicts("x") > 0
    assert verdicts("y") == 0


def test_arms_of_one_setting_stay_apart_where_joining_them_would_cost_the_pairs(new_home: Path) -> None:
    store_again(new_home, "x", 0)
    store_sweep(new_home, "y", {"loss=a": APART["loss=a"]}, first_seed=5)
    whole = merged([ResultTable.open(name, new_home) for name in "xy"])
    assert whole.arms == ["x: loss=a", "x: loss=b", "y: loss=a"]


def test_that_the_same_arms_were_judged_on_other_seeds_is_said_with_how_all_are_asked(
    call: Call, new_home: Path
) -> None:
    for place, name in enumerate("xyz"):
        store_again(new_home, name, 5 * place)
    store_sweep(new_home, "other", {"loss=a": APART["loss=a"], "loss=c": APART["loss=b"]}, first_seed=15)
    told = {name: call("compare", name, "--home", str(new_home)).out for name in ("other", "x", "y")}
    assert ["judged on other seeds as well" in said for said in told.values()] == [False, False, True]
    said = call("compare", "z", "--home", str(new_home)).out
    assert (
        "These arms were judged on other seeds as well (x, 5 seeds; y, 5 seeds): each such sweep errs once in 20. "
        "All together: seedwise compare z x y."
    ) in said
    assert "BETTER" in said


def test_all_together_is_proposed_only_where_it_makes_one_arm_of_each(call: Call, new_home: Path) -> None:
    store_again(new_home, "x", 0)
    store_sweep(new_home, "y", {**APART, "loss=c": APART["loss=a"]}, first_seed=5)
    call("compare", "y", "--home", str(new_home))
    said = call("compare", "x", "--home", str(new_home)).out
    assert "These arms were judged on other seeds as well (y, 5 seeds): each such sweep errs once in 20.\n" in said
    assert "All together" not in said


def test_a_third_sweep_may_show_that_two_arms_are_one(new_home: Path) -> None:
    seeds = {"x": range(3), "y": range(3, 6), "z": range(6)}
    whole = merged([with_seeds(new_home, name, {"a": own}) for name, own in seeds.items()])
    assert (whole.arms, [cell["seed"] for cell in whole.plan["cells"]]) == (["x: loss=a"], list(range(6)))


def test_if_one_of_the_sweeps_was_looked_at_before_all_verdicts_are_anytime(call: Call, new_home: Path) -> None:
    store_sweep(new_home, "x", {"loss=a": APART["loss=a"]})
    store_sweep(new_home, "y", {"loss=b": APART["loss=b"]}, planned=3)
    assert "Anytime-valid: 3 seeds were planned" in call("compare", "x", "y", "--home", str(new_home)).out


@pytest.mark.parametrize(
    ("margins", "used", "said"),
    [
        ((None, None), None, ""),
        ((30.0, 30.0), 0.3, ""),
        ((30.0, None), 0.3, "The margin of 30 is that of x; of y there is none."),
        ((None, 30.0), 0.3, "The margin of 30 is that of y; of x there is none."),
        ((30.0, 20.0), None, "The sweeps declare different margins, 30 (x) and 20 (y): none is used"),
    ],
)
def test_a_margin_that_no_sweep_contradicts_is_that_of_all(
    margins: tuple[float | None, float | None], used: float | None, said: str, call: Call, new_home: Path
) -> None:
    for name, arm, margin in zip("xy", APART, margins, strict=True):
        store_sweep(new_home, name, {arm: APART[arm]}, margin=margin)
    printed = call("compare", "x", "y", "--home", str(new_home)).out
    assert said in printed
    assert ("margin of" in printed or "different margins" in printed) == bool(said)
    assert "at the first run" not in printed
    assert ("Smaller than your margin 30" in printed) == (used is not None)


def test_what_one_of_several_sweeps_has_changed_since_its_first_run_is_said_of_it(
    call: Call, new_home: Path
) -> None:
    store_sweep(new_home, "x", {"loss=a": APART["loss=a"]})
    store_sweep(new_home, "y", {"loss=b": APART["loss=b"]})
    sweeps = SweepStore(Home.at(new_home).store())
    plan = sweeps.plan("y")
    assert plan is not None
    sweeps.save("y", {**plan, "decide": {**plan["decide"], "margin": 30.0}}, "")
    said = call("compare", "x", "y", "--home", str(new_home)).out
    assert "y: The margin was none at the first run and is 30.0 now." in said
    assert "x: The margin" not in said


@pytest.mark.parametrize(
    ("other", "why"),
    [
        ({"fingerprint": "f2"}, "x: loss=a and y: loss=b do not share their data"),
        ({"split": {**SPLIT, "seed": 1}}, "x: loss=a and y: loss=b do not share their split"),
        (
            {"metric": "validation_accuracy"},
            "by different metrics: x by test_accuracy (maximize), y by validation_",
        ),
    ],
)
def test_sweeps_that_do_not_measure_the_same_are_refused(
    other: dict[str, Any], why: str, call: Call, new_home: Path
) -> None:
    store_sweep(new_home, "x", {"loss=a": APART["loss=a"]})
    store_sweep(new_home, "y", {"loss=b": APART["loss=b"]}, **other)
    said = call("compare", "x", "y", "--home", str(new_home))
    assert (said.code, said.out) == (2, "")
    assert why in said.err


def test_a_sweep_beside_itself_is_refused(call: Call, new_home: Path) -> None:
    store_sweep(new_home, "x", APART)
    said = call("compare", "x", "x", "--home", str(new_home))
    assert (said.code, said.err) == (2, "error: a sweep is compared with itself; name each sweep once\n")
