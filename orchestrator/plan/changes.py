"""What a sweep's new plan changes against the one that its name stood for, in sentences.

In: the stored plan, the settings that its arms had, the new plan, which cells are done. Out: `PlanChanges`. Another
value of a setting is a change; more or fewer arms and seeds are growth. Pure.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from orchestrator.plan.earlier_arms import ArmPair, PlannedArm, SettingChange, Stored, pair_arms
from orchestrator.plan.identity import key_material
from orchestrator.plan.plan import Plan

DATA, RECIPE = "data.fingerprint", "recipe"


@dataclass(frozen=True)
class PlanChanges:
    """Of a sweep since it was last run."""

    settings: tuple[SettingChange, ...] = ()
    sentences: tuple[str, ...] = ()
    """All of it in words, without full stops; empty where nothing has changed."""


def plan_changes(earlier: Stored, settings: Mapping[str, Stored], plan: Plan, done: Collection[str]) -> PlanChanges:
    """`earlier`: the stored plan. `settings`: of one cell of each of its arms, as stored, where they can be read.
    `done`: keys of cells with a result, of both plans."""
    now = {
        cell.arm: PlannedArm(cell.config, key_material(cell.config, cell.fingerprint))
        for cell in reversed(plan.cells)
    }
    axes = {axis for arm in earlier["arms"] for axis in arm["settings"]} & set(plan.spec.vary)
    pairs = pair_arms(settings, {arm.name: now[arm.name] for arm in plan.spec.arms}, axes)
    sentences = [
        *_changed_settings(earlier, plan, [pair for pair in pairs if pair.changes], done),
        *_arms_come_and_gone(earlier, plan, pairs, done),
        *_seeds_come_and_gone(earlier, plan, pairs, done),
    ]
    dropped = {cell["key"] for cell in earlier["cells"]} - {cell.key for cell in plan.cells}
    if dropped & set(done):
        sentences.append("what is no longer in the sweep stays in MLflow, too (tag seedwise.in_plan: false)")
    said = dict.fromkeys(change for pair in pairs for change in pair.changes)
    return PlanChanges(tuple(said), tuple(sentences))


def taken_over(
    plan: Plan, earlier: Stored | None, done: Collection[str], others: Mapping[str, Collection[str]]
) -> tuple[str, ...]:
    """Sentences on cells that are done though the sweep has not had them before.

    `others`: the keys of each other sweep of the home.
    """
    known = {cell["key"] for cell in earlier["cells"]} if earlier else set()
    found = [cell.key for cell in plan.cells if cell.key in done and cell.key not in known]
    by_sweep = Counter(next((sweep for sweep, keys in others.items() if key in keys), None) for key in found)
    total = _cells(len(plan.cells))
    return tuple(
        f"{number} of the {total} {'was' if number == 1 else 'were'} trained "
        + (f"by the sweep {sweep}" if sweep else "before")
        for sweep, number in by_sweep.items()
    )


def _changed_settings(
    earlier: Stored, plan: Plan, pairs: Sequence[ArmPair], done: Collection[str]
) -> Iterator[str]:
    """One sentence over all cells that are others now, each change said once."""
    planned = {cell.key for cell in plan.cells}
    concerns: Counter[SettingChange] = Counter()
    new = trained = 0
    for pair in pairs:
        before = [cell for cell in earlier["cells"] if cell["arm"] == pair.was]
        cells = [cell.seed for cell in plan.cells if cell.arm == pair.now]
        # Further seeds are told of as such; where no seed is the same, all of them are other ones.
        fresh = len({cell["seed"] for cell in before}.intersection(cells)) or len(cells)
        new += fresh
        trained += sum(cell["key"] in done and cell["key"] not in planned for cell in before)
        concerns.update(dict.fromkeys(pair.changes, fresh))
    if not concerns:
        return
    clauses = [
        _clause(change, earlier, plan) + (f" (in {_cells(number)})" if number < new else "")
        for change, number in concerns.items()
    ]
    (first, *more) = concerns
    under = "before" if more or first.key in (DATA, RECIPE) else f"with {first.was}"
    said = f"{'; '.join(clauses)}: {_cells(new)} {'is' if new == 1 else 'are'} new"
    yield f"{said}; the {trained} trained {under} {_stay(trained)} stored" if trained else said


def _clause(change: SettingChange, earlier: Stored, plan: Plan) -> str:
    if change.key == RECIPE:
        return f"the same settings train to other numbers in this version (recipe {change.was} → {change.now})"
    if change.key == DATA:
        gone = [sentence for sentence in earlier["data"] if sentence not in plan.data_sentences]
        before = f"before: {gone[0].rstrip('.')}" if gone else "as many rows as before, other texts or labels"
        return f"the data have changed ({before})"
    return f"{change.key} was {change.was} and is {change.now}"


def _arms_come_and_gone(
    earlier: Stored, plan: Plan, pairs: Sequence[ArmPair], done: Collection[str]
) -> Iterator[str]:
    for arm in plan.spec.arms:
        if arm.name not in {pair.now for pair in pairs}:
            cells = sum(cell.arm == arm.name for cell in plan.cells)
            yield f"the arm {arm.name} is added: {_cells(cells)}"
    for name in (arm["name"] for arm in earlier["arms"]):
        if name not in {pair.was for pair in pairs}:
            gone = [cell["key"] for cell in earlier["cells"] if cell["arm"] == name]
            yield f"the arm {name} is no longer in the sweep{_what_stays(gone, done)}"


def _seeds_come_and_gone(
    earlier: Stored, plan: Plan, pairs: Sequence[ArmPair], done: Collection[str]
) -> Iterator[str]:
    """Of the arms that both plans have."""
    before, now = earlier["seeds"], plan.spec.seed_list
    if come := [seed for seed in now if seed not in before]:
        # Where no seed has stayed, the cells of a changed arm are told of with the change.
        arms = {pair.now for pair in pairs if not pair.changes or set(before) & set(now)}
        cells = sum(cell.seed in come and cell.arm in arms for cell in plan.cells)
        yield f"{_seeds(come)} added" + (f": {_cells(cells)}" if cells else "")
    if lost := [seed for seed in before if seed not in now]:
        arms = {pair.was for pair in pairs if not pair.changes}  # the others' cells are told of with the change
        gone = [cell["key"] for cell in earlier["cells"] if cell["seed"] in lost and cell["arm"] in arms]
        yield f"{_seeds(lost)} no longer in the sweep{_what_stays(gone, done)}"


def _what_stays(gone: Sequence[str], done: Collection[str]) -> str:
    trained = sum(key in done for key in gone)
    return f"; the {_cells(trained)} trained for it {_stay(trained)} stored" if trained else ""


def _seeds(seeds: Sequence[int]) -> str:
    """`seeds 5 to 9 are`, `seeds 1, 4 are`, `seed 3 is`"""
    if len(seeds) == 1:
        return f"seed {seeds[0]} is"
    in_a_row = list(seeds) == list(range(seeds[0], seeds[0] + len(seeds))) and len(seeds) > 2
    said = f"{seeds[0]} to {seeds[-1]}" if in_a_row else ", ".join(map(str, seeds))
    return f"seeds {said} are"


def _cells(number: int) -> str:
    return f"{number} cell{'s' * (number != 1)}"


def _stay(number: int) -> str:
    return "stays" if number == 1 else "stay"
