"""What may be said of the finished cells of a sweep: pure functions over a ResultTable."""

from orchestrator.compare.summary import ArmSummary, summarise

__all__ = ["ArmSummary", "summarise"]
