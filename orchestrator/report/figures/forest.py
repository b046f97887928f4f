"""Differences with their intervals, one below another, beside 0 and the margin."""

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.figure import Figure

from orchestrator.report.figures.style import INK, arm_label, new_figure

Span = tuple[float, float]


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
    labels = [arm_label(row.label, width=34) for row in rows]
    most_lines = max(label.count("\n") + 1 for label in labels)
    figure = new_figure(0.9 + max(0.42, 0.2 * most_lines) * len(rows))
    axes = figure.subplots()
    if margin is not None:
        axes.axvspan(-margin, margin, color="#009E73", alpha=0.15, linewidth=0)
    axes.axvline(0, color=INK, linewidth=1, linestyle=(0, (4, 2)))
    reach = _reach(rows, margin)
    for place, row in zip(reversed(range(len(rows))), rows, strict=True):
        if row.interval is not None:
            low, high = (min(max(bound, -reach), reach) for bound in row.interval)
            axes.plot([low, high], [place, place], color=INK, linewidth=1.2)
            for bound, shown in zip(row.interval, (low, high), strict=True):
                # An arrow where the interval goes on beyond the picture.
                end = "|" if bound == shown else "<" if bound < 0 else ">"
                axes.plot(shown, place, marker=end, color=INK, markersize=6)
        if row.inner is not None:
            axes.plot(
                [max(row.inner[0], -reach), min(row.inner[1], reach)],
                [place, place],
                color=INK,
                linewidth=4,
                solid_capstyle="butt",
            )
        marker, face = ("s", INK) if row.decides else ("o", "none")
        axes.plot(row.estimate, place, marker=marker, color=INK, markerfacecolor=face, markersize=6)
    axes.set_yticks(range(len(rows)), reversed(labels))
    axes.set_ylim(-0.6, len(rows) - 0.4)
    axes.set_xlim(-1.05 * reach, 1.05 * reach)
    axes.set_xlabel(axis)
    axes.grid(axis="x")
    return figure


def _reach(rows: Sequence[Difference], margin: float | None) -> float:
    """How far to either side the picture goes: to the farthest bound, but not for one that excludes nothing."""
    ends = [abs(row.estimate) for row in rows] + [margin or 0.0]
    bounds = [abs(b) for row in rows for b in row.interval or () if abs(b) < float("inf")]
    near = 8 * (max(ends) or 1.0)
    return max([*ends, *(bound for bound in bounds if bound <= near)]) or 1.0
