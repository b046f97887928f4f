"""A sweep's results for people: tables and figures, in a terminal and as a page."""

from orchestrator.report.page import comparison_metrics, markdown, write_report

__all__ = ["comparison_metrics", "markdown", "write_report"]
