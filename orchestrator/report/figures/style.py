"""How figures look: readable by the colour-blind, in print, on a phone, on light and on dark.

An arm has a colour, a marker and a dash, so that none has to be told by colour. All that is no arm is drawn in one
ink on no ground, which `orchestrator/report/svg.py` turns into the ink of the page.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from matplotlib.figure import Figure

from orchestrator.colours import arm_colours

INK = "#1f2328"
BLACK = "#000000"
WIDTH = 4.8
"""Inches. On a phone a wider figure's letters would be too small to read."""
BREAKS = re.compile(r"(?<=[\s,_=(/])|(?<=\.)(?=\D)")
"""Where a name may be broken: after a sign that parts it, but within no number."""
MARKERS = "os^Dv*PX"
DASHES: tuple[Any, ...] = ("-", (0, (5, 1.5)), (0, (1.5, 1.2)), (0, (5, 1.5, 1.2, 1.5)), (0, (8, 2, 2, 2)))

STYLE: dict[Any, Any] = {
    "figure.facecolor": "none",
    "axes.facecolor": "none",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": False,
    "font.size": 10,
    "legend.frameon": False,
    "legend.fontsize": 9,
    "axes.labelsize": 10,
    "xtick.labelsize": 9,
    "ytick.labelsize": 9,
    "grid.alpha": 0.2,
    "grid.linewidth": 0.6,
    "svg.fonttype": "none",  # letters stay letters: to be read aloud, searched, and drawn by the reader's fonts
    "svg.hashsalt": "seedwise",  # the same runs give the same file
} | dict.fromkeys(
    [
        "text.color",
        "axes.edgecolor",
        "axes.labelcolor",
        "xtick.color",
        "ytick.color",
        "grid.color",
        "boxplot.boxprops.color",
        "boxplot.whiskerprops.color",
        "boxplot.capprops.color",
    ],
    INK,
)
"""Matplotlib's settings while a figure is drawn and saved."""


@dataclass(frozen=True)
class ArmStyle:
    """One arm in every figure."""

    colour: str
    marker: str
    dash: Any


def arm_styles(arms: Iterable[str]) -> dict[str, ArmStyle]:
    """By arm. Colours repeat after seven; colour and marker together after 56."""
    return {
        arm: ArmStyle(INK if colour == BLACK else colour, MARKERS[i % len(MARKERS)], DASHES[i % len(DASHES)])
        for i, (arm, colour) in enumerate(arm_colours(arms).items())
    }


def new_figure(height: float) -> Figure:
    """By the object interface: no global state, no display."""
    return Figure(figsize=(WIDTH, height), layout="constrained")


def arm_label(arm: str, width: int = 24, lines: int = 6) -> str:
    """The arm's name in lines that leave room for the picture, and no formula, which Matplotlib takes `$…$` for.

    It is broken between words; a word that is longer than a line, where its parts meet, and these anywhere. Of one
    that is too long the middle is left out: arms that begin alike often end otherwise.
    """
    words = re.split(r"(?<=\s)", arm)
    parts = [part for word in words for part in ([word] if len(word) <= width else _parts(word, width))]
    found = [""]
    for part in parts:
        if len((found[-1] + part).rstrip()) <= width:
            found[-1] += part
        else:
            found.append(part)
    if len(found) > lines:
        found = [*found[: lines // 2], "…", *found[len(found) - (lines - 1) // 2 :]]
    return "\n".join(line.strip() for line in found).replace("$", r"\$")


def _parts(word: str, width: int) -> list[str]:
    return [part[i : i + width] for part in BREAKS.split(word) for i in range(0, len(part), width)]
