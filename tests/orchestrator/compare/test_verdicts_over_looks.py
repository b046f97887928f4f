"""A verdict is the plain one at what was planned, and the anytime-valid one at any other look."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from known import BCE, CE, DRUG_1, DRUG_2
from made_up_runs import kinds, look_at, of_values
from scipy import stats

from orchestrator.compare import Comparison, compare
from orchestrator.compare.looks.asked import planned_by
from orchestrator.report.sections.differences import forest_rows
from orchestrator.report.spoken import headline, spoken
from orchestrator.store import CellStore, LocalStore


@pytest.mark.parametrize(
    ("planned", "looks", "why"),
    [
        (10, (), ""),
        (10, (10,), ""),
        (10, (10, 20), ""),
        (10, (5,), ""),
        (10, (5, 7, 10), ""),
        (5, (), "5 seeds were planned at the first run, and 10 are judged"),
        (5, (5,), "5 seeds were planned at the first run, and 10 are judged"),
        (20, (), "20 seeds were planned at the first run, and 10 are judged"),
    ],
)
def test_only_what_was_planned_has_plain_tests_whatever_was_looked_at(
    planned: int, looks: tuple[int, ...], why: str
) -> None:
    arms = {"one": DRUG_1 / 100, "two": DRUG_2 / 100}
    comparison = compare(of_values(arms, planned=planned, looks=looks))
    (pair,) = comparison.pairs
    sentence = pair.verdicts[0].sentence
    assert comparison.look.anytime == bool(why)
    if why:
        assert sentence.endswith(f" Anytime-valid: {why}.")
        # e = 25.475138: enough at .05, and for one test of location alone.
        assert pair.numbers is not None
        assert pair.numbers.rests_on.p == pytest.approx(1 / 25.475138)
        assert pair.verdicts[0].p == pytest.approx(1 / 25.475138)
        assert any("anytime-valid" in note for note in comparison.notes)
        assert [v.kind for v in pair.verdicts] == ["NOT SETTLED", "SPREAD NOT SETTLED"]
    else:
        assert "Anytime" not in sentence
        assert "Holm p=0.0057" in sentence


def test_what_was_planned_and_is_now_otherwise_is_said() -> None:
    table = of_values(
        {"a": BCE, "b": CE}, margin=0.5, planned=5, decided_first={"metric": "test_nll", "margin": None}
    )
    comparison = compare(table)
    assert kinds(comparison) == [[]]
    assert comparison.notes == (
        "No verdict, estimates only: test_nll was to decide when these runs were planned, and test_macro_f1 would "
        "be a metric that was chosen after they had been seen; decide by test_nll, or train fresh seeds in a sweep "
        "of another name.",
        "The metric was test_nll at the first run and is test_macro_f1 now.",
        "The margin was none at the first run and is 0.5 now.",
    )


# The level is shared out over the looks.


@pytest.mark.parametrize(
    ("seeds", "looks", "level"),
    [
        (5, (), 0.045),
        (5, (5, 10), 0.045),
        (5, (10,), 0.045),
        (10, (5,), 0.0025),
        (20, (5, 10, 20), 0.0025),
        (10, (), 0.0025),
        (20, (10, 5), 0.0025),
    ],
)
def test_the_nine_tenths_are_for_what_was_planned_and_of_the_tenth_all_else_has_a_share(
    seeds: int, looks: tuple[int, ...], level: float
) -> None:
    assert look_at(seeds, 5, looks).level == pytest.approx(level)


@pytest.mark.parametrize("first", [5, 10, 20])
def test_the_levels_of_plain_and_anytime_tests_never_add_up_to_more_than_one_in_twenty(first: int) -> None:
    """Over all looks after any first one, at a plan of 10: each plain look once, all anytime ones together."""
    seen = [look_at(seeds, 10, (first,)) for seeds in (10, 20, 50) if seeds >= first]
    plain = {look.level for look in seen if not look.anytime}
    anytime = {look.level for look in seen if look.anytime}
    assert len(plain) <= 1
    assert len(anytime) == 1
    assert sum(plain) + sum(anytime) <= 0.05


# Which seeds, and not only how many.

FIRST, OTHERS, ALL = tuple(range(5)), tuple(range(5, 10)), tuple(range(10))


@pytest.mark.parametrize(
    ("seeds", "looks", "level", "why"),
    [
        (FIRST, (), 0.045, ""),
        (FIRST, (FIRST, ALL), 0.045, ""),
        (ALL, (FIRST,), 0.0025, "5 seeds were planned at the first run, and 10 are judged"),
        (ALL, (), 0.0025, "5 seeds were planned at the first run, and 10 are judged"),
        (FIRST, (ALL,), 0.045, ""),
    ],
)
def test_a_look_is_at_seeds_and_not_at_a_number_of_them(
    seeds: tuple[int, ...], looks: tuple[tuple[int, ...], ...], level: float, why: str
) -> None:
    look = look_at(seeds, FIRST, looks)
    assert (look.level, look.why, look.anytime, look.withheld) == (pytest.approx(level), why, bool(why), "")


@pytest.mark.parametrize(
    ("seeds", "looks", "said", "remedy"),
    [
        (OTHERS, (FIRST,), "seeds 0 to 4 were shown before, and 5 to 9 are", "seeds=10"),
        (FIRST, (OTHERS,), "seeds 5 to 9 were shown before, and 0 to 4 are", "seeds=10"),
        ((0, 1, 3, 7, 9), (ALL,), "seeds 0 to 9 were shown before, and 0, 1, 3, 7 and 9 are", "seeds=10"),
        ((*FIRST, 8), (FIRST, (*FIRST, 6)), "seeds 0 to 4 and 6 were", "seeds=[0,1,2,3,4,6,8]"),
    ],
)
def test_seeds_that_leave_out_what_was_judged_before_get_no_verdict(
    seeds: tuple[int, ...], looks: tuple[tuple[int, ...], ...], said: str, remedy: str
) -> None:
    look = look_at(seeds, FIRST, looks)
    assert said in look.withheld
    assert look.withheld.endswith(f"go on with all of them: --set {remedy}")


class Losses(CellStore):
    """By the names of whose arms the losses of runs are known."""

    def settings(self, key: str) -> dict[str, Any]:
        arm, _, seed = key.partition("-")
        return {"loss": arm, "seed": int(seed)}


def other_seeds(tmp_path: Path, of: tuple[str, str]) -> Comparison:
    """Of two losses, after one and two were judged on the first five."""
    table = of_values({"one": BCE, "two": BCE + CE}, planned=FIRST, looks=(FIRST,))
    assert kinds(compare(table)) == [["BETTER"]]
    table.plan["seeds"] = list(OTHERS)
    loss = dict(zip(("one", "two"), of, strict=True))
    for cell in table.plan["cells"]:
        cell["key"] = f"{loss[cell['arm']]}-{cell['seed'] + 5}"
    settings = {arm: {"loss": name, "seed": 5} for arm, name in loss.items()}
    notes = replace(table.notes, plans=(*table.notes.plans, planned_by(table.plan)))
    again = replace(table, notes=notes, cells=Losses(LocalStore(tmp_path)))
    vars(again).update({**vars(table), "settings": settings, "notes": notes, "cells": again.cells})
    return compare(again)


def test_five_other_seeds_after_the_planned_five_have_estimates_only(tmp_path: Path) -> None:
    comparison = other_seeds(tmp_path, ("one", "two"))
    assert kinds(comparison) == [[]]
    assert not comparison.shows_a_verdict
    assert comparison.notes[0].startswith("No verdict, estimates only: verdicts on seeds 0 to 4 were shown before")
    assert headline(comparison) == comparison.notes[0]


@pytest.mark.parametrize("arms", [("three", "four"), ("one", "three")])
def test_other_arms_on_other_seeds_are_another_experiment_by_the_same_name(
    tmp_path: Path, arms: tuple[str, str]
) -> None:
    comparison = other_seeds(tmp_path, arms)
    assert kinds(comparison) == [["BETTER"]]
    assert (comparison.look.withheld, comparison.look.anytime, comparison.notes) == ("", False, ())


def drugs_apart(by: float, **given: object) -> Comparison:
    """Their p is .0028 where `by` is 0; the more of the difference is taken away, the larger."""
    return compare(of_values({"one": DRUG_1[:9] / 100, "two": (DRUG_2[:9] - by) / 100}, **given))  # type: ignore[arg-type]


def test_a_p_between_the_looks_share_and_the_level_is_withheld_and_said() -> None:
    (pair,) = drugs_apart(0.58).pairs
    verdict, _ = pair.verdicts
    assert verdict.p is not None
    assert 0.045 < verdict.p < 0.05
    assert verdict.kind == "NOT SETTLED"
    assert verdict.interval is not None
    assert verdict.interval.low == 0
    assert pair.notes == (
        f"BETTER is withheld: its p of {verdict.p:.2g} is not under 0.045, this look's share of .05; "
        "the rest is kept for what was not planned.",
    )
    (pair,) = drugs_apart(0.4).pairs
    assert (pair.verdicts[0].kind, pair.notes) == ("BETTER", ())


def test_after_the_planned_look_a_verdict_needs_an_anytime_p_under_what_was_kept_back() -> None:
    """e = 25.475138, so that p is .039."""
    arms = {"one": DRUG_1 / 100, "two": DRUG_2 / 100}
    comparison = compare(of_values(arms, planned=5, looks=(5,)))
    (pair,) = comparison.pairs
    assert pair.verdicts[0].kind == "NOT SETTLED"
    assert pair.notes[0] == (
        "BETTER is withheld: its p of 0.039 is not under 0.0025, this look's share of .05; the rest is for what "
        "was planned, and for other looks."
    )
    far = {"one": DRUG_1 / 100, "two": (DRUG_2 + 3) / 100}
    later = compare(of_values(far, planned=5, looks=(5,))).pairs[0].verdicts[0]
    assert later.kind == "BETTER"
    assert later.p is not None
    assert later.p < 0.0025


def test_what_was_shown_of_fewer_seeds_stands_beside_what_more_of_them_show() -> None:
    gained = [0.02, 0.021, 0.022, 0.023, 0.024, -0.03, 0.08, -0.02, 0.07, 0.01]
    arms = {"one": [0.8] * 10, "two": [0.8 + more for more in gained]}
    comparison = compare(of_values(arms, planned=5, looks=(5,)))
    (pair,) = comparison.pairs
    assert kinds(comparison) == [["NOT SETTLED"]]
    (stands,) = pair.standing
    assert (stands.kind, stands.winner) == ("BETTER", "two")
    assert stands.sentence.startswith("At 5 seeds, and it stands: BETTER: two beats one by 2.20 points (95% CI 2.0")
    assert "Anytime" not in stands.sentence
    first, *_ = spoken(comparison)
    assert first.sentences[0] == stands.sentence
    assert pair.settled == (stands,)
    again = compare(of_values(arms, planned=5, looks=(5, 10)))
    assert again.pairs == comparison.pairs
    (fresh,) = compare(of_values(arms, planned=10)).pairs
    assert fresh.standing == ()


def test_what_is_said_again_of_more_seeds_is_not_said_twice() -> None:
    far = {"one": DRUG_1 / 100, "two": (DRUG_2 + 3) / 100}
    (pair,) = compare(of_values(far, planned=5, looks=(5,))).pairs
    assert (pair.verdicts[0].kind, pair.standing) == ("BETTER", ())


def test_while_more_seeds_are_trained_the_verdict_on_the_first_stands() -> None:
    far: dict[str, list[object]] = {
        "one": [*DRUG_1[:6] / 100, "new"],
        "two": [*(DRUG_2[:6] + 3) / 100, 0.5],
    }
    comparison = compare(of_values(far, planned=5, looks=(5,)))
    (pair,) = comparison.pairs
    assert (comparison.complete, pair.verdicts) == (False, ())
    assert [verdict.kind for verdict in pair.standing] == ["BETTER"]


def test_equivalence_too_has_the_looks_share_of_the_level() -> None:
    arms = {"one": DRUG_1[:6] / 100, "two": DRUG_1[1:7] / 100}
    (pair,) = compare(of_values(arms)).pairs
    assert pair.numbers is not None
    found = pair.numbers.rests_on
    assert found.se is not None
    kinds = {}
    for p in (0.044, 0.046, 0.051):
        margin = 100 * (abs(found.estimate) + found.se * stats.t.isf(p, 5))
        comparison = compare(of_values(arms, margin=margin))
        (pair,) = comparison.pairs
        kinds[p] = (pair.verdicts[0].kind, [note[:22] for note in pair.notes])
        drawn = forest_rows(comparison)[0].inner
        assert drawn is not None
        is_inside = -margin < drawn[0] and drawn[1] < margin
        assert is_inside == (kinds[p][0] == "EQUIVALENT")
    assert kinds == {
        0.044: ("EQUIVALENT", []),
        0.046: ("NOT SETTLED", ["EQUIVALENT is withheld"]),
        0.051: ("NOT SETTLED", []),
    }
