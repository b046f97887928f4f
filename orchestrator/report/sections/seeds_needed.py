"""What it would take: which differences so many seeds can be expected to find."""

from orchestrator.compare import Comparison, Metric
from orchestrator.compare.power import detectable
from orchestrator.report.content import Said, Section, Table
from orchestrator.report.material import Material

SEEDS = (5, 10, 20, 50, 100)
HOW = (
    "From the spread of these runs, by the noncentral t distribution, for one look at the number of seeds that was "
    "planned. The spread of few runs is itself uncertain: of five normal runs, one time in five, the true one is "
    "more than 1.5 times as large."
)


def section(material: Material) -> Section | None:
    """None where nothing can be estimated."""
    comparison = material.comparison
    pairs = [] if comparison is None else [pair for pair in comparison.pairs if pair.numbers is not None]
    if comparison is None or not pairs:
        return None
    metric = material.metric
    numbers = compute(comparison)
    columns = ("difference", *(f"{seeds} seeds" for seeds in SEEDS))
    rows = [[name, *(metric.said(found[str(seeds)]) for seeds in SEEDS)] for name, found in numbers.items()]
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


def compute(comparison: Comparison) -> dict[str, dict[str, float]]:
    """By pair and number of seeds, what is detected at 80 % power."""
    return {
        f"{pair.arm} − {pair.versus}": {str(seeds): detectable(seeds, pair.numbers.design) for seeds in SEEDS}
        for pair in comparison.pairs
        if pair.numbers is not None
    }


def sentence(comparison: Comparison, metric: Metric) -> str:
    """Of the pair that takes most."""
    pairs = [pair for pair in comparison.pairs if pair.numbers is not None]
    hardest = max(pairs, key=lambda pair: 0.0 if pair.numbers is None else pair.numbers.detectable)
    numbers = hardest.numbers
    assert numbers is not None
    between = f" between {hardest.arm} and {hardest.versus}" if len(pairs) > 1 else ""
    found = (
        f"{min(hardest.n)} seeds an arm find a difference{between} of {metric.said(numbers.detectable)} "
        f"{metric.unit} 8 times in 10"
    )
    if comparison.margin is None:
        return f"{found}; without a margin in the sweep file, nothing says which difference would matter."
    margin = f"{comparison.margin * metric.scale:g}"
    if numbers.seeds_for_margin is None:
        return f"{found}; the margin of {margin} is out of reach of any number of seeds on so few items."
    return f"{found}; the margin of {margin} needs about {numbers.seeds_for_margin}."
