"""What it would take: which differences so many seeds can be expected to find."""

from orchestrator.compare import Comparison, Metric, PairComparison
from orchestrator.compare.power import MOST_SEEDS, detectable
from orchestrator.compare.seeds_asked import first_level, seeds_for
from orchestrator.report.content import Said, Section, Table
from orchestrator.report.material import Material

SEEDS = (5, 10, 20, 50, 100)
HOW = (
    "From the spread of these runs, by the noncentral t distribution, for one look at the number of seeds that was "
    "planned, and at the level that the first of all tests of the sweep must reach. The spread of few runs is "
    "itself uncertain: of five normal runs, one time in five, the true one is more than 1.5 times as large."
)


def section(material: Material) -> Section | None:
    """None where nothing can be estimated, or the verdicts are anytime ones, whose power depends on the looks."""
    comparison = material.comparison
    pairs = (
        []
        if comparison is None or comparison.look.anytime
        else [pair for pair in comparison.pairs if pair.numbers is not None]
    )
    if comparison is None or not pairs:
        return None
    metric = material.metric
    numbers = compute(comparison)
    columns = ("difference", *(f"{seeds} seeds" for seeds in SEEDS))
    rows = [[name, *(_said(found[str(seeds)], metric) for seeds in SEEDS)] for name, found in numbers.items()]
    return Section(
        name="seeds_needed",
        heading="What it would take",
        sees=sentence(comparison, metric),
        parts=(
            Table.of(f"Smallest difference found 8 times in 10, {metric.unit}, by seeds an arm", columns, rows),
            Said("", (HOW,)),
        ),
        numbers=numbers,
    )


def compute(comparison: Comparison) -> dict[str, dict[str, float | None]]:
    """By pair and number of seeds, what is detected at 80 % power; None where the runs say nothing of it, for the
    difference is the same for every seed."""
    return {
        f"{pair.arm} − {pair.versus}": {
            str(seeds): detectable(seeds, pair.numbers.design, level=first_level(tested(comparison), seeds))
            if pair.numbers.design.sd > 0
            else None
            for seeds in SEEDS
        }
        for pair in comparison.pairs
        if pair.numbers is not None
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


def tested(comparison: Comparison) -> int:
    """Pairs that have a test: different ones, each once."""
    return sum(pair.numbers is not None and pair.numbers.design.sd > 0 for pair in comparison.contrasts)


def _of_hardest(varied: list[PairComparison], comparison: Comparison, metric: Metric) -> str:
    if not varied:
        return ""
    of = tested(comparison)
    found_by = {id(pair): detectable_by(pair, of) for pair in varied}
    hardest = max(varied, key=lambda pair: found_by[id(pair)])
    assert hardest.numbers is not None
    between = f" between {hardest.arm} and {hardest.versus}" if len(comparison.pairs) > 1 else ""
    found = (
        f"{min(hardest.n)} seeds an arm find a difference{between} of {_said(found_by[id(hardest)], metric)} "
        f"{metric.unit} 8 times in 10"
    )
    if comparison.margin is None:
        return f"{found}; without a margin in the sweep file, nothing says which difference would matter."
    margin = f"{comparison.margin * metric.scale:g}"
    needed = seeds_for(comparison.margin, hardest.numbers.design, of).to_settle
    if needed is None:
        return f"{found}; the margin of {margin} needs more than {MOST_SEEDS:,}."
    return f"{found}; the margin of {margin} needs about {needed}."


def _said(difference: float | None, metric: Metric) -> str:
    return "–" if difference is None else metric.said(difference)


def detectable_by(pair: PairComparison, pairs: int) -> float:
    """At 80 % power, by the seeds that there are."""
    assert pair.numbers is not None
    return detectable(min(pair.n), pair.numbers.design, level=first_level(pairs, min(pair.n)))
