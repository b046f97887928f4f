"""What `seedwise compare` prints, and the end of `seedwise run`: verdicts first, then the tables."""

import dataclasses
import json
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from orchestrator.cli.output import standard_output
from orchestrator.compare import Comparison, Pairs, asked_by, compare, merged, summarise
from orchestrator.report import (
    Outcome,
    best_epoch,
    comparison_metrics,
    difference_table,
    reasons_table,
    spoken,
)
from orchestrator.report.tables import rich_table
from orchestrator.results import ResultTable
from orchestrator.store import StoreError, SweepStore


def print_comparison(
    sweeps: Sequence[str], home: Path | None, store: str | None, as_json: bool, pairs: Pairs | None
) -> None:
    """The arms of one sweep, or of several that may be compared. A verdict that is shown is noted as a look."""
    opened = [ResultTable.open(sweep, home, store) for sweep in sweeps]
    table = opened[0] if len(opened) == 1 else merged(opened)
    comparison = compare(table, pairs)
    unnoted = note_look(comparison, table)
    if as_json:
        by_metric = {
            metric: [dataclasses.asdict(arm) for arm in summarise(table.frame, metric)]
            for metric in comparison_metrics(table)
        }
        best = {
            metric: [dataclasses.asdict(arm) for arm in arms]
            for metric, arms in best_epoch.summaries(table).items()
        }
        said = {"sweep": table.name, "decides": table.deciding_metric, "metrics": by_metric, "best_epoch": best}
        print(json.dumps(said | {"comparison": comparison.as_json()}, indent=1, allow_nan=False))
        return
    out = standard_output()
    print_outcome(out, table, comparison)
    out.print(best_epoch.rich_table(table))
    out.print(best_epoch.CAUTION, markup=False, soft_wrap=True)
    if unnoted:
        out.print(unnoted, markup=False, soft_wrap=True)


def note_look(outcome: Outcome, table: ResultTable) -> str:
    """Keep that a verdict was shown on these runs, for later ones to take it into account; else say why not."""
    if not isinstance(outcome, Comparison) or not outcome.shows_a_verdict:
        return ""
    try:
        how = outcome.look
        for look in asked_by(outcome, table).looks(not how.anytime, how.tests, how.sharing):
            SweepStore(table.cells.store).add_look(look)
    except StoreError as error:
        return f"this look could not be noted, and a later verdict will not know of it: {error}"
    return ""


def print_outcome(out: Console, table: ResultTable, outcome: Outcome) -> None:
    """Verdicts, one table a metric, the deciding one first, and the differences."""
    for said in spoken(outcome):
        out.print(said.heading, style="bold", markup=False, soft_wrap=True)
        for sentence in said.sentences:
            out.print(f"  {sentence}", markup=False, soft_wrap=True)
        out.print()
    for metric in comparison_metrics(table):
        out.print(rich_table(summarise(table.frame, metric), decides=metric == table.deciding_metric))
    if isinstance(outcome, Comparison) and difference_table.rows(outcome):
        out.print(difference_table.rich_table(outcome))
        for footnote in difference_table.footnotes(outcome):
            out.print(footnote, markup=False)
    if isinstance(outcome, Comparison):
        print_reasons(out, outcome)


def print_reasons(out: Console, comparison: Comparison) -> None:
    """What part of a difference the head explains, where the arms can tell."""
    for found in comparison.reasons:
        out.print("Reasons", style="bold")
        for sentence in found.sentences:
            out.print(f"  {sentence}", markup=False, soft_wrap=True)
        out.print()
        out.print(reasons_table.rich_table(found, comparison))
        for footnote in reasons_table.footnotes(found, comparison):
            out.print(footnote, markup=False)
