"""A sweep's results for people: verdicts, tables and figures, in a terminal and as a page."""

from orchestrator.report import best_epoch, difference_table, reasons_table
from orchestrator.report.composition import Report, compose
from orchestrator.report.content import Said
from orchestrator.report.markdown import markdown, note
from orchestrator.report.material import comparison_metrics
from orchestrator.report.spoken import Outcome, outcome_of, spoken
from orchestrator.report.write import write_report

__all__ = [
    "Outcome",
    "Report",
    "Said",
    "best_epoch",
    "comparison_metrics",
    "compose",
    "difference_table",
    "markdown",
    "note",
    "outcome_of",
    "reasons_table",
    "spoken",
    "write_report",
]
