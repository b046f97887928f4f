"""The figures of a sweep, drawn from its frames: every run visible.

Drawn with matplotlib's object interface: no global state, no display.
"""

from collections.abc import Mapping
from textwrap import wrap

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from orchestrator.colours import arm_colours
from orchestrator.compare import is_share
from orchestrator.report.tables import title
from orchestrator.results import ResultTable


def draw_figures(table: ResultTable) -> dict[str, Figure]:
    """Figures by file stem; none for a sweep without a finished cell."""
    finished = table.frame[table.frame["status"] == "finished"]
    if finished.empty:
        return {}
    colours = arm_colours(table.arms)
    histories = table.histories
    metrics = dict.fromkeys([table.deciding_metric, "validation_accuracy"])
    figures = {f"runs_{metric}": _runs(finished, metric, colours) for metric in metrics}
    figures["learning_curves"] = _learning_curves(histories, colours)
    for number, arm in enumerate(table.arms, 1):
        own = finished[finished["arm"] == arm]
        if own.empty:
            continue
        best = int(own["seed"].iloc[own["validation_accuracy"].argmax()])
        run = histories[(histories["arm"] == arm) & (histories["seed"] == best)]
        figures[f"best_run_{number}_{_file_stem(arm)}"] = _one_run(run, arm, best, colours[arm])
    return figures


def _runs(finished: pd.DataFrame, metric: str, colours: Mapping[str, str]) -> Figure:
    """Box plot of the arms with every run on it."""
    arms = [arm for arm in colours if (finished["arm"] == arm).any()]
    labels = [f"{_text(arm)}\nn = {(finished['arm'] == arm).sum()}" for arm in reversed(arms)]
    num_lines = max(label.count("\n") + 1 for label in labels)
    figure = Figure(figsize=(6.4, 1.4 + max(0.7, 0.2 * num_lines) * len(arms)), layout="constrained")
    axes = figure.subplots()
    for place, arm in enumerate(reversed(arms)):
        values = _shown(finished.loc[finished["arm"] == arm, metric], metric)
        axes.boxplot(
            values,
            positions=[place],
            orientation="horizontal",
            widths=0.5,
            whis=(0, 100),  # every run is drawn as a point; none is an outlier to be hidden
            medianprops={"color": colours[arm], "linewidth": 2},
        )
        # A fixed spread, so that the same runs give the same picture.
        spread = np.linspace(-0.12, 0.12, len(values)) if len(values) > 1 else np.zeros(1)
        axes.plot(values, place + spread, "o", color=colours[arm], alpha=0.75, markersize=5)
    axes.set_yticks(range(len(arms)), labels)
    axes.set_xlabel(f"{title(metric)} (last epoch; each point is one seed)")
    axes.grid(axis="x", alpha=0.3)
    return figure


def _learning_curves(histories: pd.DataFrame, colours: Mapping[str, str]) -> Figure:
    """Training and validation accuracy by epoch: thin single runs, a thick mean."""
    figure = Figure(figsize=(8.4, 3.6), layout="constrained")
    panels = figure.subplots(1, 2, sharey=True)
    for axes, part in zip(panels, ("train", "validation"), strict=True):
        metric = f"{part}_accuracy"
        for arm, colour in colours.items():
            runs = histories[histories["arm"] == arm]
            if runs.empty:
                continue
            by_epoch = runs.pivot(index="epoch", columns="seed", values=metric)
            axes.plot(by_epoch.index, 100 * by_epoch, color=colour, alpha=0.25, linewidth=0.8)
            axes.plot(by_epoch.index, 100 * by_epoch.mean(axis=1), color=colour, linewidth=2, label=_text(arm))
        _epoch_axis(axes, f"{part} accuracy, %")
    panels[0].legend(fontsize="small")
    return figure


def _one_run(run: pd.DataFrame, arm: str, seed: int, colour: str) -> Figure:
    """Training and validation accuracy of one run by epoch."""
    figure = Figure(figsize=(5.4, 3.6), layout="constrained")
    axes = figure.subplots()
    axes.plot(run["epoch"], 100 * run["train_accuracy"], "--", color=colour, label="train (while learning)")
    axes.plot(run["epoch"], 100 * run["validation_accuracy"], "-", color=colour, label="validation")
    _epoch_axis(axes, "accuracy, %")
    axes.set_title(f"{_text(arm)}, seed {seed} (best of its arm)", fontsize="medium")
    axes.legend(fontsize="small")
    return figure


def _epoch_axis(axes: Axes, label: str) -> None:
    axes.set_xlabel("epoch")
    axes.set_ylabel(label)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.grid(alpha=0.3)


def _shown(values: pd.Series, metric: str) -> np.ndarray:
    array: np.ndarray = values.to_numpy() * (100 if is_share(metric) else 1)
    return array


def _text(arm: str) -> str:
    """The arm's name in lines that leave room for the picture, and no formula, which Matplotlib takes `$…$` for."""
    lines = wrap(arm, 36, max_lines=4, placeholder=" …", break_on_hyphens=False)
    return "\n".join(lines).replace("$", r"\$")


def _file_stem(arm: str) -> str:
    return "".join(c if c.isascii() and c.isalnum() else "_" for c in arm)[:60].strip("_")
