"""What the sections of calibration and churn say of the predictions."""

import pytest
from one_section import MakeTable, only, section, with_predictions

from orchestrator.report import compose
from orchestrator.report.content import Picture, Table


def test_calibration_says_by_how_much_an_arm_is_too_sure(make_table: MakeTable) -> None:
    found = section(with_predictions(make_table({"loss=a": [0.81, 0.76], "loss=b": [1.0, 0.96]})), "calibration")
    assert "loss=a is too sure by 12.5 points on average" in only(Picture, found).sees
    assert "loss=b is not sure enough by 7.5 points on average" in only(Picture, found).sees
    rows = only(Table, found).rows
    assert [row[:3] for row in rows] == [("loss=a", "90.00", "77.50"), ("loss=b", "90.00", "97.50")]


@pytest.mark.parametrize("seeds", [2, 4])
def test_churn_within_an_arm_stands_beside_churn_across(seeds: int, make_table: MakeTable) -> None:
    table = with_predictions(make_table({"loss=a": [0.81, 0.76, 0.81, 0.86][:seeds], "loss=bb": [0.78] * seeds}))
    comparison = compose(table).material.comparison
    assert comparison is not None
    found = section(table, "churn")
    rows = only(Table, found).rows
    assert [row[0] for row in rows] == ["two seeds of loss=a", "two seeds of loss=bb", "loss=bb and loss=a"]
    churns = [*(arm.churn for arm in comparison.arms), *(pair.churn for pair in comparison.pairs)]
    assert [row[1] for row in rows] == [f"{100 * found.estimate:.2f}" for found in churns if found]
    more = comparison.pairs[0].churn_beyond_seeds
    assert (more is None) == (seeds == 2)
    assert f"loss=bb and loss=a disagree on {rows[2][1]}% of the items" in found.sees
    if more is None:
        assert [row[2:4] for row in rows] == [("–", "–")] * 3
        return
    assert more.interval is not None
    low, high = (f"{100 * bound:+.2f}" for bound in (more.interval.low, more.interval.high))
    assert rows[2][2:4] == (f"{100 * more.estimate:+.2f}", f"{low} to {high}")
    assert (
        f"more than two seeds of one do is not shown ({rows[2][2]} points, 95% CI {low} to {high})." in found.sees
    )


def test_arms_are_said_to_disagree_more_than_their_seeds_only_where_the_interval_is_above_0(
    make_table: MakeTable,
) -> None:
    table = with_predictions(make_table({"loss=a": [0.51] * 4, "loss=b": [0.98, 1.0, 0.98, 1.0]}))
    row = only(Table, section(table, "churn")).rows[2]
    sees = section(table, "churn").sees
    assert sees.endswith(f", {row[2][1:]} points (95% CI {row[3]}) more than two seeds of one do.")
    assert row[3].startswith("+")


def test_twins_disagree_just_as_two_seeds_of_one_do(make_table: MakeTable) -> None:
    table = with_predictions(make_table({"loss=a": [0.6, 0.7, 0.8], "loss=b": [0.6, 0.7, 0.8]}))
    assert section(table, "churn").sees.endswith("% of the items, just as two seeds of one do.")


def test_of_more_than_three_pairs_the_sentence_leaves_some_to_the_table(make_table: MakeTable) -> None:
    for arms, told in ((4, False), (5, True)):
        table = with_predictions(make_table({f"loss={n}": [0.6, 0.7, 0.8] for n in range(arms)}))
        assert section(table, "churn").sees.endswith("; the others are in the table.") is told
