"""Whoever asks the same runs again asks for a later look, by whatever name."""

from collections.abc import Iterable
from dataclasses import replace

import pytest
from asking import BASELINE, EVERY, Ask, Pair, ask, one_after_another, runs_of
from hypothesis import given
from hypothesis import strategies as st
from known import DRUG_1, DRUG_2
from made_up_runs import kinds, of_values, spread_out

from orchestrator.compare import asked_by, compare
from orchestrator.compare.looks.asked import Asked
from orchestrator.compare.looks.look import judge_look
from orchestrator.results import ResultTable
from orchestrator.store.noted_looks import NotedLook
from orchestrator.store.noted_plans import NotedPlan
from orchestrator.store.notes import Notes
from orchestrator.store.question import Question


def test_the_same_question_has_the_same_answer_for_ever_whoever_names_the_sweep() -> None:
    first, *_, again, renamed = one_after_another(
        ask(BASELINE), ask(EVERY), ask(BASELINE, seeds=range(20)), ask(BASELINE), ask(BASELINE, "copy", planned=7)
    )
    assert (first.anytime, first.level, first.tests) == (False, 0.045, None)
    assert again == renamed == first


def test_a_plan_by_another_name_does_not_make_a_plain_look_of_one_that_was_not() -> None:
    early, renamed = one_after_another(ask(BASELINE, planned=20), ask(BASELINE, "copy", planned=10))
    assert (early.anytime, renamed) == (True, early)


@pytest.mark.parametrize(
    "later",
    [
        ask(EVERY),
        ask([(0, 1), (2, 1)]),
        ask([(2, 0)], "copy"),
        ask([(2, 1)], "copy"),
        ask(EVERY, "copy", seeds=range(20), planned=20),
        ask(BASELINE, margin=0.5),
    ],
    ids=["all pairs", "another baseline", "fewer arms", "no pair of before", "more seeds as well", "a margin"],
)
def test_another_question_to_the_same_runs_is_corrected_for_all_their_pairs_at_a_share_of_what_was_kept_back(
    later: Ask,
) -> None:
    _, look = one_after_another(ask(BASELINE), later)
    assert (look.anytime, look.level, look.tests, look.withheld) == (True, 0.0025, 3, "")
    assert look.why.startswith("verdicts that rest on some of these runs were shown before, ")
    assert look.why.endswith(
        "by another margin (x, 10 seeds)" if later.question.margin else "question (x, 10 seeds)"
    )


def test_each_time_that_other_arms_join_the_share_is_half_of_the_one_before() -> None:
    asks = [ask([(1, 0)], "a"), ask([(2, 0)], "b"), ask([(3, 0), (4, 0)], "c"), ask([(4, 1)], "d")]
    looks = one_after_another(*asks)
    assert [look.level for look in looks] == [0.045, 0.00125, 0.000625, 0.000625]
    assert [look.tests for look in looks] == [None, 3, 10, 10]
    assert looks[3].why.endswith("in answer to another question (a, 10 seeds; c, 10 seeds)")


@pytest.mark.parametrize("planned", [10, 20])
@pytest.mark.parametrize(
    ("later", "level"),
    [
        (ask([(1, 0)], "copy", margin=0.5), 0.0025),
        (ask(BASELINE, "copy"), 0.00125),
        (ask([(1, 0)], "copy", seeds=range(50), planned=50), 0.0025),
    ],
    ids=["another margin", "more arms", "more seeds"],
)
def test_the_nine_tenths_are_for_what_was_planned_whether_or_not_it_has_been_asked(
    planned: int, later: Ask, level: float
) -> None:
    first, look = one_after_another(ask([(1, 0)], planned=planned), later)
    assert (first.anytime, first.level) == ((False, 0.045) if planned == 10 else (True, 0.0025))
    assert (look.anytime, look.level) == (True, level)


def test_runs_that_share_none_with_those_of_before_are_looked_at_for_the_first_time() -> None:
    assert not one_after_another(ask([(1, 0)]), ask([(3, 2)], "other"))[1].anytime
    changed = ask([(3, 2)])  # the same name, and other settings
    assert not one_after_another(ask([(1, 0)]), changed)[1].anytime


def test_looks_that_share_runs_only_through_others_count_too() -> None:
    look = one_after_another(ask([(1, 0)], "a"), ask([(2, 1)], "b"), ask([(3, 2)], "c"))[2]
    assert (look.level, look.tests) == (0.000625, 6)


def test_by_a_metric_that_is_named_after_a_look_there_are_estimates_only() -> None:
    _, look = one_after_another(ask(BASELINE), ask(BASELINE, "copy", metric="ece"))
    assert look.withheld.startswith(
        "verdicts on these runs were shown by nll, and ece would be a metric that was chosen"
    )


def test_fewer_seeds_by_another_name_are_the_part_of_the_runs_that_looks_best() -> None:
    _, look = one_after_another(ask(BASELINE), ask(BASELINE, "copy", seeds=range(5), planned=5))
    assert look.withheld.endswith("go on with all of them: --set seeds=10")


def test_of_several_sweeps_it_is_said_which_seeds_were_not_as_planned() -> None:
    a, b = ask([(1, 0)], "a"), ask([(3, 2)], "b", seeds=range(7), planned=5)
    pair = frozenset([frozenset([runs_of(0, range(10)), runs_of(2, range(7))])])
    asked = Asked(Question(pair, "nll", None), {**a.asked.sweeps, **b.asked.sweeps})
    plans = tuple(each.planned for each in (a, b) if each.planned)
    look = judge_look(asked, Notes(plans))
    assert judge_look(asked, Notes(plans[::-1])) == look, "whichever was planned last"
    assert (look.seeds, look.planned) == (7, 5)
    assert look.why == "5 seeds were planned at the first run, and 7 are judged"


def test_several_sweeps_together_are_looked_at_later_than_each_by_itself() -> None:
    a, b = ask([(1, 0)], "a"), ask([(3, 2)], "b")
    question = ask([(1, 0), (2, 0), (3, 0)]).question
    both = Ask(Asked(question, {**a.asked.sweeps, **b.asked.sweeps}), None)
    looks = one_after_another(a, b, both)
    assert [(look.level, look.tests) for look in looks] == [(0.045, None), (0.045, None), (0.00125, 6)]


def tried_again(asked: Ask, *tries: tuple[str, int]) -> Ask:
    return replace(asked, asked=replace(asked.asked, question=replace(asked.question, tries=frozenset(tries))))


def test_runs_that_have_been_tried_again_are_not_asked_the_same_question() -> None:
    asked = ask(BASELINE)
    again, twice = tried_again(asked, ("1-3", 2)), tried_again(asked, ("1-3", 3), ("2-0", 2))
    looks = one_after_another(asked, again, twice, again, asked)
    assert [look.level for look in looks[:3]] == [0.045, 0.00125, 0.000625], "each is another sample"
    assert (looks[1].tests, looks[1].withheld) == (3, "")
    assert looks[1].why == "1 cell has been trained again since verdicts on these runs were shown (x, 10 seeds)"
    assert looks[2].why.startswith("2 cells have been trained again since ")
    assert (looks[3], looks[4]) == (looks[1], looks[0])
    elsewhere = tried_again(ask(BASELINE, seeds=range(20)), ("1-13", 2))
    assert one_after_another(asked, elsewhere)[1].why == "10 seeds were planned at the first run, and 20 are judged"


@pytest.mark.parametrize(("again", "standing"), [("two-3", 0), ("two-7", 1)])
def test_what_was_shown_of_runs_does_not_stand_once_they_have_been_tried_again(again: str, standing: int) -> None:
    gained = [0.02, 0.021, 0.022, 0.023, 0.024, -0.03, 0.08, -0.02, 0.07, 0.01]
    table = of_values({"one": [0.8] * 10, "two": [0.8 + more for more in gained]}, planned=5, looks=(5,))
    vars(table)["tries"] = frozenset([(again, 2)])
    (pair,) = compare(table).pairs
    assert len(pair.standing) == standing


def test_only_what_was_tried_in_between_and_is_of_both_is_at_another_try() -> None:
    asked, other = ask([(1, 0)]), ask([(2, 1)])
    again = tried_again(asked, ("0-3", 2)).question
    assert again.is_at_other_tries(asked.question)
    assert asked.question.is_at_other_tries(again)
    assert not again.is_at_other_tries(again)
    assert not again.is_at_other_tries(other.question)
    assert not other.question.is_at_other_tries(again)


@pytest.mark.parametrize(
    ("looks", "again", "lost", "said"),
    [
        ((5,), [], (), "Here p must be under 0.0025. Verdicts of earlier looks stand."),
        ((5,), ["two-3"], (), "Here p must be under 0.00125."),
        (
            (5, 8),
            ["two-7"],
            (),
            "Here p must be under 0.00125. Earlier verdicts stand where none of their runs has been trained again.",
        ),
        ((5,), [], (None,), "Here p must be under 0.0025. Verdicts of earlier looks stand."),
        ((), [], (None,), "Here p must be under 0.0025."),
    ],
)
def test_that_earlier_verdicts_stand_is_said_only_of_those_that_are_known_and_do(
    looks: tuple[int, ...], again: list[str], lost: tuple[None, ...], said: str
) -> None:
    arms = {"one": [0.8 + 0.001 * seed for seed in range(10)], "two": [0.8] * 10}
    table = of_values(arms, planned=5 if looks else 10, looks=looks)
    tries = frozenset((key, 2) for key in again)
    vars(table).update(notes=replace(table.notes, lost=lost), tries=tries)
    (of_later,) = (note for note in compare(table).notes if "must be under" in note)
    assert of_later == said


@pytest.mark.parametrize("seeds", [5, 10])
def test_what_was_shown_stands_at_another_margin_but_equivalence_does_not(seeds: int) -> None:
    gained = [0.02, 0.021, 0.022, 0.023, 0.024, -0.03, 0.08, -0.02, 0.07, 0.01][:seeds]
    alike = [0.8 + 0.0001 * (-1) ** seed for seed in range(seeds)]
    ends = {"one": [0.8] * seeds, "two": [0.8 + more for more in gained], "three": alike}
    table = of_values(ends, margin=1.0, planned=5, looks=(5,))
    first = compare(table)
    table.plan["decide"]["margin"] = 0.0001
    later = compare(table)
    kinds_then, kinds_now = ([v.kind for p in c.pairs for v in (*p.verdicts, *p.standing)] for c in (first, later))
    assert {"BETTER", "EQUIVALENT"} <= set(kinds_then)
    assert "BETTER" in kinds_now
    assert "EQUIVALENT" not in kinds_now


def test_of_runs_that_leave_out_some_it_is_said_what_is_left_out_where_the_seeds_do_not_tell() -> None:
    """Of the first arm five seeds are asked about, of another all twenty."""
    judged = ask([(1, 0)])
    pair = frozenset([frozenset([runs_of(0, range(5)), runs_of(3, range(20))])])
    of_two = Asked(Question(pair, "nll", None), {"z": tuple(range(5)), "y": tuple(range(20))})
    _, look = one_after_another(judged, Ask(of_two, None))
    assert look.withheld == (
        "verdicts were shown before that rest on 5 more runs of these arms (in x); one on runs that were chosen "
        "after the others had been judged would be another try; go on with all of them"
    )


asked_in_turn = st.lists(
    st.tuples(
        st.sets(st.tuples(st.integers(1, 5), st.integers(0, 5))),
        st.integers(1, 5),
        st.sampled_from([(10, 10), (20, 20), (10, 20)]),
    ),
    min_size=1,
    max_size=6,
)


@given(asked_in_turn)
def test_whatever_is_asked_of_arms_that_share_runs_the_levels_of_all_tests_add_up_to_one_in_twenty(
    asks: list[tuple[set[Pair], int, tuple[int, int]]],
) -> None:
    """Of each pair of arms what its most lenient look would reject at: its anytime tests are one event."""
    in_turn = []
    for pairs, with_first, (seeds, planned) in asks:
        of = {*((a, b) for a, b in pairs if a != b), (with_first, 0)}
        in_turn.append((of, ask(of, f"s{len(in_turn)}", seeds=range(seeds), planned=planned)))
    plain, anytime = 0.0, dict[frozenset[int], float]()
    for (pairs, _), look in zip(in_turn, one_after_another(*(each for _, each in in_turn)), strict=True):
        if look.withheld:
            continue
        if not look.anytime:
            plain = max(plain, look.level)
        for pair in pairs if look.anytime else ():
            assert look.tests is not None
            anytime[frozenset(pair)] = max(anytime.get(frozenset(pair), 0.0), look.level / look.tests)
    assert plain + sum(anytime.values()) <= 0.05 + 1e-12


def test_a_later_look_is_corrected_for_pairs_that_it_does_not_ask_about() -> None:
    """e = 25.475138 for the one pair of three that is asked about."""
    arms = {"a": DRUG_2 / 100, "b": DRUG_1 / 100, "c": DRUG_1[::-1] / 100}
    table = of_values(arms, planned=10)
    first = compare(table)
    shown = asked_by(first, table).looks(plain=True)
    two = of_values({name: arms[name] for name in "ab"}, planned=10)
    (pair,) = compare(after(two, table.notes.plans, shown)).pairs
    assert pair.verdicts[0].kind == "NOT SETTLED"
    assert pair.verdicts[0].p == pytest.approx(3 / 25.475138)
    assert pair.verdicts[0].interval is not None
    (of_one,) = compare(of_values({name: arms[name] for name in "ab"}, planned=5)).pairs
    assert of_one.verdicts[0].interval is not None
    assert pair.verdicts[0].interval.low < of_one.verdicts[0].interval.low
    assert kinds(compare(after(table, table.notes.plans, shown))) == kinds(first)


def test_at_a_later_look_equivalence_is_corrected_so_that_it_holds_for_all_margins_at_once() -> None:
    """Each pair for all three, where Holm would let the second off with two."""
    arms = {arm: spread_out(10, 0.8, 0.002, number) for number, arm in enumerate("abc")}
    comparison = compare(of_values(arms, margin=1.0, planned=5), pairs="all")
    assert kinds(comparison) == [["EQUIVALENT", "SPREAD NOT SETTLED"]] * 3
    for pair in comparison.pairs:
        assert pair.numbers is not None
        assert pair.numbers.equivalence is not None
        assert pair.numbers.equivalence.p is not None
        assert pair.verdicts[0].p == pytest.approx(3 * pair.numbers.equivalence.p)


def after(table: ResultTable, plans: tuple[NotedPlan, ...], looks: Iterable[NotedLook]) -> ResultTable:
    again = replace(table, notes=Notes(plans, tuple(looks)))
    vars(again).update({name: made_up for name, made_up in vars(table).items() if name not in vars(again)})
    return again
