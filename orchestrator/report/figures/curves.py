"""Accuracy by epoch: each run thin, the mean of an arm thick, with the interval of the mean."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from orchestrator.report.figures.style import ArmStyle, arm_label, new_figure

Values = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Curve:
    """One arm on one part. Shapes: S runs, E epochs; NaN where a run has no such epoch."""

    arm: str
    part: str
    epochs_E: Values
    runs_SE: Values
    mean_E: Values
    reach_E: Values
    """Half the width of the mean's 95 % interval; NaN with fewer than two runs."""


@dataclass(frozen=True, eq=False)
class SingleRun:
    """Training and validation accuracy of one run."""

    arm: str
    seed: int
    epochs_E: Values
    train_E: Values
    validation_E: Values


def learning_curves(curves: Sequence[Curve], styles: Mapping[str, ArmStyle]) -> Figure:
    """A panel for each part, one below the other: side by side they would be too small on a phone."""
    parts = list(dict.fromkeys(curve.part for curve in curves))
    arms = dict.fromkeys(curve.arm for curve in curves)
    figure = new_figure(2.7 * len(parts) + 0.2 * len(arms))
    panels = figure.subplots(len(parts), 1, sharex=True, squeeze=False).ravel().tolist()
    for axes, part in zip(panels, parts, strict=True):
        for curve in (curve for curve in curves if curve.part == part):
            style = styles[curve.arm]
            # Of a hundred runs each is fainter, lest they be one blot; and none lies over a mean.
            faint = min(0.35, max(0.08, 5 / len(curve.runs_SE)))
            axes.plot(
                curve.epochs_E, 100 * curve.runs_SE.T, color=style.colour, alpha=faint, linewidth=0.7, zorder=1
            )
            if np.isfinite(curve.reach_E).any():
                low, high = (100 * (curve.mean_E + sign * curve.reach_E) for sign in (-1, 1))
                axes.fill_between(curve.epochs_E, low, high, color=style.colour, alpha=0.18, linewidth=0, zorder=2)
            axes.plot(
                curve.epochs_E,
                100 * curve.mean_E,
                color=style.colour,
                linestyle=style.dash,
                marker=style.marker,
                markersize=5,
                linewidth=2,
                zorder=3,
                label=arm_label(curve.arm, width=60, lines=3),
            )
        _by_epoch(axes, f"{part} accuracy, %")
    for axes in panels[:-1]:
        axes.set_xlabel("")
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside upper left")
    return figure


def best_runs(runs: Sequence[SingleRun], styles: Mapping[str, ArmStyle]) -> Figure:
    """A panel for each run, two in a row, all to one scale."""
    columns = min(2, len(runs))
    rows = -(-len(runs) // columns)
    titles = [f"{arm_label(run.arm)}\nseed {run.seed}" for run in runs]
    figure = new_figure(0.4 + (2.0 + 0.17 * max(title.count("\n") + 1 for title in titles)) * rows)
    panels = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False).ravel().tolist()
    for axes, run, title in zip(panels, runs, titles, strict=False):
        style = styles[run.arm]
        axes.plot(run.epochs_E, 100 * run.train_E, "--", color=style.colour, label="train (while learning)")
        axes.plot(run.epochs_E, 100 * run.validation_E, color=style.colour, marker=style.marker, label="validation")
        axes.set_title(title, fontsize=9)
        _by_epoch(axes, "accuracy, %")
        axes.label_outer()
    for empty in panels[len(runs) :]:
        empty.set_axis_off()
    for lowest in panels[max(0, len(runs) - columns) : len(runs)]:  # one of them may stand above an empty place
        lowest.set_xlabel("epoch")
        lowest.tick_params(labelbottom=True)
    first = figure.axes[0]
    figure.legend(*first.get_legend_handles_labels(), loc="outside lower center", ncols=2)
    return figure


def _by_epoch(axes: Axes, label: str) -> None:
    axes.set_xlabel("epoch")
    axes.set_ylabel(label)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.grid()
