"""Which cells are done with all that belongs to them; asked once, by whoever is to carry out the rest.

A result alone makes a cell done for every reader. Before a run it is also asked, by a listing, whether its history
and its files are there: a cell that has lost some of them is trained again. Their contents are checked by whoever
reads them. What a kill has left of a done cell is tidied away.
"""

from orchestrator.store.cell_try import StoredResult
from orchestrator.store.cells import CellStore
from orchestrator.store.damage import MISSING, note_damage


def whole_result(cells: CellStore, key: str) -> StoredResult | None:
    """The result of a cell that is done and has lost nothing; else None, and a result without it is set aside."""
    of, stored = cells.standing(key)
    if stored is None:
        return None
    there = cells.store.names(of.paths.of_try)
    lost = sorted(of.names_needed(stored).difference(there))
    if lost and cells.result(key) == stored:  # else somebody has just taken the cell up anew
        for name in lost:
            note_damage(cells.store, name, None, MISSING)
        of.set_result_aside(stored)
    if lost:
        return None
    if any(name.startswith(f"{of.paths.checkpoints}/") for name in there):
        of.checkpoints.drop()  # a kill came between the result and this
    return stored


def is_whole(cells: CellStore, key: str) -> bool:
    """Whether a cell is done and has lost nothing; changes nothing."""
    return intact_result(cells, key) is not None


def intact_result(cells: CellStore, key: str) -> StoredResult | None:
    """The result of a cell that is done and has lost nothing; changes nothing."""
    of, stored = cells.standing(key)
    if stored is None or not of.names_needed(stored).issubset(cells.store.names(of.paths.of_try)):
        return None
    return stored
