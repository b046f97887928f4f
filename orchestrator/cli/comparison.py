"""What `seedwise compare` prints."""

import dataclasses
import json
from pathlib import Path

from rich.console import Console

from orchestrator.cli.output import standard_output
from orchestrator.compare import summarise
from orchestrator.report import NO_VERDICT, comparison_metrics
from orchestrator.report.tables import rich_table
from orchestrator.results import ResultTable


def print_comparison(sweep: str, home: Path | None, as_json: bool) -> None:
    """The arms by each metric that the report shows."""
    table = ResultTable.open(sweep, home)
    if as_json:
        by_metric = {
            metric: [dataclasses.asdict(arm) for arm in summarise(table.frame, metric)]
            for metric in comparison_metrics(table)
        }
        print(json.dumps({"sweep": table.name, "decides": table.deciding_metric, "metrics": by_metric}, indent=1))
        return
    out = standard_output()
    print_tables(out, table)
    out.print(NO_VERDICT)


def print_tables(out: Console, table: ResultTable) -> None:
    """One table a metric, the deciding one first."""
    for metric in comparison_metrics(table):
        out.print(rich_table(summarise(table.frame, metric), decides=metric == table.deciding_metric))
