"""How often an arm is right where it is so and so sure, and how many items that is said of."""

from collections.abc import Mapping

import numpy as np
from matplotlib.figure import Figure

from orchestrator.compare.statistics.calibration import Reliability
from orchestrator.report.figures.style import INK, ArmStyle, arm_label, new_figure
from trainables.evaluation import CALIBRATION_BINS


def reliability_diagram(arms: Mapping[str, Reliability], styles: Mapping[str, ArmStyle]) -> Figure:
    """Above: accuracy by confidence, a line from the lowest run to the highest. Below: items in each bin."""
    figure = new_figure(4.6 + 0.2 * len(arms))
    above, below = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1))
    above.plot([0, 100], [0, 100], color=INK, linewidth=1, linestyle=(0, (4, 2)))
    lowest = least = 100.0
    for number, (arm, found) in enumerate(arms.items()):
        style = styles[arm]
        # Arms stand beside each other within a bin, not on top of each other.
        aside = 0.9 * (number - (len(arms) - 1) / 2) / max(1, len(arms) - 1) if len(arms) > 1 else 0.0
        places = [100 * b.confidence + aside for b in found.bins]
        for place, b in zip(places, found.bins, strict=True):
            above.plot([place, place], [100 * b.lowest, 100 * b.highest], color=style.colour, linewidth=1)
            lowest, least = min(lowest, 100 * b.low), min(least, 100 * b.lowest)
        above.plot(
            places,
            [100 * b.accuracy for b in found.bins],
            color=style.colour,
            linestyle=style.dash,
            marker=style.marker,
            markersize=5,
            label=arm_label(arm, width=60, lines=3),
        )
        counts = np.zeros(CALIBRATION_BINS)
        for b in found.bins:
            counts[round(b.low * CALIBRATION_BINS)] = b.items
        edges = np.linspace(0, 100, CALIBRATION_BINS + 1)
        below.stairs(counts, edges, color=style.colour, linestyle=style.dash, linewidth=1.5)
    above.set_xlim(lowest - 1, 101)
    above.set_ylim(max(-2, min(lowest, least) - 4), 102)
    above.set_ylabel("right, %")
    below.set_ylabel("items a run")
    below.set_xlabel("confidence in the predicted class, %")
    for axes in (above, below):
        axes.grid()
    figure.legend(*above.get_legend_handles_labels(), loc="outside upper left")
    return figure
