"""A sweep's results for people: tables and figures, in a terminal and as a page."""

from orchestrator.report.page import write_report

__all__ = ["write_report"]
