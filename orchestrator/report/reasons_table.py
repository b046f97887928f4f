"""The reasons of a difference as a table: the whole, its parts, the interaction, and the checks."""

from collections.abc import Iterator

from rich import box
from rich.markup import escape
from rich.table import Table

from orchestrator.compare import Comparison, Metric, Reasons
from orchestrator.compare.estimates import Estimate

COLUMNS = ("what", "estimate", "95% CI", "p (Holm)", "n", "method")
WORDS = ("what", "method")
"""Columns of text; the others are numbers."""


def title(found: Reasons, comparison: Comparison) -> str:
    return f"reasons of {found.arms.cross_entropy or found.arms.both} − {found.arms.plain}: {comparison.metric}"


def rows(found: Reasons, comparison: Comparison) -> list[list[str]]:
    """By `COLUMNS`. The p of rate, start and interaction is corrected for the three, that of the checks for both;
    that of the whole difference is in the verdicts."""
    metric = Metric(comparison.metric, comparison.maximize)
    return [_row(what, estimate, p, metric) for what, estimate, p in _estimates(found)]


def rich_table(found: Reasons, comparison: Comparison) -> Table:
    """For a terminal."""
    table = Table(
        title=title(found, comparison),
        title_justify="left",
        title_style="bold",
        box=box.SIMPLE_HEAD,
        pad_edge=False,
        padding=(0, 1, 0, 0),
    )
    for column in COLUMNS:
        table.add_column(column, justify="left" if column in WORDS else "right")
    for row in rows(found, comparison):
        table.add_row(*(escape(cell) for cell in row))
    return table


def _estimates(found: Reasons) -> Iterator[tuple[str, Estimate, float | None]]:
    if found.difference is not None:
        yield "cross-entropy − binary cross-entropy", found.difference, None
    yield "the head's rate", found.rate.estimate, found.rate.p
    yield "the head's start", found.start.estimate, found.start.p
    if found.remainder is not None:
        yield "neither: cross-entropy − head with both", found.remainder.estimate, found.remainder.p
    yield "interaction of rate and start", found.interaction.estimate, found.interaction.p
    if found.twins is not None:
        yield "A/A: cross-entropy of [0, z] − binary", found.twins.estimate, found.twins.p


def _row(what: str, found: Estimate, p: float | None, metric: Metric) -> list[str]:
    interval = "–"
    if found.interval is not None:
        interval = f"{metric.said_difference(found.interval.low)} to {metric.said_difference(found.interval.high)}"
    said_p = "–" if p is None else f"{p:.2g}"
    return [
        what,
        metric.said_difference(found.estimate),
        interval,
        said_p,
        "/".join(map(str, found.n)),
        found.method,
    ]
