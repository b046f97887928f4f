"""What it would take: which differences so many seeds can be expected to find."""

import math

from orchestrator.compare import Comparison, Metric, PairComparison
from orchestrator.compare.seeds_asked import Family, families_of
from orchestrator.compare.verdicts import needed
from orchestrator.report.content import Said, Section, Table
from orchestrator.report.material import Material

SEEDS = (5, 10, 20, 50, 100)
FRESH, GROWN = "a fresh sweep", "this one, grown"
HOW = (
    "From the spread of these runs, at the level that the first of all tests of the sweep must reach: of a fresh "
    "sweep, which has a name and seeds of its own, for its planned look, by the noncentral t distribution; of this "
    "one, once it has grown to so many seeds, for the anytime-valid test, which must reach a smaller level. The "
    "spread of few runs is itself uncertain: of five normal runs, one time in five, the true one is more than 1.5 "
    "times as large."
)

Detected = dict[str, float | None]
"""By number of seeds; infinite where no difference is found."""


def section(material: Material) -> Section | None:
    """None where nothing can be estimated."""
    comparison = material.comparison
    if comparison is None or all(pair.numbers is None for pair in comparison.pairs):
        return None
    metric = material.metric
    numbers = compute(comparison)
    columns = ("difference", "in", *(f"{seeds} seeds" for seeds in SEEDS))
    rows = [
        [name, where, *(_said(found[str(seeds)], metric) for seeds in SEEDS)]
        for name, by_sweep in numbers.items()
        for where, found in by_sweep.items()
        if where == FRESH or any(found.values())
    ]
    caption = f"Smallest difference found 8 times in 10, {metric.unit}, by seeds an arm"
    return Section(
        name="seeds_needed",
        heading="What it would take",
        sees=sentence(comparison, metric),
        parts=(Table.of(caption, columns, rows, ("in",)), Said("", (HOW,))),
        numbers=numbers,
    )


def compute(comparison: Comparison) -> dict[str, dict[str, Detected]]:
    """By pair, sweep and number of seeds, what is detected at 80 % power. None where the runs say nothing of it,
    for the difference is the same for every seed; and where this sweep has as many seeds already."""
    ahead = families_of(comparison)
    return {
        f"{pair.arm} − {pair.versus}": {
            FRESH: _detected(pair, ahead.fresh, at_least=0),
            GROWN: _detected(pair, ahead.grown, at_least=min(pair.n) + 1),
        }
        for pair in comparison.pairs
        if pair.numbers is not None
    }


def _detected(pair: PairComparison, family: Family, at_least: int) -> Detected:
    assert pair.numbers is not None
    design = pair.numbers.design
    return {
        str(seeds): family.detectable(seeds, design) if design.sd > 0 and seeds >= at_least else None
        for seeds in SEEDS
    }


def sentence(comparison: Comparison, metric: Metric) -> str:
    """Of the pair that takes most; then of those of which nothing can be said."""
    pairs = [pair for pair in comparison.pairs if pair.numbers is not None]
    varied = [pair for pair in pairs if pair.numbers is not None and pair.numbers.design.sd > 0]
    alike = [f"{pair.arm} and {pair.versus}" for pair in pairs if pair not in varied]
    without = (
        f"Of {'; '.join(alike)} it cannot be said: their difference is the same for every seed." if alike else ""
    )
    return " ".join(part for part in (_of_hardest(varied, comparison, metric), without) if part)


def _of_hardest(varied: list[PairComparison], comparison: Comparison, metric: Metric) -> str:
    if not varied:
        return ""
    ahead = families_of(comparison)
    found_by = {id(pair): detectable_by(pair, ahead.now) for pair in varied}
    hardest = max(varied, key=lambda pair: found_by[id(pair)])
    assert hardest.numbers is not None
    between = f" between {hardest.arm} and {hardest.versus}" if len(comparison.pairs) > 1 else ""
    smallest = found_by[id(hardest)]
    found = f"{min(hardest.n)} seeds an arm find " + (
        f"no difference{between}, however large"
        if math.isinf(smallest)
        else f"a difference{between} of {metric.said(smallest)} {metric.unit} 8 times in 10"
    )
    if comparison.margin is None:
        return f"{found}; without a margin in the sweep file, nothing says which difference would matter."
    design, margin = hardest.numbers.design, comparison.margin
    fresh, grown = (family.seeds_for(margin, design).to_settle for family in (ahead.fresh, ahead.grown))
    return f"{found}; the margin of {margin * metric.scale:g} needs {needed(fresh, grown)}."


def _said(difference: float | None, metric: Metric) -> str:
    if difference is None:
        return "–"
    return "none" if math.isinf(difference) else metric.said(difference)


def detectable_by(pair: PairComparison, family: Family) -> float:
    """At 80 % power, by the seeds that there are."""
    assert pair.numbers is not None
    return family.detectable(min(pair.n), pair.numbers.design)
