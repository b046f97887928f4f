"""A diverged cell that is to be tried again: its outcome is put by, and the cell is new.

    cells/<key>/superseded/0001.json    result and history of an earlier try, in one record

The order makes it safe against a kill at any moment: the record is created; then the result is deleted, and the
cell is no longer done; then the history goes. A history that a kill has left is known by the record, and goes when
the cell is next taken up.
"""

from orchestrator.store.base import Store, seal
from orchestrator.store.cells import CellPaths, CellStore, StoredResult
from orchestrator.store.damage import read_sound
from orchestrator.store.lease import Lease
from orchestrator.store.numbered import by_number
from trainables.records import CellResult, EpochRecord
from trainables.settings import Settings


class Superseded(Settings):
    """An outcome that has been put by."""

    result: CellResult
    history: list[EpochRecord]


def superseded(cells: CellStore, key: str) -> list[Superseded]:
    """The earlier outcomes of a cell, the first one first."""
    return [Superseded.model_validate(content) for content in cells.numbered(CellPaths(key).superseded)]


def supersede(store: Store, key: str, seen: StoredResult) -> bool:
    """Put the outcome by that was seen, so that the cell is to be trained from its start.

    False, and nothing done, if it has another outcome by now. Raises HeldElsewhereError if somebody works on it.
    """
    cells, paths, lease = CellStore(store), CellPaths(key), Lease(store, CellPaths(key).lease)
    lease.acquire()
    try:
        if cells.result(key) != seen:
            return False
        _put_by(cells, key, seen.result)
        cells.checkpoints(key).drop()  # a kill may have left some to a done cell
        if lease.lost.is_set():
            return False
        store.delete(paths.result)
        drop_superseded_history(cells, key)
        return True
    finally:
        lease.release()


def _put_by(cells: CellStore, key: str, result: CellResult) -> None:
    """Keep the outcome once, also where a kill came after it, or another does the same at the same moment."""
    folder = CellPaths(key).superseded
    number = len(by_number(cells.store, folder))
    earlier = superseded(cells, key)
    if earlier and earlier[-1].result == result:
        return
    content = seal(Superseded(result=result, history=cells.history(key)).model_dump())
    while not cells.store.create(name := f"{folder}/{(number := number + 1):04d}.json", content):
        there = read_sound(cells.store, name)
        if there is not None and Superseded.model_validate(there).result == result:
            return


def drop_superseded_history(cells: CellStore, key: str) -> None:
    """Finish what a kill may have interrupted; for whoever holds the lease and finds no result."""
    paths = CellPaths(key)
    of_before = [record for outcome in superseded(cells, key) for record in outcome.history]
    if of_before:
        for name in by_number(cells.store, paths.history).values():
            record = read_sound(cells.store, name)  # at the last moment: another may have made it anew since
            if record is not None and EpochRecord.model_validate(record) in of_before:
                cells.store.delete(name)
