"""A sweep's results for people: verdicts, tables and figures, in a terminal and as a page."""

from orchestrator.report import best_epoch, difference_table
from orchestrator.report.page import P_AS_IT_IS, comparison_metrics, markdown, write_report
from orchestrator.report.spoken import Outcome, Said, outcome_of, spoken

__all__ = [
    "P_AS_IT_IS",
    "Outcome",
    "Said",
    "best_epoch",
    "comparison_metrics",
    "difference_table",
    "markdown",
    "outcome_of",
    "spoken",
    "write_report",
]
