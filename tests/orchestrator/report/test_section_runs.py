"""What the sections of the arms, their runs and their epochs say of where the numbers lie."""

import numpy as np
import pytest
from one_section import APART, NEAR, MakeTable, section, with_predictions


def test_the_strip_says_where_the_runs_lie_and_how_many_lie_outside_of_the_items_luck(
    make_table: MakeTable,
) -> None:
    table = with_predictions(make_table({"loss=a": [0.61, 0.61, 0.61, 0.61, 0.96], "loss=b": [0.7] * 5}))
    found = section(table, "runs")
    sees = found.pictures[0].sees
    assert sees.startswith("The 10 runs go from 60.00 (of loss=a) to 95.00 % (of loss=a).")
    strip, other = found.numbers["test_accuracy"][0], found.numbers["validation_accuracy"][0]
    # By hand: the mean is 67 %; what is left of right and wrong without the runs' means and the items' has (5 − 1)
    # (40 − 1) degrees of freedom.
    runs = [frame for arm, _, frame in table.cell_predictions("test") if arm == "loss=a"]
    right_SN = np.stack([(run["log_probability_1"] > np.log(0.5)) == (run["label"] == 1) for run in runs]).astype(
        float
    )
    left_SN = right_SN - right_SN.mean(0) - right_SN.mean(1, keepdims=True) + right_SN.mean()
    reach = 196 * ((left_SN**2).sum() / (4 * 39) / 40) ** 0.5
    assert strip.noise == pytest.approx((67 - reach, 67 + reach), abs=0.01)
    # Of the metric that does not decide, from its own predictions, which are the same here; its mean is 68 %.
    assert other.noise == pytest.approx((68 - reach, 68 + reach), abs=0.01)
    assert "1 of 10 lies outside" in sees


def test_runs_that_diverged_are_counted_where_the_others_are_shown(make_table: MakeTable) -> None:
    picture = section(make_table({"loss=a": [0.8, "diverged", 0.9, "new"], "loss=b": [0.7] * 4}), "runs").pictures[
        0
    ]
    assert "1 more diverged, and has no value to be shown." in picture.sees
    (axes,) = picture.draw().axes
    assert [label.get_text() for label in axes.get_yticklabels()] == ["loss=b\nn = 4", "loss=a\nn = 2, 1 diverged"]


def test_one_run_does_not_say_how_far_luck_on_the_items_goes(make_table: MakeTable) -> None:
    assert (
        "band"
        not in section(with_predictions(make_table({"loss=a": [0.6], "loss=b": [0.7]})), "runs").pictures[1].sees
    )


def test_without_predictions_no_band_is_claimed(make_table: MakeTable) -> None:
    assert "band" not in section(make_table(APART), "runs").pictures[0].sees


def test_it_is_said_where_a_mean_goes_on_without_some_runs(make_table: MakeTable) -> None:
    table = make_table(NEAR)
    ended = "Where runs ended early, the mean after that is of the others."
    assert ended not in section(table, "learning_curves").pictures[0].sees
    vars(table)["histories"] = table.histories.drop(index=2)  # the last epoch of a run
    assert ended in section(table, "learning_curves").pictures[0].sees


def test_the_curves_say_where_validation_is_highest_and_how_far_training_lies_above(make_table: MakeTable) -> None:
    table = make_table({"loss=a": [0.6, 0.9], "loss=b": [0.3]})
    table.histories.loc[
        (table.histories["arm"] == "loss=b") & (table.histories["epoch"] == 2), "validation_accuracy"
    ] = 0.5
    curves, best = section(table, "learning_curves").pictures
    assert (
        "loss=a is highest on validation after the last epoch, and ends 25.0 points higher in training"
        in curves.sees
    )
    assert (
        "loss=b is highest on validation after epoch 2 of 3, and ends 70.0 points higher in training" in curves.sees
    )
    assert "seed 1 of loss=a, seed 0 of loss=b" in best.sees


@pytest.mark.parametrize(
    ("of_b", "said"),
    [
        (["new", "new"], "the one finished run has 79.00%."),
        ([0.7, "new"], "the arms' means span 10.00 points, of one run each: nothing says how far apart two runs"),
        ([0.7, 0.9], "the arms' means span 0.00 points; the runs of loss=b alone span 20.00."),
    ],
)
def test_a_single_run_spans_nothing(make_table: MakeTable, of_b: list[float | str], said: str) -> None:
    table = make_table({"loss=a": [0.8, "new"], "loss=b": of_b})
    assert section(table, "arms").sees.startswith(f"By test accuracy, {said}")
