"""Whether a new plan was made beforehand, and what it leaves out of the runs that its maker could see.

A plan that goes on with what there is chooses nothing: the same cells again, more seeds, further arms, under this
or another name. Some seeds of an arm and not others, or some of the arms that have results, may be those that look
best.
"""

from collections.abc import Collection, Iterator

from orchestrator.compare.asked import planned_by
from orchestrator.plan.identity import key_material
from orchestrator.plan.plan import Plan
from orchestrator.store import CellStore, SweepStore
from orchestrator.store.noted_choices import NotedChoice
from orchestrator.store.noted_plans import NotedPlan
from orchestrator.store.trained_arms import arm_of, data_of, trained_arms


def what_counts_as_planned(plan: Plan, done: Collection[str], cells: CellStore, sweeps: SweepStore) -> NotedPlan:
    """What was noted, if anything can be seen of its runs or of this plan's; else this plan. `done`: as for
    `choice_of`.

    Where the note is lost it is what the plan before had.
    """
    name = plan.spec.name
    noted, earlier = sweeps.planned(name), sweeps.plan(name)
    trained = len({cell.arm for cell in plan.cells if cell.key in done})
    now = planned_by(plan.stored(), trained)
    if noted is None:
        return now if earlier is None else planned_by(earlier)
    if noted == now or done:
        return noted
    of_either = noted.cells | now.cells
    is_seen = cells.of_each(of_either, lambda key: cells.epochs_stored(key) > 0 or cells.is_done(key))
    return noted if any(is_seen.values()) else now


def choice_of(plan: Plan, done: Collection[str], cells: CellStore, sweeps: SweepStore) -> NotedChoice | None:
    """None where nothing was chosen. `done`: the plan's cells that have results."""
    keys, earlier = {cell.key for cell in plan.cells}, sweeps.plan(plan.spec.name)
    if not done or (earlier is not None and {cell["key"] for cell in earlier["cells"]} == keys):
        return None
    material = {cell.key: key_material(cell.config, cell.fingerprint) for cell in plan.cells}
    there = trained_arms(cells, {data_of(settings) for settings in material.values()})
    left_out = [runs for runs in there.values() if runs.keys() & keys and not runs.keys() <= keys]
    arms = there.keys() | {arm_of(settings) for settings in material.values()}
    others = len(arms) > len(plan.spec.arms) and not any(
        whole <= keys and whole.issuperset(done) for whole in _of_several_arms(sweeps)
    )
    if not left_out and not others:
        return None
    return NotedChoice(frozenset(done), tuple(left_out), len(arms) if others else None)


def _of_several_arms(sweeps: SweepStore) -> Iterator[set[str]]:
    """The cells of each sweep that compares any."""
    for name in sweeps.names():
        plan = sweeps.plan(name)
        if plan is not None and len(plan["arms"]) > 1:
            yield {cell["key"] for cell in plan["cells"]}
