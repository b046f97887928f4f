"""What may be said of the finished cells of a sweep: pure functions over a ResultTable."""

from orchestrator.compare.across_sweeps import merged
from orchestrator.compare.assemble import asked_by, compare
from orchestrator.compare.comparison import Comparison, PairComparison, Verdict
from orchestrator.compare.joined_arms import NotComparableError
from orchestrator.compare.looks.asked import Pairs
from orchestrator.compare.metric import Metric, is_share
from orchestrator.compare.reasons import Reasons
from orchestrator.compare.runs import IdenticalSeedsError
from orchestrator.compare.statistics.summary import ArmSummary, summarise

__all__ = [
    "ArmSummary",
    "Comparison",
    "IdenticalSeedsError",
    "Metric",
    "NotComparableError",
    "PairComparison",
    "Pairs",
    "Reasons",
    "Verdict",
    "asked_by",
    "compare",
    "is_share",
    "merged",
    "summarise",
]
