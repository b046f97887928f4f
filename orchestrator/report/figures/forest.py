"""Differences with their intervals, one below another, beside 0 and the margin."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.figure import Figure

from orchestrator.report.figures.style import INK, arm_label, new_figure

Span = tuple[float, float]
LABEL_WIDTH = 26
"""Letters."""
TIMES_AS_WIDE = 6
"""Than half of the intervals: one that is wider goes out of the picture, lest all others be dots."""


@dataclass(frozen=True)
class Difference:
    """One row, in the unit that is read."""

    label: str
    estimate: float
    interval: Span | None
    """At 95 %; a bound may be infinite."""
    inner: Span | None = None
    """The 90 % one that EQUIVALENT rests on."""
    decides: bool = True


def forest(rows: Sequence[Difference], margin: float | None, axis: str) -> Figure:
    """The first row on top. What decides has a full square, what stands beside it an open circle."""
    labels = [_label(row.label) for row in rows]
    heights = [max(0.3, 0.17 * (label.count("\n") + 1) + 0.12) for label in labels]
    # Inches from the top, so that a row is as high as its name.
    places = [-sum(heights[:row]) - heights[row] / 2 for row in range(len(rows))]
    figure = new_figure(0.75 + sum(heights))
    axes = figure.subplots()
    if margin is not None:
        axes.axvspan(-margin, margin, color="#009E73", alpha=0.15, linewidth=0)
    axes.axvline(0, color=INK, linewidth=1, linestyle=(0, (4, 2)))
    left, right = _limits(rows, margin)
    for place, row in zip(places, rows, strict=True):
        if row.interval is not None:
            low, high = (min(max(bound, left), right) for bound in row.interval)
            axes.plot([low, high], [place, place], color=INK, linewidth=1.2)
            for bound, shown in zip(row.interval, (low, high), strict=True):
                # An arrow where the interval goes on beyond the picture.
                end = "|" if bound == shown else "<" if bound < shown else ">"
                axes.plot(shown, place, marker=end, color=INK, markersize=6)
        if row.inner is not None:
            axes.plot(
                [max(row.inner[0], left), min(row.inner[1], right)],
                [place, place],
                color=INK,
                linewidth=4,
                solid_capstyle="butt",
            )
        marker, face = ("s", INK) if row.decides else ("o", "none")
        axes.plot(row.estimate, place, marker=marker, color=INK, markerfacecolor=face, markersize=6)
    axes.set_yticks(places, labels)
    axes.set_ylim(-sum(heights), 0)
    aside = 0.05 * ((right - left) or 1.0)
    axes.set_xlim(left - aside, right + aside)
    axes.set_xlabel(axis, loc="right")
    axes.grid(axis="x")
    return figure


def _label(said: str) -> str:
    """A pair in one line, or each of its arms in lines of its own."""
    arms = [said] if len(said) <= LABEL_WIDTH else said.split(" − ")
    return " −\n".join(arm_label(arm, LABEL_WIDTH) for arm in arms)


def _limits(rows: Sequence[Difference], margin: float | None) -> Span:
    """From where to where the picture goes: over all intervals but those that are many times as wide as others."""
    ends = [0.0, *(row.estimate for row in rows)] + ([] if margin is None else [-margin, margin])
    spans = [row.interval for row in rows if row.interval is not None]
    widths = sorted(high - low for low, high in spans if math.isfinite(high - low))
    widest = TIMES_AS_WIDE * widths[(len(widths) - 1) // 2] if widths else 0.0
    farthest = widest + max(map(abs, ends))
    ends += [bound for span in spans for bound in span if abs(bound) <= farthest and math.isfinite(bound)]
    return min(ends), max(ends)
