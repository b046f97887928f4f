"""From a sweep's settings and its data to cells with keys: what there is to do, before anything is launched."""

from orchestrator.plan.changes import PlanChanges, plan_changes, taken_over
from orchestrator.plan.identity import cell_key, key_material
from orchestrator.plan.plan import Plan, PlannedCell, prepare_sweep

__all__ = [
    "Plan",
    "PlanChanges",
    "PlannedCell",
    "cell_key",
    "key_material",
    "plan_changes",
    "prepare_sweep",
    "taken_over",
]
