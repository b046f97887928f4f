"""What a table can and cannot show: decided by what holds in every pair of sets that agrees with it."""

from dataclasses import dataclass
from typing import Literal

from orchestrator.compare.audit import words
from orchestrator.compare.audit.agreement import Agreement
from orchestrator.compare.audit.pair_numbers import Range
from orchestrator.compare.audit.printed import PrintedTable
from orchestrator.compare.statistics.estimates import LEVEL
from orchestrator.compare.statistics.power import FEWEST_FOR_A_DIFFERENCE, Design, seeds_needed
from orchestrator.compare.statistics.steadier import FEWEST_FOR_SPREAD

ROUNDING_D = 1e-9
"""A difference of fewer standard deviations is one of rounding."""


@dataclass(frozen=True)
class Finding:
    """One question about a table, and what its numbers allow one to say."""

    question: Literal["means", "spread"]
    kind: words.Kind
    sentence: str


def findings(found: Agreement, table: PrintedTable) -> tuple[Finding, ...]:
    """Of a reading that at least one pair agrees with."""
    return (_means(found, table), _spread(found, table))


def _means(found: Agreement, table: PrintedTable) -> Finding:
    kind, leads, few = _decide(found.ranges["welch_p"], found.means, table, FEWEST_FOR_A_DIFFERENCE)
    said = [words.means(kind, leads, found, table)]
    if few:
        said.append(words.too_few(FEWEST_FOR_A_DIFFERENCE))
    if kind == "NOT SHOWN":
        said.append(words.runs_needed(_runs_needed(found.ranges["standardised"])))
    return Finding("means", kind, " ".join(said))


def _spread(found: Agreement, table: PrintedTable) -> Finding:
    kind, leads, few = _decide(found.ranges["brown_forsythe_p"], found.sds, table, FEWEST_FOR_SPREAD)
    if found.by_moments:
        kind = "NOT DECIDED"
    said = [words.spread(kind, leads, found, table)]
    if few:
        said.append(words.too_few(FEWEST_FOR_SPREAD))
    elif table.fewest_runs < FEWEST_FOR_SPREAD:
        said.append(words.few_for_spread(FEWEST_FOR_SPREAD))
    return Finding("spread", kind, " ".join(said))


def _decide(
    p: Range | None, of_arms: tuple[Range | None, Range | None], table: PrintedTable, needed: int
) -> tuple[words.Kind, int | None, bool]:
    """The kind; which arm has the greater value in all its sets, if either; whether only the runs are too few."""
    first, second = of_arms
    assert first is not None, "a pair agrees, and so a set of each arm"
    assert second is not None
    leads = 0 if first.low > second.high else 1 if second.low > first.high else None
    if p is None or p.low >= LEVEL:
        return "NOT SHOWN", leads, False
    if p.high >= LEVEL or p.undefined or leads is None:
        return "NOT DECIDED", leads, False
    few = table.fewest_runs < needed
    return "NOT DECIDED" if few else "SHOWN", leads, few


def _runs_needed(standardised: Range | None) -> tuple[int | None, int | None] | None:
    """Of each arm: for the largest difference that there may be, and for the smallest; None where none would do."""
    if standardised is None:
        return None
    most, least = (
        seeds_needed(size, Design(sd=1.0)) if size > ROUNDING_D else None
        for size in (standardised.low, standardised.high)
    )
    return least, most
