"""The figures show every run, and mean what they say."""

from collections.abc import Callable

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from orchestrator.report.figures import draw_figures
from orchestrator.results import ResultTable

MakeTable = Callable[..., ResultTable]


def points(axes: Axes) -> list[list[float]]:
    """What is drawn as a point, row by row from the top."""
    drawn: dict[int, list[float]] = {round(tick): [] for tick in axes.get_yticks()}
    for line in axes.lines:
        if line.get_marker() == "o":
            for x, y in zip(line.get_xdata(), line.get_ydata(), strict=True):
                drawn[round(y)].append(float(x))
    return [sorted(drawn[row]) for row in sorted(drawn, reverse=True)]


def axes_of(figure: Figure) -> Axes:
    (axes,) = figure.axes
    return axes


@pytest.mark.parametrize("decides", ["test_accuracy", "validation_nll"])
def test_every_finished_run_is_a_point_at_its_value(make_table: MakeTable, runs: dict, decides: str) -> None:  # type: ignore[type-arg]
    table = make_table(runs, decides=decides)
    figures = draw_figures(table)
    finished = table.frame[table.frame["status"] == "finished"]
    for metric, scale in (("test_accuracy", 100), ("validation_nll", 1), ("validation_accuracy", 100)):
        if metric not in (decides, "validation_accuracy"):
            assert f"runs_{metric}" not in figures
            continue
        expected = [sorted(scale * cells[metric]) for _, cells in finished.groupby("arm", sort=False)]
        assert points(axes_of(figures[f"runs_{metric}"])) == expected


def test_points_of_one_row_do_not_hide_each_other(make_table: MakeTable) -> None:
    axes = axes_of(draw_figures(make_table({"base": [0.8, 0.8, 0.8]}))["runs_test_accuracy"])
    places = [y for line in axes.lines if line.get_marker() == "o" for y in line.get_ydata()]
    assert len(places) == len(set(places)) == 3


def test_arms_read_from_top_to_bottom_in_the_order_of_the_sweep(make_table: MakeTable) -> None:
    axes = axes_of(draw_figures(make_table({"z": [0.5], "a": [0.6], "m": [0.7]}))["runs_test_accuracy"])
    assert [label.get_text() for label in reversed(axes.get_yticklabels())] == ["z\nn = 1", "a\nn = 1", "m\nn = 1"]


def test_a_long_name_is_broken_and_cut_so_that_it_leaves_room(make_table: MakeTable) -> None:
    long = "model=transformer_encoder(" + ", ".join(f"setting_{n}={n}" for n in range(40)) + ")"
    axes = axes_of(draw_figures(make_table({long: [0.5, 0.6]}))["runs_test_accuracy"])
    (label,) = [label.get_text().split("\n") for label in axes.get_yticklabels()]
    assert label[0] == "model=transformer_encoder(setting_0="
    assert label[3].endswith(" …")
    assert label[4:] == ["n = 2"]
    axes.figure.draw_without_rendering()
    assert axes.get_position().width > 0.4


def test_dollar_signs_in_a_name_are_no_formula(make_table: MakeTable) -> None:
    figures = draw_figures(make_table({r"data=$\frac$": [0.5]}))
    for figure in figures.values():
        figure.draw_without_rendering()  # where a formula that makes no sense would raise
    assert r"data=\$\frac\$" in axes_of(figures["runs_test_accuracy"]).get_yticklabels()[0].get_text()


def test_learning_curves_show_each_run_thin_and_the_mean_thick(make_table: MakeTable) -> None:
    figure = draw_figures(make_table({"loss=a": [0.6, 0.9], "loss=b": [0.3]}))["learning_curves"]
    train, validation = figure.axes
    assert (train.get_ylabel(), validation.get_ylabel()) == ("train accuracy, %", "validation accuracy, %")
    thin = sorted(line.get_ydata()[-1] for line in validation.lines if line.get_linewidth() < 1)
    assert thin == pytest.approx([30, 60, 90])
    (mean,) = [line for line in validation.lines if line.get_label() == "loss=a"]
    assert mean.get_linewidth() == 2
    assert np.allclose(mean.get_xdata(), [1, 2, 3])
    assert np.allclose(mean.get_ydata(), [25, 50, 75])
    assert {line.get_label() for line in validation.lines if line.get_linewidth() == 2} == {"loss=a", "loss=b"}


def test_the_best_run_of_each_arm_is_drawn_and_named(make_table: MakeTable) -> None:
    figures = draw_figures(make_table({"loss=a": [0.6, 0.9, 0.7], "loss=b": ["failed", 0.3]}))
    assert axes_of(figures["best_run_1_loss_a"]).get_title() == "loss=a, seed 1 (best of its arm)"
    axes = axes_of(figures["best_run_2_loss_b"])
    assert axes.get_title() == "loss=b, seed 1 (best of its arm)"
    assert [list(line.get_ydata()) for line in axes.lines] == [
        pytest.approx([100 / 3, 200 / 3, 100]),
        pytest.approx([10, 20, 30]),
    ]


def test_each_arm_with_a_finished_run_has_its_best_run_under_a_short_plain_file_name(
    make_table: MakeTable,
    runs: dict,  # type: ignore[type-arg]
) -> None:
    stems = [stem for stem in draw_figures(make_table(runs)) if stem.startswith("best_run_")]
    assert len(stems) == sum(any(isinstance(end, float) for end in ends) for ends in runs.values())
    assert all(len(stem) < 100 and stem.isascii() and stem.replace("_", "").isalnum() for stem in stems)


def test_an_arm_has_the_same_colour_in_every_figure(make_table: MakeTable) -> None:
    figures = draw_figures(make_table({"loss=gone": ["failed"], "loss=a": [0.6], "loss=b": [0.7]}))
    for arm, number in (("loss=a", 2), ("loss=b", 3)):
        (mean,) = [line for line in figures["learning_curves"].axes[0].lines if line.get_label() == arm]
        best = axes_of(figures[f"best_run_{number}_loss_{arm[-1]}"]).lines[0]
        assert mean.get_color() == best.get_color()


def test_nothing_is_drawn_of_a_sweep_without_a_finished_run(make_table: MakeTable) -> None:
    assert draw_figures(make_table({"loss=a": ["new"], "loss=b": ["diverged"]})) == {}
