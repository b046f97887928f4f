"""What a plan leaves out of what could be seen was chosen, and a note that was damaged may have said anything."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

import pytest
from asking import (
    BASELINE,
    EVERY,
    ONE,
    Ask,
    Pair,
    ask,
    judged,
    one_after_another,
    one_arm,
    plan,
    runs_of,
    seen,
)

from orchestrator.compare.looks.asked import Asked
from orchestrator.store.noted_plans import NotedPlan
from orchestrator.store.notes import Notes

# What a plan leaves out.


def picked(seeds: Sequence[int]) -> NotedPlan:
    """From an arm's runs at ten seeds, for a fresh arm."""
    there = {f"0-{seed}": seed for seed in range(10)}
    return replace(plan(ONE, seeds, sweep="y", seen=seen(0)), left_out=(there,))


def test_seeds_that_were_chosen_from_the_runs_of_an_arm_get_no_verdict_until_all_are_taken() -> None:
    chosen = picked([2, 5, 7, 8, 9])
    assert judged(ask(ONE, "y", [2, 5, 7, 8, 9]), chosen).withheld == (
        "of the runs that were there when the seeds were planned, at seeds 0 to 9, only 2, 5 and 7 to 9 were "
        "taken, and they may be those that looked best; train seeds that no arm has yet in a sweep of another "
        "name, or take all of them: --set seeds=10"
    )
    look = judged(ask(ONE, "y"), chosen, plan(ONE, sweep="y", seen=chosen.cells))
    assert (look.withheld, look.anytime) == ("", True)
    assert not judged(ask(ONE, "y", range(20, 25)), chosen, plan(ONE, range(20, 25), sweep="y")).anytime


def test_what_another_plan_has_chosen_does_not_concern_runs_that_were_planned_before() -> None:
    assert not judged(ask(ONE), plan(ONE), picked([2, 5])).anytime


def test_what_was_chosen_stays_so_by_another_name() -> None:
    """Of four arms with runs two were taken, whose every cell was there."""
    alone = [NotedPlan(f"s{arm}", tuple(range(10)), one_arm(arm)) for arm in range(4)]
    chosen = replace(plan(ONE, sweep="y", seen=seen(0, 1)), arms_there=4)
    for name in "yz":
        look = judged(ask(ONE, name), *alone, chosen)
        assert (look.anytime, look.tests) == (True, 6)


def test_arms_that_another_chose_from_a_sweep_leave_it_as_it_was_planned() -> None:
    chosen = replace(plan([(2, 1)], sweep="z", seen=seen(0, 1, 2)), arms_there=8)
    assert not judged(ask(BASELINE), plan(BASELINE), chosen).anytime


def test_what_was_shown_before_seeds_were_chosen_stays() -> None:
    asked = ask(ONE, "y", range(5), planned=5)
    first, again = one_after_another(asked, replace(asked, planned=picked(range(5))))
    assert (again, first.anytime) == (first, False)


def test_an_arm_that_was_chosen_from_others_is_judged_as_one_of_all_their_pairs() -> None:
    chosen = replace(plan(ONE, sweep="y", seen=seen(0)), arms_there=8)
    look = judged(ask(ONE, "y"), NotedPlan("s", tuple(range(10)), one_arm(0)), chosen)
    assert (look.anytime, look.level, look.tests) == (True, 0.0025, 28)
    assert judged(ask([(3, 2)]), chosen, plan([(3, 2)])).tests is None, "of other arms"


def test_arms_of_several_sweeps_are_judged_as_some_of_all_that_are_there() -> None:
    plans = [NotedPlan(f"s{arm}", tuple(range(10)), one_arm(arm)) for arm in range(4)]
    sweeps = {plan.sweep: plan.seeds for plan in plans}

    def together(pairs: list[Pair], there: int) -> Ask:
        return Ask(Asked(ask(pairs).question, sweeps, arms_there=there), None)

    assert not judged(together(EVERY, 3), *plans[:3]).anytime
    assert judged(together(BASELINE, 3), *plans).tests == 3
    assert judged(together([(1, 0), (2, 0), (3, 0)], 3), *plans).tests == 6, "as of arms that stand twice"
    first, again = one_after_another(together(EVERY, 5), together(EVERY, 6))
    assert (first.anytime, first.tests) == (True, 10)
    assert again == first, "the same question has the same answer, whatever was trained since"


@pytest.mark.parametrize(
    ("taken", "there", "chosen"),
    [
        (range(10), range(20), False),
        (range(10, 20), range(20), True),
        (range(20), range(20), False),
        (range(5), range(20), True),
        (range(15), range(20), True),
        (range(20, 30), range(20), False),
        (range(5), range(5), False),
        ([*range(5), *range(20, 25)], [*range(5), *range(10, 20)], False),
    ],
    ids=[
        "the first",
        "the second",
        "all",
        "some of the first",
        "more",
        "none",
        "one",
        "what there is of the first",
    ],
)
def test_who_goes_on_with_the_first_planned_of_an_arms_runs_has_chosen_nothing(
    taken: Iterable[int], there: Iterable[int], chosen: bool
) -> None:
    notes = Notes((plan(ONE), plan(ONE, range(10, 20), sweep="x_2")))
    each_with_its_seed = dict.fromkeys(runs_of(0, there))
    assert notes.are_chosen(runs_of(0, taken), each_with_its_seed) == chosen
    assert Notes(notes.plans[1:]).are_chosen(runs_of(0, range(10, 20)), runs_of(0, range(20))), "the first is lost"
    given_up = Notes((plan(ONE, range(5)), *notes.plans))
    assert given_up.are_chosen(runs_of(0, range(5)), runs_of(0, range(20))), (
        "that was planned before the first, unseen"
    )


# Where a note was damaged.


def test_after_a_note_was_damaged_a_first_look_may_be_a_later_one() -> None:
    asked = ask(BASELINE)
    for cells in (None, asked.question.cells, frozenset(["1-7", "elsewhere"])):
        (look,) = one_after_another(replace(asked, lost=(frozenset(), cells)))
        assert (look.anytime, look.level, look.tests) == (True, 0.0025, 3)
        assert look.why == (
            "a note of what was planned or looked at is damaged or missing, and what it said is not known"
        )
    (look,) = one_after_another(replace(asked, lost=(frozenset(["elsewhere"]),)))
    assert not look.anytime, "of other cells"
    first, again = one_after_another(asked, replace(asked, lost=(None,)))
    assert again == first, "what was shown is known"
