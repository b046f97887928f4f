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
from orchestrator.store.question import Runs
from orchestrator.store.seen_cells import SeenCells
from orchestrator.store.trained_arms import arm_of, data_of, trained_arms


def to_be_noted(
    plan: Plan, notes: Notes, there: SeenCells, cells: CellStore, sweeps: SweepStore
) -> NotedPlan | None:
    """None where it would say nothing new: what its cells are to answer is noted, and nothing was chosen."""
    now = planned_by(plan.stored())
    counts = notes.plan_of_each(now.cells)
    is_as_last = _arms_of_last(notes, now) == now.question.arms
    if is_as_last and all(key in counts and counts[key].question == now.question for key in now.cells):
        return None
    seen = now.cells.union(*(other.cells for other in notes.plans_of(now.cells))) & there.begun
    now = replace(now, seen=seen)
    if now.cells & seen and all(other.cells != now.cells for other in notes.plans):
        now = _with_choice(now, plan, notes, there, cells, sweeps)
    # While no difference can be seen the last plan is what is planned, be it one that was there before.
    is_news = not seen or counts.keys() != now.cells or (now.arms_seen <= 1 and not is_as_last)
    return now if is_news or now.left_out or now.arms_there else None


def _arms_of_last(notes: Notes, now: NotedPlan) -> frozenset[Runs]:
    """Of the last plan of any of these cells."""
    last = next((other for other in reversed(notes.plans) if other.cells & now.cells), None)
    return frozenset() if last is None else last.question.arms


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
