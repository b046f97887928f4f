"""On how many items two runs disagree: within an arm, and across arms."""

from orchestrator.compare import Comparison
from orchestrator.report.content import Section, Table
from orchestrator.report.material import Material

COLUMNS = ("runs", "disagree, % of items", "pairs of runs", "items")


def section(material: Material) -> Section | None:
    """None where no two runs were judged on the same items."""
    comparison = material.comparison
    rows = [] if comparison is None else compute(comparison)
    if comparison is None or not rows:
        return None
    return Section(
        name="churn",
        heading="Churn",
        sees=sentence(comparison),
        parts=(Table.of("Items on which two runs predict different classes", COLUMNS, rows),),
        numbers=None,  # they are among the verdicts'
    )


def compute(comparison: Comparison) -> list[list[str]]:
    """Each arm's runs among themselves, then each pair of arms."""
    of_arms = [(f"two seeds of {state.arm}", state.churn) for state in comparison.arms]
    of_pairs = [(f"{pair.arm} and {pair.versus}", pair.churn) for pair in comparison.pairs]
    return [
        [name, f"{100 * found.estimate:.2f}", f"{found.pairs:,}", f"{found.items:,}"]
        for name, found in (*of_arms, *of_pairs)
        if found is not None
    ]


def sentence(comparison: Comparison) -> str:
    """By how much the arms disagree more than their seeds do."""
    within = {state.arm: state.churn.estimate for state in comparison.arms if state.churn is not None}
    general = (
        "Two seeds of one arm disagree by luck alone; what two arms disagree more is theirs. It shows which items "
        "change, not which arm is better: that the verdicts say."
    )
    said = []
    for pair in comparison.pairs:
        if pair.churn is None or pair.arm not in within or pair.versus not in within:
            continue
        across, mean = 100 * pair.churn.estimate, 50 * (within[pair.arm] + within[pair.versus])
        how = f"{across - mean:.2f} points more than" if across > mean else "no more than"
        said.append(
            f"{pair.arm} and {pair.versus} disagree on {across:.2f}% of the items, {how} two seeds of one do"
        )
    return f"{general} {'; '.join(said[:3])}." if said else general
