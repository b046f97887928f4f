"""Were these arms judged on other seeds in this home as well? A reader of one sweep's verdicts does not see the
others', and each sweep of fresh seeds errs once in 20 by itself."""

from collections.abc import Sequence

from orchestrator.compare.joined_arms import NotComparableError, joined_arms
from orchestrator.results import ResultTable
from orchestrator.store import SweepStore
from orchestrator.store.noted_looks import NotedLook
from orchestrator.store.trained_arms import arm_of


def judged_elsewhere(table: ResultTable, pairs: Sequence[tuple[str, str]]) -> tuple[str, ...]:
    """What is to be known of it. Looks that share runs with these are another matter, for they share the level."""
    own_sweeps = list(table.plan.get("merged", [table.name]))
    own_cells = {cell["key"] for cell in table.plan["cells"]}
    others = [
        look for look in table.notes.looks if look.sweep not in own_sweeps and not look.question.cells & own_cells
    ]
    if not others:
        return ()
    arms = {name: arm_of(settings) for name, settings in table.settings.items()}
    between = [{arms[arm], arms[versus]} for arm, versus in pairs if arm in arms and versus in arms]
    judged = _arms_judged(table, others)
    same = [look for look in others if any(pair <= judged[look.sweep] for pair in between)]
    if not same:
        return ()
    seeds: dict[str, set[int]] = {}
    for look in same:
        seeds.setdefault(look.sweep, set()).update(look.seeds)
    where = "; ".join(f"{sweep}, {len(of)} seeds" for sweep, of in seeds.items())
    whose = "These arms were" if len(between) == 1 else "Arms of this comparison were"
    said = f"{whose} judged on other seeds as well ({where}): each such sweep errs once in 20."
    if {look.question.metric for look in same} == {table.deciding_metric} and _are_joined(
        table, [*own_sweeps, *seeds]
    ):
        said += f" All together: seedwise compare {' '.join([*own_sweeps, *seeds])}."
    return (said,)


def _are_joined(table: ResultTable, sweeps: Sequence[str]) -> bool:
    """Whether, of these sweeps together, arms of one setting are one arm with all seeds."""
    plans = [SweepStore(table.cells.store).plan(sweep) for sweep in sweeps]
    try:
        arms = joined_arms([ResultTable(plan, table.cells) for plan in plans if plan is not None])
    except NotComparableError:
        return False
    return None not in plans and any(arm.whole is None for arm in arms)


def _arms_judged(table: ResultTable, looks: Sequence[NotedLook]) -> dict[str, set[str]]:
    """By sweep; known by the settings of one cell of each arm."""
    of_arms = {(look.sweep, min(arm)) for look in looks for arm in look.question.arms if arm}
    settings = table.cells.of_each({key for _, key in of_arms}, table.cells.settings)
    found: dict[str, set[str]] = {look.sweep: set() for look in looks}
    for sweep, key in of_arms:
        if (of := settings[key]) is not None:
            found[sweep].add(arm_of(of))
    return found
