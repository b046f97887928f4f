"""A diverged cell that is to be tried again: its outcome is given up, and the next try counts.

One record is created, `history/superseded.json`, and nothing of the outcome is deleted: the try before stays as it
was, but for checkpoints that a kill has left it. So a kill leaves either the old outcome or a cell that is to be
trained, and whoever does it late has done nothing.
"""

from orchestrator.store.base import Store
from orchestrator.store.cell_paths import CellPaths
from orchestrator.store.cell_try import StoredResult
from orchestrator.store.cells import CellStore
from orchestrator.store.lease import Lease


def supersede(store: Store, key: str, seen: StoredResult) -> bool:
    """Give the outcome up that was seen, so that the cell is to be trained from its start.

    False, and nothing done, if it has another outcome by now. Raises HeldElsewhereError if somebody works on it.
    """
    assert seen.result.status == "diverged", "a finished cell is never given up"
    cells, lease = CellStore(store), Lease(store, CellPaths(key).lease)
    lease.acquire()
    try:
        of, stored = cells.standing(key)
        if stored != seen:
            return False
        of.checkpoints.drop()  # a kill may have left some to a done cell, and nobody looks there again
        if lease.lost.is_set():
            return False
        of.supersede()
        return True
    finally:
        lease.release()
