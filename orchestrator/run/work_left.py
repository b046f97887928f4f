"""Before a launch: which cells of a plan are left, and what is noted in the store once it can be launched.

In: a plan, the store. Out: keys. Knows nothing of Ray.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from orchestrator.environment import git_state, hardware, versions
from orchestrator.plan import Plan, key_material
from orchestrator.plan.choice import to_be_noted
from orchestrator.store import CellStore, HeldElsewhereError, Home, LocalStore, Store, StoredResult, SweepStore
from orchestrator.store.cell_paths import CellPaths
from orchestrator.store.damage import note_damage
from orchestrator.store.done_cells import whole_result
from orchestrator.store.leftovers import drop_leftovers
from orchestrator.store.seen_cells import SeenCells
from orchestrator.store.superseded import supersede

EMPTIED = "is missing, and with it all of the cell"


@dataclass(frozen=True)
class WorkLeft:
    """The cells that are to be trained."""

    todo: tuple[str, ...]
    """Their keys, in the plan's order."""
    again: Mapping[str, StoredResult]
    """Those of them that have diverged before, with the outcomes that are to be put by."""

    def epochs_stored(self, cells: CellStore, key: str) -> int:
        """From where a cell goes on."""
        return 0 if key in self.again else cells.epochs_stored(key)


def work_left(cells: CellStore, plan: Plan, retry_diverged: bool) -> WorkLeft:
    """Cells without a result, and those that have lost a part of what they left; diverged ones where asked for."""
    results = cells.of_each([cell.key for cell in plan.cells], lambda key: whole_result(cells, key))
    diverged = {key: found for key, found in results.items() if found and found.result.status == "diverged"}
    again = diverged if retry_diverged else {}
    return WorkLeft(tuple(key for key, found in results.items() if found is None or key in again), again)


def commit_plan(
    home: Home, plan: Plan, source_text: str, left: WorkLeft, turn: Callable[[], None] = lambda: None
) -> list[str]:
    """Note what is about to be done; only now, for what cannot be launched shall leave no trace.

    Gives a sentence for each diverged cell that cannot be tried again, because somebody else works on it.
    `turn`: called before each cell, of which there may be thousands on storage far away; may raise to end it there.
    """
    store = home.store()
    cells, sweeps = CellStore(store), SweepStore(store)
    earlier = sweeps.plan(plan.spec.name)
    _note_emptied(store, earlier, left)
    material = {cell.key: key_material(cell.config, cell.fingerprint) for cell in plan.cells}

    def begin(key: str) -> None:
        turn()
        cells.begin(key, material[key])

    cells.of_each(material, begin)
    environment = {"git": git_state(Path.cwd()), "versions": versions(), "hardware": hardware()}
    # By what the store shows now: others may have trained some of the cells since it was asked what is left.
    if (planned := to_be_noted(plan, sweeps.notes(), SeenCells(store), cells, sweeps)) is not None:
        sweeps.note_plan(planned)
    sweeps.save(plan.spec.name, plan.stored() | {"environment": environment}, source_text)
    held = []
    for cell in plan.cells:
        if cell.key in left.again:
            turn()
            try:
                supersede(store, cell.key, left.again[cell.key])
            except HeldElsewhereError as error:
                held.append(f"{cell.arm}, seed {cell.seed} cannot be tried again now: it is {error}")
    folders = ("damaged", "record", f"sweeps/{plan.spec.name}")
    if isinstance(store, LocalStore):
        drop_leftovers(store.root, [*folders, *(CellPaths(cell.key).folder for cell in plan.cells)])
    home.leave_readme()
    return held


def _note_emptied(store: Store, earlier: Mapping[str, Any] | None, left: WorkLeft) -> None:
    """A cell of the plan before has at least its settings, unless somebody has emptied its folder."""
    planned_before = {cell["key"] for cell in earlier["cells"]} if earlier else set()
    begun_before = planned_before.intersection(left.todo)
    names = CellStore(store).of_each(begun_before, lambda key: store.names(CellPaths(key).folder))
    for key in begun_before:
        if not names[key]:
            note_damage(store, CellPaths(key).settings, None, EMPTIED)
