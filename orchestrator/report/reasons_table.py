"""The reasons of a difference as a table: the whole, its parts, the interaction, and the checks."""

from collections.abc import Iterator

from rich import box
from rich.markup import escape
from rich.table import Table

from orchestrator.compare import Comparison, Metric, Reasons
from orchestrator.compare.reasons import Effect
from orchestrator.compare.statistics.power import FEWEST_FOR_A_DIFFERENCE
from orchestrator.report.difference_table import ESTIMATES_ONLY, OF_FEW_RUNS, p_shown

COLUMNS = ("what", "estimate", "95% CI", "p (Holm)", "n", "method")
WORDS = ("what", "method")
"""Columns of text; the others are numbers."""
OF_THE_WHOLE = "The p of the whole difference is among the verdicts, in whose family it stands."
OF_NO_VARIANCE = (
    "Where arms differ by rounding, or by the same with every seed, there is neither interval nor p: the runs say "
    "nothing of chance."
)


def title(found: Reasons, comparison: Comparison) -> str:
    return f"reasons of {found.arms.cross_entropy or found.arms.both} − {found.arms.plain}: {comparison.metric}"


def rows(found: Reasons, comparison: Comparison) -> list[list[str]]:
    """By `COLUMNS`. Interval and p of rate, start and interaction are corrected for the three, those of the checks
    for both; the p of the whole difference is in the verdicts."""
    metric = Metric(comparison.metric, comparison.maximize)
    return [_row(what, effect, metric, comparison) for what, effect in _effects(found)]


def footnotes(found: Reasons, comparison: Comparison) -> tuple[str, ...]:
    """Why a dash stands where a number might."""
    if not comparison.is_judged:
        return (ESTIMATES_ONLY,)
    if len(found.seeds) < FEWEST_FOR_A_DIFFERENCE:
        return (OF_FEW_RUNS,)
    said = [OF_THE_WHOLE] if found.difference is not None else []
    if any(effect.interval is None for _, effect in _effects(found)):
        said.append(OF_NO_VARIANCE)
    return tuple(said)


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


def _effects(found: Reasons) -> Iterator[tuple[str, Effect]]:
    if found.difference is not None:
        yield "cross-entropy − binary cross-entropy", found.difference
    yield "the head's rate", found.rate
    yield "the head's start", found.start
    if found.remainder is not None:
        yield "neither: cross-entropy − head with both", found.remainder.effect
    yield "interaction of rate and start", found.interaction
    if found.twins is not None:
        yield "A/A: cross-entropy of [0, z] − binary", found.twins.effect


def _row(what: str, effect: Effect, metric: Metric, comparison: Comparison) -> list[str]:
    found, interval = effect.estimate, "–"
    if effect.interval is not None:
        low, high = (metric.said_difference(bound) for bound in (effect.interval.low, effect.interval.high))
        interval = f"{low} to {high}"
    p = p_shown(effect.p, comparison)
    return [what, metric.said_difference(found.estimate), interval, p, "/".join(map(str, found.n)), found.method]
