"""What a sweep's plan changes against the last run of the same name: read from the store, for `plan` and `run`; and
what the first run settles for all that come after it.
"""

from dataclasses import replace
from typing import Any

from orchestrator.compare.statistics.power import FEWEST_FOR_A_DIFFERENCE
from orchestrator.plan import Plan, PlanChanges, key_material, plan_changes, taken_over
from orchestrator.store import CellStore, Store, SweepStore


def changes_since_last_run(store: Store, plan: Plan) -> PlanChanges:
    """No changes, and nothing said, where the plan has the cells that it had."""
    sweeps, cells, name = SweepStore(store), CellStore(store), plan.spec.name
    planned = {cell.key: cell for cell in plan.cells}
    earlier = sweeps.plan(name)
    known = {cell["key"] for cell in earlier["cells"]} if earlier else set()
    done = {key for key in known ^ planned.keys() if cells.is_done(key)}
    changes = PlanChanges()
    if earlier and known != planned.keys():
        settings: dict[str, dict[str, Any]] = {}
        for cell in earlier["cells"]:
            key, arm = cell["key"], cell["arm"]
            if arm not in settings or key in planned:
                is_now = planned.get(key)
                stored = cells.settings(key) if is_now is None else key_material(is_now.config, is_now.fingerprint)
                settings |= {} if stored is None else {arm: stored}
        changes = plan_changes(earlier, settings, plan, done)
    others = {}
    if done & planned.keys():
        plans = {other: sweeps.plan(other) for other in sweeps.names() if other != name}
        others = {other: {cell["key"] for cell in found["cells"]} for other, found in plans.items() if found}
    said = taken_over(plan, earlier, done, others)
    return replace(changes, sentences=(*changes.sentences, *said))


def few_to_begin_with(store: Store, plan: Plan) -> str:
    """What it means to begin with fewer seeds than a verdict needs; empty where it is not so, or done already."""
    seeds = len(plan.spec.seed_list)
    if seeds >= FEWEST_FOR_A_DIFFERENCE or len(plan.spec.arms) < 2 or SweepStore(store).plan(plan.spec.name):
        return ""
    return (
        f"{seeds} seed{'s are' if seeds > 1 else ' is'} too few for a verdict, which needs "
        f"{FEWEST_FOR_A_DIFFERENCE}; and once their results can be seen, a verdict on more seeds of this sweep "
        "is an anytime-valid one, which finds large differences only. To try it out, use --smoke, or a seed that "
        "will not be among them, by another name: --set name=trial --set seeds=[1000]"
    )
