"""What the section of differences says and draws: no more than the verdicts."""

from dataclasses import replace

import pytest
from one_section import APART, NEAR, MakeTable, only, section

from orchestrator.compare.looks.asked import planned_by
from orchestrator.report import compose
from orchestrator.report.beside_table import OF_SPREAD, OF_WINS
from orchestrator.report.content import Picture, Said, Table
from orchestrator.report.difference_table import (
    AT_A_LATER_LOOK,
    ESTIMATES_ONLY,
    IN_UNITS,
    OF_FEW_RUNS,
    P_AS_IT_IS,
)
from orchestrator.results import ResultTable
from orchestrator.store.notes import Notes

BESIDE = (OF_WINS, OF_SPREAD)


def test_the_forest_says_which_pairs_are_settled_and_which_are_not(make_table: MakeTable) -> None:
    table = make_table({**APART, "loss=c": NEAR["loss=b"]})
    picture = only(Picture, section(table, "differences"))
    assert picture.sees.startswith("Against loss=a, to one side of 0: loss=b; not settled: loss=c.")
    only_pair = only(Picture, section(make_table(APART), "differences"))
    assert only_pair.sees.startswith("To one side of 0: loss=b − loss=a.")


def test_the_arm_that_all_others_are_held_against_is_named_once(make_table: MakeTable) -> None:
    figure = only(Picture, section(make_table({**APART, "loss=c": NEAR["loss=b"]}), "differences")).draw()
    (axes,) = figure.axes
    assert [label.get_text() for label in axes.get_yticklabels()][::2] == ["loss=b", "loss=c"]
    assert axes.get_xlabel() == "difference in test accuracy, points, from\nloss=a\n(right: better than it)"


def test_the_forest_shows_the_interval_of_the_verdict(make_table: MakeTable) -> None:
    """Of two pairs it is wider than the plain one, and the picture must not contradict the sentence."""
    table = make_table({**APART, "loss=c": NEAR["loss=b"]})
    report = compose(table)
    comparison = report.material.comparison
    assert comparison is not None
    rows = [row for row in section(table, "differences").numbers if row.decides]
    for row, pair in zip(rows, comparison.pairs, strict=True):
        verdict = pair.verdicts[0].interval
        assert verdict is not None
        assert row.interval == pytest.approx((100 * verdict.low, 100 * verdict.high))
        assert pair.numbers is not None
        plain = pair.numbers.rests_on.interval
        assert plain is not None
        assert row.interval[1] - row.interval[0] > 100 * (plain.high - plain.low)


def test_with_a_margin_the_forest_shows_what_equivalent_rests_on(make_table: MakeTable) -> None:
    table = make_table(NEAR, margin=5.0)
    found = section(table, "differences")
    assert "inside the margin: loss=b − loss=a" in only(Picture, found).sees.lower()
    (decides,) = [row for row in found.numbers if row.decides]
    assert decides.interval[0] < decides.inner[0] < decides.inner[1] < decides.interval[1]


def test_where_no_verdict_is_on_the_margin_nothing_in_the_picture_looks_like_one(make_table: MakeTable) -> None:
    table = make_table(APART, margin=50.0)
    found = section(table, "differences")
    assert only(Picture, found).sees.startswith("To one side of 0")
    assert [row.inner for row in found.numbers] == [None] * len(found.numbers)
    assert found.sees.endswith("; the shade is the margin.")
    table = make_table({arm: [*ends, "new"] for arm, ends in NEAR.items()}, margin=50.0)
    assert not any(row.inner for row in section(table, "differences").numbers)


def test_arms_that_are_the_same_in_every_run_have_no_interval_to_be_drawn(make_table: MakeTable) -> None:
    table = make_table({**NEAR, "loss=c": NEAR["loss=a"]}, margin=50.0)
    (near, same) = [row for row in section(table, "differences").numbers if row.decides]
    assert near.inner is not None
    assert (same.interval, same.inner) == (None, None)


def test_what_is_of_the_size_of_rounding_is_said_by_its_power_of_ten(make_table: MakeTable) -> None:
    table = make_table(NEAR)
    table.frame["test_nll"] = [0.4 + 2e-10 * (row % 2) + 1e-10 * (row // 5) for row in range(10)]
    rows = first_table(table).rows
    (nll,) = [row for row in rows if row[1].startswith("test_nll")]
    assert nll[2] == "+1.4e-10"
    assert all(len(cell) < 10 for cell in nll[3].split(" to "))


def test_where_nothing_is_judged_no_p_is_shown(make_table: MakeTable) -> None:
    found = section(make_table({**APART, "loss=a": [*APART["loss=a"], "new"]}), "differences")
    assert only(Said, found).sentences == (IN_UNITS, ESTIMATES_ONLY)
    of = tables(make_table({**APART, "loss=a": [*APART["loss=a"], "new"]}))
    assert {row[4] for table in of for row in table.rows} == {"–"}
    assert {row[4] for table in tables(make_table(APART)) for row in table.rows} != {"–"}


def test_a_grid_that_is_not_complete_claims_nothing_by_its_picture(make_table: MakeTable) -> None:
    table = make_table({arm: [*ends, "new"] for arm, ends in APART.items()})
    assert only(Picture, section(table, "differences")).sees.startswith("Estimates only")


def test_at_a_later_look_the_methods_that_do_not_hold_there_are_said_to_be_for_reference(
    make_table: MakeTable,
) -> None:
    first, later = make_table(APART), planned_otherwise(make_table(APART))
    assert only(Said, section(first, "differences")).sentences == (IN_UNITS, P_AS_IT_IS, *BESIDE)
    assert "for reference." in only(Picture, section(first, "differences")).sees
    found = section(later, "differences")
    assert only(Said, found).sentences == (IN_UNITS, P_AS_IT_IS, AT_A_LATER_LOOK, *BESIDE)
    assert found.pictures[0].sees.endswith("for reference only: they do not hold at this look.")
    for table, expected in ((first, False), (later, True)):
        comparison = compose(table).material.comparison
        assert comparison is not None
        assert comparison.as_json()["only_rests_on_holds"] is expected


def test_of_fewer_runs_than_a_verdict_needs_p_and_intervals_are_not_to_be_taken_at_their_word(
    make_table: MakeTable,
) -> None:
    few = make_table({arm: ends[:4] for arm, ends in APART.items()})
    assert only(Said, section(few, "differences")).sentences == (IN_UNITS, P_AS_IT_IS, OF_FEW_RUNS, *BESIDE)


def test_ten_runs_tell_how_often_one_arm_wins_and_no_dash_is_to_be_explained(make_table: MakeTable) -> None:
    many = make_table({arm: [*ends, *[end + 0.003 for end in ends]] for arm, ends in NEAR.items()})
    (said,) = [part.sentences for part in section(many, "differences").parts if isinstance(part, Said)]
    assert said == (IN_UNITS, P_AS_IT_IS, OF_SPREAD)


def planned_otherwise(table: ResultTable) -> ResultTable:
    """As if another number of seeds had been planned."""
    cells = [
        {"key": f"{arm['name']}-{seed}", "arm": arm["name"], "seed": seed}
        for arm in table.plan["arms"]
        for seed in range(50)
    ]
    noted = planned_by({**table.plan, "seeds": list(range(50)), "cells": cells})
    otherwise = replace(table, notes=Notes((noted,)))
    vars(otherwise).update({name: value for name, value in vars(table).items() if name != "notes"})
    return otherwise


def test_what_is_estimated_beside_the_difference_stands_in_a_table_of_its_own(make_table: MakeTable) -> None:
    _, beside = tables(make_table(APART))
    assert beside.caption == "Beside the difference (exploratory)"
    higher = "how often a run of the first has the higher test accuracy, in 100, Brunner–Munzel"
    assert beside.rows == (
        ("loss=b − loss=a", higher, "100", "–", "–", "5/5"),
        ("", "sd of the first over sd of the second, Bonett", "0.88", "0.41 to 1.89", "–", "5/5"),
        ("", "no difference, sign-flip permutation, all 32 arrangements", "–", "–", "0.062", "5"),
    )


def tables(table: ResultTable) -> list[Table]:
    return [part for part in section(table, "differences").parts if isinstance(part, Table)]


def first_table(table: ResultTable) -> Table:
    return tables(table)[0]


def test_the_method_stands_with_the_metric_where_a_narrow_screen_still_shows_it(make_table: MakeTable) -> None:
    table = first_table(make_table(APART))
    assert table.columns == ("difference", "metric, by method", "estimate", "95% CI", "p", "n")
    assert {"difference", "metric, by method"} == table.words
    assert [row[1] for row in table.rows[:2]] == [
        "test_accuracy (decides), paired t",
        "test_accuracy, Welch's t",
    ]
    assert {len(row) for row in table.rows} == {6}


def test_the_arms_table_of_the_page_has_no_columns_of_noughts(make_table: MakeTable) -> None:
    first = section(make_table(APART), "arms").parts[0]
    assert isinstance(first, Table)
    assert first.columns == ("arm", "n", "min", "mean", "median", "max", "sd")
    assert {len(row) for row in first.rows} == {7}
