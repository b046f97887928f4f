"""Which cells are done with all that belongs to them; asked once, by whoever is to carry out the rest.

A result alone makes a cell done for every reader. Before a run it is also asked, by a listing, whether its history
and its files are there: a cell that has lost some of them is trained again. Their contents are checked by whoever
reads them. What a kill has left of a done cell is tidied away.
"""

from orchestrator.store.cells import CellPaths, CellStore, StoredResult
from orchestrator.store.damage import MISSING, note_damage


def whole_result(cells: CellStore, key: str) -> StoredResult | None:
    """The result of a cell that is done and has lost nothing; else None, and a result without it is set aside."""
    stored = cells.result(key)
    if stored is None:
        return None
    paths = CellPaths(key)
    there = cells.store.names(paths.folder)
    lost = sorted(_needed(key, stored).difference(there))
    if lost and cells.result(key) == stored:  # else somebody has just taken the cell up anew
        for name in lost:
            note_damage(cells.store, name, None, MISSING)
        cells.give_up_result(key, stored)
    if lost:
        return None
    if any(name.startswith(f"{paths.checkpoints}/") for name in there):
        cells.checkpoints(key).drop()  # a kill came between the result and this
    return stored


def is_whole(cells: CellStore, key: str) -> bool:
    """Whether a cell is done and has lost nothing; changes nothing."""
    return intact_result(cells, key) is not None


def intact_result(cells: CellStore, key: str) -> StoredResult | None:
    """The result of a cell that is done and has lost nothing; changes nothing."""
    stored = cells.result(key)
    if stored is None or not _needed(key, stored).issubset(cells.store.names(CellPaths(key).folder)):
        return None
    return stored


def _needed(key: str, stored: StoredResult) -> set[str]:
    paths = CellPaths(key)
    files = {f"{paths.files}/{file.name}" for file in stored.files.values()}
    return files | {f"{paths.history}/{epoch:04d}.json" for epoch in range(1, stored.result.epochs + 1)}
