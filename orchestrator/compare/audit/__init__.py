"""What a paper's printed table can and cannot show: every set of runs that agrees with it, and what they have in
common."""

from orchestrator.compare.audit.agreement import Agreement
from orchestrator.compare.audit.audit import MOST_PAIRS, Audit, audit
from orchestrator.compare.audit.printed import Printed, PrintedArm, PrintedTable, Statistic, TableError, Unit

__all__ = [
    "MOST_PAIRS",
    "Agreement",
    "Audit",
    "Printed",
    "PrintedArm",
    "PrintedTable",
    "Statistic",
    "TableError",
    "Unit",
    "audit",
]
