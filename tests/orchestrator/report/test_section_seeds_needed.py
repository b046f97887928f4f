"""What the section on what it would take says."""

from one_section import NEAR, MakeTable, only, section

from orchestrator.compare.looks.asked import planned_by
from orchestrator.compare.seeds_asked import GROWN_LEVEL, Family, families_of
from orchestrator.report import compose
from orchestrator.report.content import Table
from orchestrator.store.notes import Notes


def test_more_seeds_find_smaller_differences_and_fresh_ones_more_than_added_ones(make_table: MakeTable) -> None:
    found = section(make_table(NEAR), "seeds_needed")
    fresh, grown = only(Table, found).rows
    assert (fresh[1], grown[:3]) == ("a fresh sweep", ("loss=b − loss=a", "this one, grown", "–"))
    detected, added = ([float(cell) for cell in row[3:]] for row in (fresh, grown))
    assert detected == sorted(detected, reverse=True)
    assert added == sorted(added, reverse=True)
    assert all(one < 0.7 * other for one, other in zip(detected, added, strict=True))
    assert f"5 seeds an arm find a difference of {fresh[2]} points 8 times in 10" in found.sees
    assert "without a margin" in found.sees


def test_a_margin_is_said_in_fresh_seeds_and_in_added_ones(make_table: MakeTable) -> None:
    table = make_table(NEAR, margin=0.5)
    found = section(table, "seeds_needed")
    comparison = compose(table).material.comparison
    assert comparison is not None
    ahead, numbers = families_of(comparison), comparison.pairs[0].numbers
    assert numbers is not None
    fresh, grown = (family.seeds_for(0.005, numbers.design).to_settle for family in (ahead.fresh, ahead.grown))
    assert found.sees.endswith(
        f"the margin of 0.5 needs about {fresh} per arm in a fresh sweep, about {grown} if this one grows."
    )
    assert (
        comparison.pairs[0]
        .verdicts[0]
        .sentence.endswith(f"; 0.5 needs about {fresh} per arm in a fresh sweep, about {grown} if this one grows.")
    )


def test_at_a_later_look_its_own_numbers_are_told(make_table: MakeTable) -> None:
    """Five were planned, and seven are judged."""
    table = make_table({arm: [*ends, *ends[:2]] for arm, ends in NEAR.items()}, margin=1.0)
    few = [cell for cell in table.plan["cells"] if cell["seed"] < 5]
    vars(table)["notes"] = Notes((planned_by({**table.plan, "seeds": [0, 1, 2, 3, 4], "cells": few}),))
    composed = compose(table)
    comparison, found = composed.material.comparison, composed.section("seeds_needed")
    assert comparison is not None
    assert found is not None
    fresh, grown = only(Table, found).rows
    assert (fresh[2] == "–", grown[2]) == (False, "–")
    assert float(grown[3]) > float(fresh[3])
    ((verdict,),) = (pair.verdicts[:1] for pair in comparison.pairs)
    numbers = comparison.pairs[0].numbers
    assert numbers is not None
    smallest = Family(1, GROWN_LEVEL, anytime=True).detectable(7, numbers.design)
    assert found.sees.startswith(f"7 seeds an arm find a difference of {100 * smallest:.2f} points 8 times in 10; ")
    assert f" 7 seeds can detect {100 * smallest:.2f} at 80% power; 1 needs about " in verdict.sentence


def test_of_arms_whose_difference_is_the_same_for_every_seed_nothing_is_reckoned(make_table: MakeTable) -> None:
    """The A/A check's twins: no difference is what no seeds have to find."""
    table = make_table({**NEAR, "loss=twin": NEAR["loss=a"]})
    found = section(table, "seeds_needed")
    near, _, twin = only(Table, found).rows
    assert (near[0], twin) == ("loss=b − loss=a", ("loss=twin − loss=a", "a fresh sweep", *["–"] * 5))
    assert f"find a difference between loss=b and loss=a of {near[2]} points" in found.sees
    assert found.sees.endswith(
        "Of loss=twin and loss=a it cannot be said: their difference is the same for every seed."
    )
    alone = section(make_table({"loss=a": NEAR["loss=a"], "loss=twin": NEAR["loss=a"]}), "seeds_needed")
    assert alone.sees == "Of loss=twin and loss=a it cannot be said: their difference is the same for every seed."


def test_what_many_seeds_find_is_never_said_to_be_nothing(make_table: MakeTable) -> None:
    nearly = [end + 1e-6 * number for number, end in enumerate(NEAR["loss=a"])]
    found = section(make_table({"loss=a": NEAR["loss=a"], "loss=b": nearly}), "seeds_needed")
    assert all(0 < float(said) < 0.001 for said in only(Table, found).rows[0][2:])
    assert "5 seeds an arm find a difference of 0.000" in found.sees
