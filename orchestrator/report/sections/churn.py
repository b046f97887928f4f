"""On how many items two runs disagree: within an arm, and across arms."""

from orchestrator.compare import Comparison, Metric
from orchestrator.compare.metric import in_digits, percent
from orchestrator.compare.statistics.estimates import Estimate
from orchestrator.report.content import Said, Section, Table
from orchestrator.report.material import Material

COLUMNS = ("runs", "disagree, %", "more than seeds, points", "95% CI", "pairs of runs", "items")
HOW = (
    "By how much two arms disagree more than two seeds of one is for new seeds on these items. Its interval is a "
    "jackknife over the seeds, of each pair by itself, at one planned look."
)


def section(material: Material) -> Section | None:
    """None where no two runs were judged on the same items."""
    comparison = material.comparison
    rows = [] if comparison is None else compute(comparison)
    if comparison is None or not rows:
        return None
    table = Table.of("Items on which two runs predict different classes", COLUMNS, rows)
    has_intervals = any(pair.churn_beyond_seeds is not None for pair in comparison.pairs)
    return Section(
        name="churn",
        heading="Churn",
        sees=sentence(comparison),
        parts=(table, Said("", (HOW,))) if has_intervals else (table,),
        numbers=None,  # they are among the verdicts'
    )


def compute(comparison: Comparison) -> list[list[str]]:
    """Each arm's runs among themselves, then each pair of arms."""
    of_arms = [(f"two seeds of {state.arm}", state.churn, None) for state in comparison.arms]
    of_pairs = [(f"{pair.arm} and {pair.versus}", pair.churn, pair.churn_beyond_seeds) for pair in comparison.pairs]
    return [
        [name, in_digits(100 * found.estimate), *_more(beyond), f"{found.pairs:,}", f"{found.items:,}"]
        for name, found, beyond in (*of_arms, *of_pairs)
        if found is not None
    ]


def sentence(comparison: Comparison) -> str:
    """Whether the arms disagree more than their seeds do."""
    general = (
        "Two seeds of one arm disagree by luck alone; seeds of two arms may disagree more. It shows which items "
        "change, not which arm is better: that the verdicts say."
    )
    said = [
        f"{pair.arm} and {pair.versus} disagree on {percent(pair.churn.estimate)} of the items"
        f"{_beyond(pair.churn_beyond_seeds)}"
        for pair in comparison.pairs
        if pair.churn is not None
    ]
    others = "; the others are in the table" if len(said) > 3 else ""
    return f"{general} {'; '.join(said[:3])}{others}." if said else general


def _beyond(found: Estimate | None) -> str:
    if found is None:
        return ""
    if found.interval is None:
        return ", just as two seeds of one do" if _points(found.estimate) == "0.00" else ""
    more, interval = _more(found)
    if found.interval.low > 0:
        return f", {more.lstrip('+')} points (95% CI {interval}) more than two seeds of one do"
    return f", and that this is more than two seeds of one do is not shown ({more} points, 95% CI {interval})"


def _more(found: Estimate | None) -> tuple[str, str]:
    if found is None:
        return "–", "–"
    span = "–"
    if found.interval is not None:
        span = f"{_points(found.interval.low)} to {_points(found.interval.high)}"
    return _points(found.estimate), span


def _points(share: float) -> str:
    return Metric("test_accuracy", maximize=True).said_difference(share)
