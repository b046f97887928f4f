"""What is chosen after runs could be seen is judged as chosen, whether or not a verdict was shown."""

from dataclasses import replace

from asking import BASELINE, ask, one_after_another
from known import DRUG_1, DRUG_2
from made_up_runs import of_values, spread_out

from orchestrator.compare import compare


def test_a_metric_that_was_not_planned_has_no_verdict_whatever_was_shown() -> None:
    asked = ask(BASELINE, metric="ece", decided_first="nll")
    (look,) = one_after_another(asked)
    assert look.withheld == (
        "nll was to decide when these runs were planned, and ece would be a metric that was chosen after they had "
        "been seen; decide by nll, or train fresh seeds in a sweep of another name"
    )


def test_a_margin_that_was_not_planned_is_judged_as_one_of_all_margins() -> None:
    asked = ask(BASELINE)
    (sweep,) = asked.sweeps.values()
    first, again = one_after_another(replace(asked, sweeps={"x": replace(sweep, margin=0.5)}), asked)
    assert (first.anytime, first.level) == (True, 0.045)
    assert first.why == "the margin was none when the runs were planned, and is 0.5"
    assert again.anytime, "the same question has the same answer"


def test_pairs_that_were_not_planned_are_judged_as_chosen_from_all() -> None:
    arms = {"a": DRUG_1 / 100, "b": DRUG_2 / 100, "c": DRUG_1[::-1] / 100}
    table = of_values(arms, planned=10)
    assert not compare(table).look.anytime
    assert not compare(table, pairs="all").look.anytime, "all pairs hold the planned ones"
    table.plan["baseline"] = "b"
    look = compare(table).look
    assert (look.anytime, look.level, look.tests) == (True, 0.045, 3)
    assert look.why == "what is compared could be chosen from 3 pairs of arms on these data and this split"
    two = of_values({name: arms[name] for name in "ab"}, planned=10)
    two.plan["baseline"] = "b"
    assert not compare(two).look.anytime, "of two arms there is one pair"


def test_all_pairs_can_be_planned() -> None:
    table = of_values({name: spread_out(10, 0.8, 0.01, number) for number, name in enumerate("abc")})
    table.plan["decide"]["pairs"] = "all"
    comparison = compare(table)
    assert (len(comparison.pairs), comparison.look.anytime) == (3, False)


def test_after_a_note_was_damaged_a_first_look_may_be_a_later_one() -> None:
    lost = replace(ask(BASELINE), has_lost_notes=True)
    (look,) = one_after_another(lost)
    assert (look.anytime, look.level, look.tests) == (True, 0.0025, 3)
    assert look.why == "a note of what was planned or looked at was damaged, and what it said is not known"
    first, again = one_after_another(ask(BASELINE), lost)
    assert again == first, "what was shown is known"
