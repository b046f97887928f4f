"""Every estimated difference as a table: the deciding metric by each method, then the exploratory metrics."""

from collections.abc import Iterator

from rich import box
from rich.markup import escape
from rich.table import Table

from orchestrator.compare import Comparison, Metric, PairComparison
from orchestrator.compare.statistics.estimates import Estimate
from orchestrator.compare.statistics.power import FEWEST_FOR_A_DIFFERENCE
from orchestrator.compare.verdicts import p_said

WORDS = ("difference", "metric", "method")
"""Columns of words; the others are of numbers."""
P_AS_IT_IS = (
    "p and interval are of each test by itself; those in the verdicts are corrected for the number of tests (Holm; "
    "all intervals at once)."
)
IN_UNITS = (
    "Accuracy, macro-F1, AUROC and ECE differ by points, NLL by nats. Of NLL, Brier score and ECE less is better: "
    "there a difference below 0 speaks for the first arm."
)
ESTIMATES_ONLY = "Estimates only, and no p: none of these differences is judged."
AT_A_LATER_LOOK = (
    "Only the rows that decide, and the verdicts, hold at this look, which is not the planned first one. The p and "
    "intervals of all other rows are those of one planned look. They are for reference: at looks like this one "
    "they find differences that are not there."
)
OF_FEW_RUNS = (
    f"Of fewer than {FEWEST_FOR_A_DIFFERENCE} runs an arm there is no p, and of two no interval: they show too "
    "little of how far runs lie apart."
)
COLUMNS = ("difference", "metric", "estimate", "95% CI", "p", "n", "method")

ON_A_PAGE = ("difference", "metric, by method", "estimate", "95% CI", "p", "n")
"""Where a narrow screen may show the first columns only, the method stands with the metric."""


def rows(comparison: Comparison) -> list[list[str]]:
    """One row an estimate. p is not corrected for the number of tests; the verdicts' is."""
    return [row for pair in comparison.pairs for row in _of_pair(pair, comparison)]


def page_rows(comparison: Comparison) -> list[list[str]]:
    """By `ON_A_PAGE`."""
    return [[name, f"{metric}, {method}", *numbers] for name, metric, *numbers, method in rows(comparison)]


def footnotes(comparison: Comparison) -> tuple[str, ...]:
    """What is to be known of the numbers in the table."""
    if not comparison.is_judged:
        return (IN_UNITS, ESTIMATES_ONLY)
    said = [IN_UNITS, P_AS_IT_IS]
    if comparison.look.anytime:
        said.append(AT_A_LATER_LOOK)
    if any(min(pair.n) < FEWEST_FOR_A_DIFFERENCE for pair in comparison.pairs if pair.numbers is not None):
        said.append(OF_FEW_RUNS)
    return tuple(said)


def p_shown(p: float | None, comparison: Comparison) -> str:
    """A dash where there is none, or where nothing may be judged by it."""
    return p_said(p) if p is not None and comparison.is_judged else "–"


def rich_table(comparison: Comparison) -> Table:
    """For a terminal."""
    table = Table(
        title="differences",
        title_justify="left",
        title_style="bold",
        box=box.SIMPLE_HEAD,
        pad_edge=False,
        padding=(0, 1, 0, 0),
    )
    for column in COLUMNS:
        table.add_column(column, justify="left" if column in WORDS else "right")
    for row in rows(comparison):
        table.add_row(*(escape(cell) for cell in row))
    return table


def _of_pair(pair: PairComparison, comparison: Comparison) -> Iterator[list[str]]:
    numbers = pair.numbers
    if numbers is None:
        return
    name = f"{pair.arm} − {pair.versus}"
    deciding = Metric(comparison.metric, comparison.maximize)
    decides = numbers.rests_on
    yield _row(name, f"{deciding.name} (decides)", deciding, decides, comparison)
    for other in (numbers.fixed_items, numbers.beside):
        if other is not None and other != decides:
            yield _row("", deciding.name, deciding, other, comparison)
    for exploratory in pair.exploratory:
        metric = Metric.named(exploratory.metric)
        estimate = exploratory.over_items or exploratory.fixed_items
        yield _row("", f"{metric.name} (exploratory)", metric, estimate, comparison)


def _row(name: str, said: str, metric: Metric, found: Estimate, comparison: Comparison) -> list[str]:
    interval = "–"
    if found.interval is not None:
        low, high = (metric.said_difference(bound) for bound in (found.interval.low, found.interval.high))
        interval = f"{low} to {high}"
    p, n = p_shown(found.p, comparison), "/".join(map(str, found.n))
    return [name, said, metric.said_difference(found.estimate), interval, p, n, found.method]
