"""What is to be noted of a new plan: which question its cells are to answer, and what its maker could see and
leaves out of it.

A plan that goes on with what there is chooses nothing: the same cells again, more seeds, further arms, under this
or another name. Some seeds of an arm and not others, or some of the arms that have runs, may be those that look
best.
"""

from collections.abc import Iterator
from dataclasses import replace

from orchestrator.compare.looks.asked import planned_by
from orchestrator.plan.identity import key_material
from orchestrator.plan.plan import Plan
from orchestrator.store import CellStore, SweepStore
from orchestrator.store.noted_plans import NotedPlan
from orchestrator.store.notes import Notes
from orchestrator.store.seen_cells import SeenCells
from orchestrator.store.trained_arms import arm_of, data_of, trained_arms


def to_be_noted(
    plan: Plan, notes: Notes, there: SeenCells, cells: CellStore, sweeps: SweepStore
) -> NotedPlan | None:
    """None where it would say nothing new: that is planned, or what its cells are to answer is, and nothing was
    chosen."""
    now = planned_by(plan.stored())
    together = [other for group in notes.beforehand_of(now.cells) for other in group]
    if any((other.sweep, other.question) == (now.sweep, now.question) for other in together):
        return None
    of_these = now.cells.union(*(other.cells for other in together))
    now = replace(now, seen=of_these & (there.begun | notes.seen))
    if now.cells & now.seen and all(other.cells != now.cells for other in notes.plans):
        now = _with_choice(now, plan, notes, there, cells, sweeps)
    is_news = not now.seen or notes.plan_of_each(now.cells).keys() != now.cells
    return now if is_news or now.left_out or now.arms_there else None


def _with_choice(
    now: NotedPlan, plan: Plan, notes: Notes, there: SeenCells, cells: CellStore, sweeps: SweepStore
) -> NotedPlan:
    material = [key_material(cell.config, cell.fingerprint) for cell in plan.cells]
    begun = there.begun
    trained = trained_arms(cells, begun, {data_of(settings) for settings in material})
    left_out = tuple(runs for runs in trained.values() if notes.are_chosen(now.cells, runs))
    arms = trained.keys() | {arm_of(settings) for settings in material}
    others = len(arms) > len(plan.spec.arms) and not any(
        whole <= now.cells and whole >= now.cells & begun for whole in _of_several_arms(sweeps)
    )
    return replace(now, left_out=left_out, arms_there=len(arms) if others else None)


def _of_several_arms(sweeps: SweepStore) -> Iterator[set[str]]:
    """The cells of each sweep that compares any."""
    for name in sweeps.names():
        plan = sweeps.plan(name)
        if plan is not None and len(plan["arms"]) > 1:
            yield {cell["key"] for cell in plan["cells"]}
