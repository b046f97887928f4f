"""What the store has of one cell, read at one time.

In: a store and a key. Out: `CellRecords`, the only thing that the projection of a cell is made from.
"""

from dataclasses import dataclass, field
from typing import Any

from orchestrator.store import CellStore, Holder, Home, Store, StoredResult, SweepStore, newest_holder
from orchestrator.store.cell_paths import CellPaths
from trainables.records import EpochRecord


@dataclass(frozen=True)
class CellRecords:
    """All small records of a cell, in the order in which they were written."""

    key: str
    settings: dict[str, Any] = field(default_factory=dict)
    sessions: tuple[dict[str, Any], ...] = ()
    history: tuple[EpochRecord, ...] = ()
    failures: tuple[dict[str, Any], ...] = ()
    stored: StoredResult | None = None
    holder: Holder | None = None
    """Whose lease is the newest, living or dead."""
    try_number: int = 1
    """Which try the result and the history are of."""

    @property
    def begun(self) -> bool:
        """Whether a worker has ever taken it up. Its settings alone do not say so: they are noted at launch."""
        return bool(self.sessions or self.history or self.failures or self.stored)


class CellReader:
    """Reads cells again and again, as each of their epochs ends.

    Epochs read once are kept, so that a long cell is not read from its beginning at each of them. When it is done,
    all of it is read once more: an epoch may have been found damaged, and trained anew, since it was read.
    """

    def __init__(self, store: Store):
        self._store = store
        self._known: dict[str, CellRecords] = {}

    def read(self, key: str) -> CellRecords:
        """The cell's records as they are now."""
        records = read_cell(self._store, key, self._known.pop(key, None))
        if records.stored is None:
            self._known[key] = records
        return records


def read_cell(store: Store, key: str, before: CellRecords | None = None) -> CellRecords:
    """The cell's records as they are now. `before`: its epochs are not read again while it has no result."""
    cells = CellStore(store)
    # The holder before the result and the result before the history: whoever finishes in between is not taken for
    # running, and where there is a result there is all of the history.
    holder = newest_holder(store, CellPaths(key).lease)
    of, stored = cells.standing(key)
    known = before.history if before and before.try_number == of.number and stored is None else ()
    return CellRecords(
        key=key,
        settings=cells.settings(key) or {},
        sessions=tuple(cells.sessions(key)),
        history=tuple(of.history(known)),
        failures=tuple(cells.failures(key)),
        stored=stored,
        holder=holder,
        try_number=of.number,
    )


def is_begun(store: Store, key: str) -> bool:
    """The same as `read_cell(…).begun`, by listings alone."""
    paths = CellPaths(key)
    folders = (paths.sessions, paths.history, paths.failures)
    return store.read(paths.result) is not None or any(store.names(folder) for folder in folders)


def begun_cells(home: Home, sweep: str) -> set[str]:
    """Keys of the sweep's cells that have begun."""
    store = home.store()
    keys = [cell["key"] for cell in (SweepStore(store).plan(sweep) or {"cells": []})["cells"]]
    begun = CellStore(store).of_each(keys, lambda key: is_begun(store, key))
    return {key for key in keys if begun[key]}
