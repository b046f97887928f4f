"""Every run of every arm, and how far apart luck on the items alone would put them."""

from collections import Counter, defaultdict
from collections.abc import Sequence

import numpy as np
import pandas as pd

from orchestrator.compare import Metric, is_share
from orchestrator.compare.runs import RunScores, score
from orchestrator.compare.statistics.item_noise import item_noise
from orchestrator.report.content import Picture, Section
from orchestrator.report.figures import Strip, strips
from orchestrator.report.material import Material, comparison_metrics
from orchestrator.report.tables import title

NINETY_FIVE = 1.96
"""So many standard deviations to either side hold 95 in 100 normal values."""


def section(material: Material) -> Section | None:
    """None without a finished cell."""
    if not material.arms:
        return None
    pictures, numbers = [], {}
    for name in comparison_metrics(material.table):
        metric = Metric.named(name)
        arms = compute(material, name)
        numbers[name] = arms
        axis = f"{title(name)}\n(last epoch; each point is one seed)"
        pictures.append(Picture(f"runs_{name}", sentence(arms, metric), _drawing(arms, material, axis)))
    return Section(
        name="runs",
        heading="Every run",
        sees=(
            "Look first at how far the points of one arm lie apart: the smaller a difference between arms is "
            "beside that, the more runs it takes to be seen."
        ),
        parts=tuple(pictures),
        numbers=numbers,
    )


def compute(material: Material, name: str) -> list[Strip]:
    """The values of each arm with a finished cell, with the band of the items' noise for accuracies."""
    found, floors = [], _floors(material, name)
    frame = material.table.frame
    diverged = Counter(frame.loc[frame["status"] == "diverged", "arm"])
    for arm in material.arms:
        cells = material.finished[material.finished["arm"] == arm]
        values = _read(cells[name], name)
        noise = None
        if arm in floors:
            mean, reach = float(np.mean(values)), NINETY_FIVE * 100 * floors[arm]
            noise = (mean - reach, mean + reach)
        found.append(Strip(arm, values, noise, diverged[arm]))
    return found


def sentence(arms: Sequence[Strip], metric: Metric) -> str:
    """Which runs lie highest and lowest, and what of it luck on the items explains."""
    unit = "%" if is_share(metric.name) else metric.unit
    runs = [(value, strip.arm) for strip in arms for value in strip.values]
    said = ""
    if len(runs) > 1:
        (low, worst), (high, best) = min(runs), max(runs)
        digits = 2 if is_share(metric.name) else 4
        of = f" (of {best})" if len(arms) > 1 else ""
        of_worst = f" (of {worst})" if len(arms) > 1 else ""
        said = f"The {len(runs)} runs go from {low:.{digits}f}{of_worst} to {high:.{digits}f} {unit}{of}. "
    if diverged := sum(strip.diverged for strip in arms):
        said += f"{diverged} more diverged, and {'has' if diverged == 1 else 'have'} no value to be shown. "
    banded = [strip for strip in arms if strip.noise is not None]
    outside = sum(
        not strip.noise[0] <= v <= strip.noise[1] for strip in banded for v in strip.values if strip.noise
    )
    if banded:
        said += (
            "A shaded band, around its arm's mean, is where 95 in 100 runs would lie if nothing but luck on the "
            "items moved them, each item's by itself; "
            f"{outside} of {sum(len(s.values) for s in banded)} {'lies' if outside == 1 else 'lie'} outside. "
        )
    return f"{said}The box goes from the lower quartile to the upper, the thick line in it is the median."


def _floors(material: Material, name: str) -> dict[str, float]:
    """By arm, the standard deviation that luck on the items alone produces: of two runs at least, on the same
    items."""
    if name == material.table.deciding_metric and material.comparison is not None:
        arms = material.comparison.arms
        return {arm.arm: arm.item_noise.floor for arm in arms if arm.item_noise is not None}
    if not name.endswith("_accuracy"):
        return {}
    finished = set(zip(material.finished["arm"], material.finished["seed"], strict=True))
    scores: defaultdict[str, list[RunScores]] = defaultdict(list)
    for arm, seed, frame in material.table.cell_predictions(name.partition("_")[0]):
        if (arm, seed) in finished:
            scores[arm].append(score(frame))
    return {
        arm: item_noise(np.stack([run.of_items["accuracy"] > 0 for run in runs])).floor
        for arm, runs in scores.items()
        if len(runs) > 1 and len({run.items for run in runs}) == 1
    }


def _drawing(arms: list[Strip], material: Material, axis: str):  # type: ignore[no-untyped-def]
    return lambda: strips(arms, material.styles, axis)


def _read(values: pd.Series, name: str) -> tuple[float, ...]:
    scale = 100 if is_share(name) else 1
    return tuple(float(value) for value in scale * values.to_numpy(float))
