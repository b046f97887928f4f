"""Were these arms judged on other seeds in this home as well? A reader of one sweep's verdicts does not see the
others', and each sweep of fresh seeds errs once in 20 by itself."""

from collections.abc import Sequence

from orchestrator.compare.joined_arms import NotComparableError, joined_arms
from orchestrator.compare.looks.same_arms import arms_judged, known_pairs
from orchestrator.results import ResultTable
from orchestrator.store import SweepStore


def judged_elsewhere(table: ResultTable, pairs: Sequence[tuple[str, str]]) -> tuple[str, ...]:
    """What is to be known of it. Looks that share runs with these are another matter, for they share the level."""
    own_sweeps = list(table.plan.get("merged", [table.name]))
    own_cells = {cell["key"] for cell in table.plan["cells"]}
    others = [
        look for look in table.notes.looks if look.sweep not in own_sweeps and not look.question.cells & own_cells
    ]
    if not others:
        return ()
    between, judged = known_pairs(pairs, table.settings), dict[str, set[str]]()
    for look, arms in zip(others, arms_judged(others, table.cells), strict=True):
        judged.setdefault(look.sweep, set()).update(arms)
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
