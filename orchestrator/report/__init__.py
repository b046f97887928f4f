"""A sweep's results for people: tables and figures, in a terminal and as a page."""

from orchestrator.report.page import NO_VERDICT, comparison_metrics, markdown, write_report

__all__ = ["NO_VERDICT", "comparison_metrics", "markdown", "write_report"]
