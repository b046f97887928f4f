"""Every run of every arm as a point, over the arm's box: where the runs lie, and how far apart."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from orchestrator.report.figures.style import INK, ArmStyle, arm_label, new_figure

MANY = 30
"""Runs; of more the points are smaller, lest they hide the box."""


@dataclass(frozen=True)
class Strip:
    """One arm's final values, as they are to be read."""

    arm: str
    values: tuple[float, ...]
    noise: tuple[float, float] | None = None
    """Where 95 in 100 runs would lie if nothing but luck on the items moved them."""
    diverged: int = 0
    """Runs that have no value."""


def strips(arms: Sequence[Strip], styles: Mapping[str, ArmStyle], axis: str) -> Figure:
    """The first arm on top. A band is its arm's noise."""
    labels = [f"{arm_label(strip.arm)}\n{_runs(strip)}" for strip in arms]
    most_lines = max(label.count("\n") + 1 for label in labels)
    figure = new_figure(1.1 + max(0.75, 0.21 * most_lines) * len(arms))
    axes = figure.subplots()
    for place, strip in zip(reversed(range(len(arms))), arms, strict=True):
        style = styles[strip.arm]
        if strip.noise is not None:
            low, high = strip.noise
            axes.fill_between([low, high], place - 0.42, place + 0.42, color=style.colour, alpha=0.15, linewidth=0)
        axes.boxplot(
            strip.values,
            positions=[place],
            orientation="horizontal",
            widths=0.5,
            whis=(0, 100),  # every run is drawn as a point; none is an outlier to be hidden
            medianprops={"color": style.colour, "linewidth": 2},
        )
        # A fixed spread, so that the same runs give the same picture.
        spread = np.linspace(-0.14, 0.14, len(strip.values)) if len(strip.values) > 1 else np.zeros(1)
        axes.plot(
            strip.values,
            place + spread,
            linestyle="none",
            marker=style.marker,
            color=style.colour,
            markeredgecolor=INK,
            markeredgewidth=0.5,
            alpha=0.8,
            markersize=6 if len(strip.values) <= MANY else 3.5,
        )
    axes.set_yticks(range(len(arms)), reversed(labels))
    axes.set_ylim(-0.6, len(arms) - 0.4)
    axes.set_xlabel(axis, loc="right")  # in the middle a long one would be cut off
    axes.grid(axis="x")
    return figure


def _runs(strip: Strip) -> str:
    return f"n = {len(strip.values)}" + (f", {strip.diverged} diverged" if strip.diverged else "")
