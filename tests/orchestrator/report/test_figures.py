"""The figures show every run, and mean what they say."""

import re
from collections.abc import Callable

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Text

from orchestrator.compare.statistics.calibration import reliability
from orchestrator.report import compose
from orchestrator.report.figures import (
    Curve,
    Difference,
    SingleRun,
    arm_styles,
    best_runs,
    forest,
    learning_curves,
    reliability_diagram,
)
from orchestrator.report.figures.style import WIDTH
from orchestrator.results import ResultTable

MakeTable = Callable[..., ResultTable]


def draw(table: ResultTable, *stems: str) -> dict[str, Figure]:
    """All figures, or these."""
    pictures = compose(table).pictures
    return {picture.stem: picture.draw() for picture in pictures if not stems or picture.stem in stems}


def points(axes: Axes) -> list[list[float]]:
    """What is drawn as a point, row by row from the top."""
    drawn: dict[int, list[float]] = {round(tick): [] for tick in axes.get_yticks()}
    for line in axes.lines:
        if line.get_linestyle() == "None":
            for x, y in zip(line.get_xdata(), line.get_ydata(), strict=True):
                drawn[round(y)].append(float(x))
    return [sorted(drawn[row]) for row in sorted(drawn, reverse=True)]


def axes_of(figure: Figure) -> Axes:
    (axes,) = figure.axes
    return axes


@pytest.mark.parametrize("decides", ["test_accuracy", "validation_nll"])
def test_every_finished_run_is_a_point_at_its_value(make_table: MakeTable, runs: dict, decides: str) -> None:  # type: ignore[type-arg]
    table = make_table(runs, decides=decides)
    pictures = {picture.stem: picture for picture in compose(table).pictures}
    finished = table.frame[table.frame["status"] == "finished"]
    assert [stem for stem in pictures if stem.startswith("runs_")] == [
        f"runs_{metric}" for metric in dict.fromkeys([decides, "validation_accuracy"])
    ]
    scale = 1 if decides == "validation_nll" else 100
    expected = [sorted(scale * cells[decides]) for _, cells in finished.groupby("arm", sort=False)]
    assert points(axes_of(pictures[f"runs_{decides}"].draw())) == expected


def test_points_of_one_row_do_not_hide_each_other(make_table: MakeTable) -> None:
    axes = axes_of(draw(make_table({"base": [0.8, 0.8, 0.8]}))["runs_test_accuracy"])
    places = [y for line in axes.lines if line.get_linestyle() == "None" for y in line.get_ydata()]
    assert len(places) == len(set(places)) == 3


def test_arms_read_from_top_to_bottom_in_the_order_of_the_sweep(make_table: MakeTable) -> None:
    axes = axes_of(draw(make_table({"z": [0.5], "a": [0.6], "m": [0.7]}))["runs_test_accuracy"])
    assert [label.get_text() for label in reversed(axes.get_yticklabels())] == ["z\nn = 1", "a\nn = 1", "m\nn = 1"]


def test_a_long_name_is_broken_and_cut_so_that_it_leaves_room(make_table: MakeTable) -> None:
    long = "model=transformer_encoder(" + ", ".join(f"setting_{n}={n}" for n in range(40)) + ")"
    axes = axes_of(draw(make_table({long: [0.5, 0.6]}))["runs_test_accuracy"])
    (label,) = [label.get_text().split("\n") for label in axes.get_yticklabels()]
    assert max(map(len, label)) <= 24
    assert (label[0], label[3], label[5:]) == ("model=transformer_", "…", ["setting_39=39)", "n = 2"])
    axes.figure.draw_without_rendering()
    assert axes.get_position().width > 0.4


def test_no_name_however_long_reaches_out_of_the_picture(make_table: MakeTable) -> None:
    long = "loss=binary_cross_entropy(head={learning_rate_scale: 2, weight_decay_scale: 0.5, init: two_rows}"
    table = make_table({f"{long}, {end})": [0.5, 0.6, 0.7] for end in ("twice", "once", "wide" * 40)})
    for stem, figure in draw(table).items():
        figure.draw_without_rendering()
        # Of the numbers at an axis some are kept ready beyond its end, and not drawn.
        for text in (text for text in figure.findobj(Text) if re.search("[a-z]", text.get_text())):
            box = text.get_window_extent()
            assert figure.bbox.x0 <= box.x0 < box.x1 <= figure.bbox.x1, f"{stem}: {text.get_text()}"
            assert figure.bbox.y0 <= box.y0 < box.y1 <= figure.bbox.y1, f"{stem}: {text.get_text()}"


def test_arms_that_begin_alike_have_labels_of_their_own(make_table: MakeTable) -> None:
    alike = "loss=binary_cross_entropy(head=(learning_rate_scale=2, weight_decay_scale=0.5"
    table = make_table({f"{alike})": [0.6, 0.7], f"{alike}, init=two_rows)": [0.7, 0.7]})
    figures = draw(table, "runs_test_accuracy", "best_runs")
    labels = [label.get_text() for label in axes_of(figures["runs_test_accuracy"]).get_yticklabels()]
    assert len(set(labels)) == 2
    assert len({axes.get_title().rpartition("\n")[0] for axes in figures["best_runs"].axes}) == 2


def test_a_hundred_runs_are_fainter_and_never_over_a_mean() -> None:
    epochs, styles = np.arange(1.0, 4.0), arm_styles("ab")
    thin, lowest_mean = [], []
    for runs in (3, 100):
        curves = [Curve(arm, "train", epochs, np.full((runs, 3), 0.6), epochs, epochs) for arm in "ab"]
        lines = learning_curves(curves, styles).axes[0].lines
        thin.append([line for line in lines if line.get_linewidth() < 1])
        lowest_mean.append(min(line.get_zorder() for line in lines if line.get_linewidth() == 2))
    assert [len(lines) for lines in thin] == [6, 200]
    assert thin[1][0].get_alpha() < thin[0][0].get_alpha() / 2
    assert max(line.get_zorder() for line in thin[1]) < lowest_mean[1]


def test_every_column_of_panels_has_its_epochs_written_below_it() -> None:
    epochs = np.arange(1.0, 4.0)
    figure = best_runs([SingleRun(arm, 0, epochs, epochs, epochs) for arm in "abc"], arm_styles("abc"))
    written = [any(tick.get_visible() for tick in axes.get_xticklabels()) for axes in figure.axes[:3]]
    assert written == [False, True, True]


def test_dollar_signs_in_a_name_are_no_formula(make_table: MakeTable) -> None:
    figures = draw(make_table({r"data=$\frac$": [0.5, 0.6], "b=$": [0.5, 0.4]}))
    for figure in figures.values():
        figure.draw_without_rendering()  # where a formula that makes no sense would raise
    assert r"data=\$\frac\$" in axes_of(figures["runs_test_accuracy"]).get_yticklabels()[1].get_text()


def test_learning_curves_show_each_run_thin_and_the_mean_thick_with_its_interval(make_table: MakeTable) -> None:
    figure = draw(make_table({"loss=a": [0.6, 0.9], "loss=b": [0.3]}))["learning_curves"]
    train, validation = figure.axes
    assert (train.get_ylabel(), validation.get_ylabel()) == ("train accuracy, %", "validation accuracy, %")
    thin = sorted(line.get_ydata()[-1] for line in validation.lines if line.get_linewidth() < 1)
    assert thin == pytest.approx([30, 60, 90])
    means = {line.get_label(): line for line in validation.lines if line.get_linewidth() == 2}
    assert means.keys() == {"loss=a", "loss=b"}
    assert np.allclose(means["loss=a"].get_xdata(), [1, 2, 3])
    assert np.allclose(means["loss=a"].get_ydata(), [25, 50, 75])
    (band,) = (band.get_paths()[0].vertices for band in validation.collections)  # one run has no interval
    # By hand: sd of 60 and 90 is 21.21, its standard error 15, and t with one degree of freedom 12.706.
    assert (band[:, 1].min(), band[:, 1].max()) == pytest.approx((75 - 190.6, 75 + 190.6), abs=0.1)


def test_the_best_run_of_each_arm_is_drawn_and_named(make_table: MakeTable) -> None:
    figure = draw(make_table({"loss=a": [0.6, 0.9, 0.7], "loss=b": ["failed", 0.3]}))["best_runs"]
    assert [axes.get_title() for axes in figure.axes] == ["loss=a\nseed 1", "loss=b\nseed 1"]
    assert [list(line.get_ydata()) for line in figure.axes[1].lines] == [
        pytest.approx([100 / 3, 200 / 3, 100]),
        pytest.approx([10, 20, 30]),
    ]


def test_an_arm_looks_the_same_in_every_figure_and_like_no_other(make_table: MakeTable) -> None:
    figures = draw(make_table({"loss=gone": ["failed"], "loss=a": [0.6], "loss=b": [0.7]}))
    curves, best, strip = (figures[stem].axes for stem in ("learning_curves", "best_runs", "runs_test_accuracy"))
    looks = []
    for place, arm in enumerate(("loss=a", "loss=b")):
        (mean,) = [line for line in curves[0].lines if line.get_label() == arm]
        point = [line for line in strip[0].lines if line.get_linestyle() == "None" and line.get_xdata().size][place]
        assert mean.get_color() == best[place].lines[1].get_color() == point.get_color()
        assert mean.get_marker() == best[place].lines[1].get_marker() == point.get_marker()
        looks.append((mean.get_color(), mean.get_marker()))
    assert all(one != other for one, other in zip(*looks, strict=True)), "told apart without the colour, too"


def test_fifty_arms_can_be_told_apart_by_colour_and_marker() -> None:
    styles = arm_styles(str(number) for number in range(50))
    assert len({(style.colour, style.marker) for style in styles.values()}) == 50
    assert len({str(style.dash) for style in list(styles.values())[:5]}) == 5


def test_nothing_is_drawn_of_a_sweep_without_a_finished_run(make_table: MakeTable) -> None:
    assert draw(make_table({"loss=a": ["new"], "loss=b": ["diverged"]})) == {}


def test_every_figure_is_narrow_enough_for_a_phone(make_table: MakeTable) -> None:
    figures = draw(make_table({"loss=a": [0.6, 0.7], "loss=b": [0.7, 0.6]}))
    assert {figure.get_size_inches()[0] for figure in figures.values()} == {WIDTH}


# The forest.


def test_a_forest_shows_each_interval_from_end_to_end_and_what_decides_in_full() -> None:
    axes = axes_of(
        forest(
            [Difference("b − a", 0.5, (-0.25, 1.25)), Difference("Welch", 0.5, (-1, 2), decides=False)], 0.4, "x"
        )
    )
    spans = [
        tuple(line.get_xdata()) for line in axes.lines if len(line.get_xdata()) == 2 and line.get_linewidth() > 1
    ]
    assert spans == [(-0.25, 1.25), (-1, 2)]
    first, second = [line for line in axes.lines if line.get_marker() in "so"]
    assert (first.get_marker(), second.get_marker(), second.get_markerfacecolor()) == ("s", "o", "none")
    assert [label.get_text() for label in axes.get_yticklabels()] == ["b − a", "Welch"]
    assert axes.get_yticks()[0] > axes.get_yticks()[1], "the first on top"


def test_an_interval_without_an_end_goes_out_of_the_picture_as_an_arrow() -> None:
    rows = [("b − a", (-1.0, 2.0)), ("c − a", (-500.0, 0.5)), ("d − a", (-np.inf, 1.0))]
    axes = axes_of(forest([Difference(name, 0.5, span) for name, span in rows], None, "x"))
    assert axes.get_xlim() == pytest.approx((-1.15, 2.15)), "others would be dots"
    arrows = [line.get_xdata()[0] for line in axes.lines if line.get_marker() == "<"]
    assert arrows == [-1.0, -1.0]
    assert not [line for line in axes.lines if line.get_marker() == ">"]


# The reliability diagram.


def test_a_reliability_diagram_shows_each_bin_with_its_items() -> None:
    sure = np.array([0.62, 0.64, 0.95, 0.99]), np.array([False, True, True, True])
    figure = reliability_diagram({"a": reliability([sure])}, arm_styles(["a"]))
    above, below = figure.axes
    (line,) = [line for line in above.lines if line.get_label() == "a"]
    assert list(line.get_xdata()) == pytest.approx([63, 97])
    assert list(line.get_ydata()) == pytest.approx([50, 100])
    (counts,) = below.patches
    assert dict(enumerate(counts.get_data().values)) == {n: 2.0 if n in (9, 14) else 0.0 for n in range(15)}
