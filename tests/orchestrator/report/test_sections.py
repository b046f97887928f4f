"""What each section says of the runs: in words that are computed, and no stronger than the verdicts."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from orchestrator.compare.seeds_asked import seeds_for
from orchestrator.report import compose
from orchestrator.report.content import Picture, Said, Section, Table
from orchestrator.report.sections.methods import split_said
from orchestrator.results import ResultTable

MakeTable = Callable[..., ResultTable]
APART = {"loss=a": [0.80, 0.81, 0.82, 0.80, 0.815], "loss=b": [0.90, 0.915, 0.92, 0.905, 0.91]}
NEAR = {"loss=a": [0.80, 0.81, 0.82, 0.80, 0.815], "loss=b": [0.81, 0.80, 0.83, 0.79, 0.82]}


def section(table: ResultTable, name: str) -> Section:
    found = compose(table).section(name)
    assert found is not None, f"no section {name}"
    return found


def only(kind: type, of: Section) -> Any:
    (part,) = [part for part in of.parts if isinstance(part, kind)]
    return part


def with_predictions(table: ResultTable, items: int = 40) -> ResultTable:
    """Each run is right on so many of the items as its accuracy says, and 90 % sure of all."""
    frames = []
    for cell in table.frame[table.frame["status"] == "finished"].itertuples():
        labels = np.arange(items) % 2
        rng = np.random.default_rng([cell.seed, len(str(cell.arm))])
        right = rng.permutation(items) < round(cell.test_accuracy * items)
        chance = np.where(right == (labels == 1), 0.9 + 1e-4 * cell.seed, 0.1 - 1e-4 * cell.seed)
        logs = {"log_probability_0": np.log(1 - chance), "log_probability_1": np.log(chance)}
        frames.append((str(cell.arm), int(cell.seed), pd.DataFrame({"row": range(items), "label": labels, **logs})))
    vars(table)["cell_predictions"] = lambda part: iter(frames)
    return table


# Differences.


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
    table = make_table(NEAR)
    table.plan["decide"]["margin"] = 5.0
    found = section(table, "differences")
    assert "inside the margin: loss=b − loss=a" in only(Picture, found).sees.lower()
    (decides,) = [row for row in found.numbers if row.decides]
    assert decides.interval[0] < decides.inner[0] < decides.inner[1] < decides.interval[1]


def test_a_grid_that_is_not_complete_claims_nothing_by_its_picture(make_table: MakeTable) -> None:
    table = make_table({arm: [*ends, "new"] for arm, ends in APART.items()})
    assert only(Picture, section(table, "differences")).sees.startswith("Estimates only")


# The runs.


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
    assert "1 of 10 lie outside" in sees


def test_one_run_does_not_say_how_far_luck_on_the_items_goes(make_table: MakeTable) -> None:
    assert (
        "band"
        not in section(with_predictions(make_table({"loss=a": [0.6], "loss=b": [0.7]})), "runs").pictures[1].sees
    )


def test_without_predictions_no_band_is_claimed(make_table: MakeTable) -> None:
    assert "band" not in section(make_table(APART), "runs").pictures[0].sees


# Learning curves.


def test_the_curves_say_where_validation_is_highest_and_how_far_training_lies_above(make_table: MakeTable) -> None:
    table = make_table({"loss=a": [0.6, 0.9], "loss=b": [0.3]})
    table.histories.loc[
        (table.histories["arm"] == "loss=b") & (table.histories["epoch"] == 2), "validation_accuracy"
    ] = 0.5
    curves, best = section(table, "learning_curves").pictures
    assert (
        "loss=a is highest on validation after the last epoch, and ends 25.0 points above it in training"
        in curves.sees
    )
    assert (
        "loss=b is highest on validation after epoch 2 of 3, and ends 70.0 points above it in training"
        in curves.sees
    )
    assert "seed 1 of loss=a, seed 0 of loss=b" in best.sees


# Calibration and churn.


def test_calibration_says_by_how_much_an_arm_is_too_sure(make_table: MakeTable) -> None:
    found = section(with_predictions(make_table({"loss=a": [0.81, 0.76], "loss=b": [1.0, 0.96]})), "calibration")
    assert "loss=a is too sure by 12.5 points on average" in only(Picture, found).sees
    assert "loss=b is not sure enough by 7.5 points on average" in only(Picture, found).sees
    rows = only(Table, found).rows
    assert [row[:3] for row in rows] == [("loss=a", "90.00", "77.50"), ("loss=b", "90.00", "97.50")]


def test_churn_within_an_arm_stands_beside_churn_across(make_table: MakeTable) -> None:
    table = with_predictions(make_table({"loss=a": [0.81, 0.81], "loss=b": [0.81, 0.81]}))
    report = compose(table)
    comparison = report.material.comparison
    assert comparison is not None
    rows = only(Table, section(table, "churn")).rows
    assert [row[0] for row in rows] == ["two seeds of loss=a", "two seeds of loss=b", "loss=b and loss=a"]
    churns = [*(arm.churn for arm in comparison.arms), *(pair.churn for pair in comparison.pairs)]
    assert [row[1] for row in rows] == [f"{100 * found.estimate:.2f}" for found in churns if found]
    within, across = sum(c.estimate for c in churns[:2] if c) / 2, churns[2].estimate if churns[2] else 0
    more = f"{100 * (across - within):.2f} points more than" if across > within else "no more than"
    assert more in section(table, "churn").sees


# What is missing, and what it would take.


def test_every_cell_that_is_not_finished_is_named_with_its_reason(make_table: MakeTable) -> None:
    table = make_table({"loss=a": [0.8, "diverged"], "loss=b": ["begun", "failed"]})
    table.troubles["loss=b", 1] = "ValueError: " + 300 * "x" + "\nmore"
    table.troubles["loss=a", 1] = "the loss became nan"
    found = section(table, "unfinished")
    assert found.sees.startswith("3 of 4 cells are in no mean: 1 diverged: ")
    rows = only(Table, found).rows
    assert [row[:2] for row in rows] == [
        ("loss=a, seed 1", "diverged"),
        ("loss=b, seed 0", "begun"),
        ("loss=b, seed 1", "failed"),
    ]
    assert rows[0][3] == "the loss became nan"
    assert rows[2][3].startswith("ValueError: xxx")
    assert rows[2][3].endswith("x …")


def test_cells_of_which_nothing_is_to_be_said_share_a_row(make_table: MakeTable) -> None:
    found = section(
        make_table({"loss=a": [0.8, "new", 0.7, "new"], "loss=b": ["failed", *["new"] * 3]}), "unfinished"
    )
    assert found.sees.startswith("6 of 8 cells are in no mean")
    assert [row[:2] for row in only(Table, found).rows] == [
        ("loss=b, seed 0", "failed"),
        ("loss=a, 2 seeds from 1 to 3", "new"),
        ("loss=b, seeds 1 to 3", "new"),
    ]
    assert len(found.numbers) == 6


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


def test_a_sweep_that_is_done_has_no_section_of_what_is_not(make_table: MakeTable) -> None:
    assert compose(make_table(APART)).section("unfinished") is None


def test_reasons_are_a_section_where_the_arms_are_a_square_of_heads(make_table: MakeTable) -> None:
    bce, fast = {"name": "binary_cross_entropy"}, {"learning_rate_scale": 2.0, "weight_decay_scale": 0.5}
    losses = {
        "loss=plain": bce,
        "loss=fast": {**bce, "head": fast},
        "loss=started": {**bce, "head": {"init": "two_rows"}},
        "loss=both": {**bce, "head": {**fast, "init": "two_rows"}},
    }
    ends = (APART["loss=a"], APART["loss=b"], NEAR["loss=b"], APART["loss=b"])
    table = make_table(dict(zip(losses, ends, strict=True)))
    assert compose(table).section("reasons") is None
    vars(table)["settings"] = {arm: {"loss": loss} for arm, loss in losses.items()}
    found = section(table, "reasons")
    comparison = compose(table).material.comparison
    assert comparison is not None
    assert only(Said, found).sentences == comparison.reasons[0].sentences
    rows = only(Table, found).rows
    assert [row[0] for row in rows] == ["the head's rate", "the head's start", "interaction of rate and start"]
    assert rows[0][1] == f"{100 * comparison.reasons[0].rate.estimate.estimate:+.2f}"


def test_more_seeds_find_smaller_differences(make_table: MakeTable) -> None:
    found = section(make_table(NEAR), "seeds_needed")
    (row,) = only(Table, found).rows
    detected = [float(cell) for cell in row[1:]]
    assert detected == sorted(detected, reverse=True)
    assert f"5 seeds an arm find a difference of {row[1]} points 8 times in 10" in found.sees
    assert "without a margin" in found.sees


def test_a_margin_is_said_in_seeds(make_table: MakeTable) -> None:
    table = make_table(NEAR)
    table.plan["decide"]["margin"] = 0.5
    found = section(table, "seeds_needed")
    comparison = compose(table).material.comparison
    assert comparison is not None
    assert comparison.pairs[0].numbers is not None
    assert found.sees.endswith(
        f"the margin of 0.5 needs about {seeds_for(0.005, comparison.pairs[0].numbers.design, 1).to_settle}."
    )


# How it was done.


def facts(table: ResultTable) -> dict[str, str]:
    return dict(only(Table, section(table, "methods")).rows)


def test_what_is_needed_to_do_the_same_again_is_there(make_table: MakeTable) -> None:
    table = make_table(APART)
    table.plan["environment"] = {"git": {"commit": "c0ffee", "dirty": "True"}}
    table.plan["sources"] = ["imdb"]
    settings = {"data": {"fingerprint": "f" * 64}, "split": {"test": {"of": "test", "size": 500}}}
    table.settings.update(dict.fromkeys(APART, settings))
    environment = {
        "device": "EPYC",
        "threads": 1,
        "versions": {"python": "3.11.7", "torch": "2.13.0"},
        "hardware": {"cores": "2", "memory": "24 GiB", "system": "Linux x86_64"},
    }
    for place, (seed, epochs_done) in enumerate([(0, 0), (0, 2), (1, 0)]):
        table.sessions.loc[place] = ["loss=a", seed, epochs_done, environment]
    said = facts(table)
    assert said["commit"] == "c0ffee with uncommitted changes"
    assert said["data fingerprint"] == "f" * 16
    assert said["split"] == "test: 500 of test; the same for every seed"
    assert said["versions"] == "python 3.11.7, torch 2.13.0"
    assert said["hardware"] == "EPYC, 2 cores, 24 GiB, Linux x86_64"
    assert said["resumed"].startswith("1 of 2 finished cells were taken up more than once")


def test_the_split_is_said_part_by_part() -> None:
    split = {"train": {"of": "all", "size": "rest"}, "validation": {"of": "all", "size": 0.1}, "test": None}
    assert split_said({**split, "varies_by_seed": True}) == (
        "train: the rest of all; validation: 10% of all; drawn anew for each seed"
    )


def test_only_methods_that_something_rests_on_are_explained_each_in_two_sentences(make_table: MakeTable) -> None:
    explained = [part for part in section(make_table(APART), "methods").parts if isinstance(part, Said)]
    assert [part.heading for part in explained] == ["Difference", "Several tests", "Power", "Environment", "Data"]
    assert all(len(part.sentences) == 2 for part in explained[:3])
    with_items = [
        part for part in section(with_predictions(make_table(NEAR)), "methods").parts if isinstance(part, Said)
    ]
    assert "for new seeds and new items" in with_items[0].sentences[0]
    assert {"Luck on the items", "Calibration"} <= {part.heading for part in with_items}


def test_it_is_said_where_cells_were_trained_in_different_environments(make_table: MakeTable) -> None:
    def said(table: ResultTable) -> str:
        (part,) = [p for p in section(table, "methods").parts if isinstance(p, Said) and p.heading == "Environment"]
        return " ".join(part.sentences)

    table = make_table({"loss=a": [0.8, 0.9], "loss=b": [0.7]})
    assert (
        said(table)
        == "All cells were trained on one kind of environment: EPYC, 1 thread, torch 2.13.0 (loss=a, loss=b)."
    )
    table.environments.loc[2, "threads"] = 4
    assert "Cells were trained in different environments, " in said(table)
    assert "EPYC, 1 thread, torch 2.13.0 (loss=a); EPYC, 4 threads, torch 2.13.0 (loss=b)" in said(table)
    table.moves.loc[0] = ["loss=a", 1, 2, "threads 1 → 4"]
    table.moves.loc[1] = ["loss=b", 0, 1, "torch 2.12.0 → 2.13.0"]
    assert (
        "Resumed in another environment, so not bit for bit as in one: loss=a, seed 1 (after epoch 2: threads "
        "1 → 4); loss=b, seed 0 (after epoch 1: torch 2.12.0 → 2.13.0)."
    ) in said(table)
