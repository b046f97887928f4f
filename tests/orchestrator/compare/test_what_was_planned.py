"""What is chosen after runs could be seen is judged as chosen, whether or not a verdict was shown, and whoever
names the sweep."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

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
    seen,
)
from known import DRUG_1, DRUG_2
from made_up_runs import of_values, spread_out

from orchestrator.compare import compare
from orchestrator.compare.looks.asked import Asked
from orchestrator.compare.looks.look import Look, judge_look
from orchestrator.store.noted_looks import NotedLook
from orchestrator.store.noted_plans import NotedPlan
from orchestrator.store.notes import Notes

# By which metric and margin.


def test_a_metric_that_was_not_planned_has_no_verdict_whatever_was_shown_and_whoever_names_the_sweep() -> None:
    first, copy = plan(BASELINE), plan(BASELINE, metric="ece", sweep="y", seen=seen(0, 1, 2))
    grown = plan(BASELINE, range(20), "ece", sweep="y", seen=seen(0))
    for asked, *plans in (
        (ask(BASELINE, metric="ece"), first),
        (ask(BASELINE, "y", metric="ece"), first, copy),
        (ask(ONE, "y", range(20), metric="ece"), first, grown),
    ):
        assert judged(asked, *plans).withheld == (
            "nll was to decide when these runs were planned, and ece would be a metric that was chosen after they "
            "had been seen; decide by nll, or train fresh seeds in a sweep of another name"
        )
    assert judged(ask(BASELINE, "y"), first, copy).withheld == ""
    assert judged(ask(BASELINE, "y", range(10, 20), "ece"), first, copy).withheld == "", "fresh cells"


def test_a_sweep_that_is_changed_before_anything_of_its_cells_can_be_seen_is_as_it_was_planned_last() -> None:
    first, then = plan(BASELINE), plan(EVERY, metric="ece", margin=0.5)
    assert not judged(ask(EVERY, metric="ece", margin=0.5), first, then).anytime
    assert judged(ask(BASELINE), first, then).withheld.startswith("ece was to decide")
    assert judged(ask(BASELINE), first, then, first) == judged(ask(BASELINE), first)
    few = plan(BASELINE, range(5))
    assert judged(ask(BASELINE), first, few).anytime
    assert judged(ask(BASELINE, seeds=range(5)), first, few).level == 0.045


def test_sweeps_that_were_planned_together_of_the_same_runs_share_the_level() -> None:
    """None of them could be chosen by what it had shown, and all of them may be read."""
    plans = plan(ONE), plan(ONE, range(20), sweep="y"), plan([(2, 0)], sweep="z"), plan([(4, 3)], sweep="other")
    for asked in (ask(ONE), ask(ONE, "y", range(20)), ask([(2, 0)], "z")):
        look = judged(asked, *plans)
        assert (look.anytime, look.level, look.sharing) == (False, 0.015, 3)
    assert judged(ask([(4, 3)], "other"), *plans).level == 0.045
    look = judged(ask(BASELINE, "w"), *plans)
    assert (look.anytime, look.level, look.tests) == (True, 0.0025, 3)
    copy = plan(ONE, sweep="copy")
    assert judged(ask(ONE), plan(ONE), copy).level == 0.045, "one question by two names"
    alone = NotedPlan("s", tuple(range(10)), one_arm(0))
    assert judged(ask(ONE), plan(ONE), alone).level == 0.045, "an arm by itself is held against none"
    linked = plan([(4, 0)], sweep="link")
    assert judged(ask([(4, 3)], "other"), *plans, linked).sharing == 5, "that have runs in common through others"
    seen_then = replace(linked, seen=seen(4))
    assert judged(ask([(4, 3)], "other"), *plans, seen_then).sharing == 1


def test_of_runs_that_were_planned_by_several_metrics_none_may_be_chosen() -> None:
    pairs: list[Pair] = [(1, 0), (2, 0), (3, 0)]
    of_two, of_two_more = plan(ONE), plan([(3, 2)], metric="ece")
    for metric in ("nll", "ece"):
        look = judged(ask(pairs, "y", metric=metric), of_two, of_two_more)
        assert look.withheld.startswith("these runs were planned to be decided by nll and by ece, and either ")
    added = plan(pairs, metric="ece", seen=seen(0))
    assert judged(ask(pairs, metric="nll"), of_two, added).withheld == "", "it was named when runs could be seen"
    both = plan(ONE, metric="ece"), plan(ONE, sweep="y")
    for metric in ("nll", "ece"):
        assert judged(ask(ONE, metric=metric), *both).sharing == 2
        grown = judged(ask(ONE, seeds=range(20), metric=metric), *both)
        assert "to be decided by ece and by nll, " in grown.withheld, "whichever was planned last"


def test_the_metric_of_a_plan_that_was_given_up_binds_nobody_not_even_of_cells_that_no_later_one_has() -> None:
    first, then = plan(ONE, metric="ece"), plan(ONE, range(5))
    grown = plan(ONE, seen=seen(0, 1, seeds=range(5)))
    assert judged(ask(ONE), first, then, grown).withheld == ""
    assert judged(ask(ONE, metric="ece"), first, then, grown).withheld.startswith("nll was to decide")


def test_who_plans_otherwise_when_some_runs_can_be_seen_changes_nothing_of_what_was_planned() -> None:
    """Half of them could be seen; the others were trained while another metric was to decide."""
    otherwise = plan(BASELINE, metric="ece", seen=seen(0, 1, 2, seeds=range(5)))
    assert judged(ask(BASELINE, metric="ece"), plan(BASELINE), otherwise).withheld.startswith("nll was to decide")
    assert not judged(ask(BASELINE), plan(BASELINE), otherwise).anytime


def test_a_margin_that_was_not_planned_is_judged_as_one_of_all_margins() -> None:
    asked = ask(BASELINE, "y", margin=0.5)
    for plans in ([plan(BASELINE)], [plan(BASELINE), plan(BASELINE, margin=0.5, sweep="y", seen=seen(0, 1, 2))]):
        look = judged(asked, *plans)
        assert (look.anytime, look.level) == (True, 0.0025)
        assert look.why == "the margin was none when the runs were planned, and is 0.5"
    first, again = one_after_another(replace(asked, planned=plan(BASELINE)), replace(asked, planned=None))
    assert again == first, "the same question has the same answer"


# Which pairs.


def test_pairs_that_were_not_planned_are_judged_as_chosen_from_all() -> None:
    arms = {"a": DRUG_1 / 100, "b": DRUG_2 / 100, "c": DRUG_1[::-1] / 100}
    table = of_values(arms, planned=10)
    assert not compare(table).look.anytime
    every = compare(table, pairs="all").look
    table.plan["baseline"] = "b"
    for look in (every, compare(table).look):
        assert (look.anytime, look.level, look.tests) == (True, 0.0025, 3)
        assert look.why == (
            "other pairs of arms were planned to be compared at the first run, and these could be chosen from 3"
        )
    two = of_values({name: arms[name] for name in "ab"}, planned=10)
    two.plan["baseline"] = "b"
    assert not compare(two).look.anytime, "of two arms there is one pair"


def test_arms_are_known_by_their_runs_and_not_by_their_names() -> None:
    arms = {"a": DRUG_1 / 100, "b": DRUG_2 / 100, "c": DRUG_1[::-1] / 100}
    table = of_values(arms, planned=10)
    for arm in (*table.plan["arms"], *table.plan["cells"]):
        named = "name" if "name" in arm else "arm"
        arm[named] = f"model.{arm[named]}"
    for own in (frame := vars(table)["frame"],):
        frame["arm"] = [f"model.{arm}" for arm in own["arm"]]
    vars(table)["settings"] = {f"model.{arm}": settings for arm, settings in table.settings.items()}
    table.plan["baseline"] = "model.a"
    assert not compare(table).look.anytime
    table.plan["baseline"] = "model.b"
    assert compare(table).look.tests == 3


def test_an_arm_that_was_planned_and_is_left_out_counts_among_those_to_choose_from() -> None:
    look = judged(ask(ONE), plan(BASELINE))
    assert (look.anytime, look.tests) == (True, 3)


def test_all_pairs_can_be_planned() -> None:
    arms = {name: spread_out(10, 0.8, 0.01, number) for number, name in enumerate("abc")}
    comparison = compare(of_values(arms, decided="all"))
    assert (len(comparison.pairs), comparison.look.anytime) == (3, False)


# Which runs.


def test_runs_that_were_planned_are_planned_by_whatever_name_they_are_gone_on_with() -> None:
    copy = plan(ONE, sweep="y", seen=seen(0, 1))
    assert not judged(ask(ONE, "y"), plan(ONE), copy).anytime


def test_arms_that_were_planned_apart_are_held_against_each_other_as_planned_where_nothing_can_be_chosen() -> None:
    alone = [NotedPlan(f"s{arm}", tuple(range(10)), one_arm(arm)) for arm in (0, 1, 2)]

    def look(pairs: Iterable[Pair], *plans: NotedPlan, there: int = 2, **asked_so: Any) -> Look:
        asked = replace(ask(pairs, "y", **asked_so).asked, arms_there=there)
        return judge_look(asked, Notes(plans))

    assert (look(ONE, *alone).anytime, look(ONE, *alone).level) == (False, 0.045)
    assert not look(EVERY, *alone, there=3).anytime
    found = look(BASELINE, *alone, there=3)
    assert (found.anytime, found.level, found.tests) == (True, 0.0025, 3)
    assert found.why == "s0 and s1 and s2 were planned apart, and are not all that there is, in all pairs"
    assert look(ONE, *alone, metric="ece").withheld.startswith("nll was to decide when these runs were planned")
    asked = replace(ask(ONE, "y").asked, arms_there=2)
    again = replace(asked, question=replace(asked.question, tries=frozenset([("0-3", 2)])))
    assert judge_look(again, Notes(tuple(alone))).why == "1 of the cells has been trained again since the first run"
    some = replace(asked, left_out=({"0-0": 0, "0-10": 10},))
    assert judge_look(some, Notes(tuple(alone))).withheld.startswith("of the runs that were there ")
    assert look(ONE, *alone, margin=0.5).why == "s0 and s1 were planned apart, and by another margin"
    of_two = plan(ONE), plan([(3, 2)], sweep="y")
    every = look([*EVERY, (3, 0), (3, 1), (3, 2)], *of_two, there=4)
    assert every.why == "x and y were planned apart, and not to be compared with each other"
    others = replace(alone[1], seeds=tuple(range(1, 11)))
    both = replace(ask(ONE).asked, sweeps={"s0": tuple(range(10)), "s1": others.seeds}, arms_there=2)
    shifted = judge_look(both, Notes((alone[0], others)))
    assert shifted.why == "s0 and s1 were planned apart, and with other seeds each"
    longer = NotedPlan("longer", tuple(range(20)), one_arm(0, range(20)))
    for other in (
        look(ONE, *alone, there=3),
        look(ONE, *alone, seeds=range(5)),
        look(ONE, *alone, margin=0.5),
        look(ONE, *alone, longer),
        shifted,
        look(ONE, alone[0], plan(ONE, sweep="y", seen=seen(0))),
    ):
        assert (other.anytime, other.level) == (True, 0.0025)


def test_seeds_that_were_planned_when_runs_could_be_seen_are_not_planned_beforehand() -> None:
    few = range(5)
    look = judged(ask(ONE), plan(ONE, few), plan(ONE, seen=seen(0, seeds=few)))
    assert (look.anytime, look.level) == (True, 0.0025)
    assert look.why == "5 seeds were planned at the first run, and 10 are judged"
    assert judged(ask(ONE, seeds=few), plan(ONE, few), plan(ONE, seen=seen(0, seeds=few))).level == 0.045


def test_what_was_shown_at_a_shared_level_keeps_it_though_the_notes_of_the_others_are_lost() -> None:
    asked, plans = ask(ONE).asked, (plan(ONE), plan([(2, 0)], sweep="z"))
    look = judge_look(asked, Notes(plans))
    shown = tuple(asked.looks(not look.anytime, look.tests, look.sharing))
    assert (look.level, judge_look(asked, Notes(plans[:1], shown, (None,)))) == (0.0225, look)


def test_of_what_was_planned_by_other_names_the_plan_of_as_many_seeds_is_named() -> None:
    look = judged(ask(BASELINE, "third"), plan(ONE), plan(ONE, range(20), sweep="y"))
    assert (look.why, look.planned) == (
        "1 of the arms is not among those that were planned together at the first run",
        10,
    )


def test_after_a_pilot_of_too_few_seeds_for_any_verdict_the_nine_tenths_are_for_anytime_valid_tests() -> None:
    pilot, more = plan(ONE, range(4)), plan(ONE, seen=seen(0, 1, seeds=range(4)))
    look = judged(ask(ONE), pilot, more)
    assert (look.anytime, look.level, look.why) == (
        True,
        0.045,
        "4 seeds were planned at the first run, and 10 are judged",
    )
    assert judged(ask(BASELINE), pilot, plan(BASELINE, seen=seen(0, 1, seeds=range(4)))).level == 0.00125
    assert judged(ask(ONE), plan(ONE), plan(ONE, range(4), sweep="pilot")).level == 0.045, "which takes no share"


def test_an_arm_that_was_added_when_runs_could_be_seen_was_not_planned_beforehand() -> None:
    added = plan(BASELINE, seen=seen(0, seeds=range(3)))
    for first, level in ((plan(ONE), 0.00125), (NotedPlan("x", tuple(range(10)), one_arm(0)), 0.0025)):
        look = judged(ask(BASELINE), first, added)
        assert (look.anytime, look.level, look.tests) == (True, level, 3)
    assert look.why == "2 of the arms are not among those that were planned together at the first run"


def test_arms_that_were_added_when_runs_could_be_seen_and_are_compared_have_what_is_kept_back() -> None:
    added = plan([*BASELINE, (3, 0)], seen=seen(0, 1))
    look = judged(ask([(3, 2)], "y"), plan(ONE), added, plan([(3, 2)], sweep="y", seen=seen(2, 3)))
    assert (look.anytime, look.level) == (True, 0.0025), "no pilot"
    assert look.why == "some of these runs, or of those planned with them, could be seen when they were planned"


def test_fewer_of_the_planned_runs_are_not_the_planned_ones() -> None:
    look = judged(ask(ONE, "y", range(5)), plan(ONE), plan(ONE, range(5), sweep="y", seen=seen(0, 1)))
    assert look.why == "10 seeds were planned at the first run, and 5 are judged"
    assert (look.seeds, look.planned) == (5, 10)


def test_other_seeds_by_the_same_name_have_no_verdict_after_the_first_though_they_were_planned_beforehand() -> None:
    plans, shown = (plan(ONE), plan(ONE, range(10, 20))), tuple(ask(ONE).asked.looks(plain=True))
    asked = ask(ONE, seeds=range(10, 20)).asked
    assert not judge_look(asked, Notes(plans)).anytime
    after = judge_look(replace(asked, at_other_seeds=shown), Notes(plans, shown))
    assert after.withheld.startswith("verdicts on seeds 0 to 9 were shown before, ")


def alone(arm: int, sweep: str, seeds: Iterable[int] = range(10)) -> NotedPlan:
    return NotedPlan(sweep, tuple(seeds), one_arm(arm, tuple(seeds)))


def test_of_arms_that_were_planned_apart_the_first_look_alone_is_as_planned() -> None:
    plans = tuple(alone(arm, f"s{arm}") for arm in range(3))

    def in_turn(*asks: Ask) -> list[tuple[bool, float, int | None]]:
        shown, found = list[NotedLook](), []
        for each in asks:
            asked = replace(each.asked, arms_there=2)
            look = judge_look(asked, Notes(plans, tuple(shown)))
            shown += asked.looks(not look.anytime, look.tests)
            found.append((look.anytime, look.level, look.tests))
        return found

    pair, wider, other = ask([(1, 0)], "y"), ask([(1, 0)], "z", margin=0.5), ask([(2, 0)], "y")
    plain = (False, 0.045, None)
    assert in_turn(pair, wider, other, pair) == [plain, (True, 0.0025, 1), (True, 0.00125, 3), plain]
    assert in_turn(wider, pair) == [(True, 0.0025, 1), (True, 0.0025, 1)]


def test_a_question_to_one_arm_is_not_that_to_another() -> None:
    plans = alone(0, "s0"), alone(1, "s1", range(5))
    asked = [Asked(alone(arm, "").question, {f"s{arm}": tuple(range(10))}) for arm in (0, 1)]
    assert [judge_look(each, Notes(plans)).anytime for each in asked] == [False, True]
