"""What the store has of one cell, read at one time.

In: a store and a key. Out: `CellRecords`, the only thing that the projection of a cell is made from.
"""

from dataclasses import dataclass, field
from typing import Any

from orchestrator.store import CellStore, DamagedError, Holder, Store, StoredResult
from orchestrator.store.base import unseal
from orchestrator.store.cells import CellPaths
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

    @property
    def begun(self) -> bool:
        """Whether a worker has ever taken it up. Its settings alone do not say so: they are noted at launch."""
        return bool(self.sessions or self.history or self.failures or self.stored)


def read_cell(store: Store, key: str) -> CellRecords:
    """The cell's records as they are now."""
    cells = CellStore(store)
    # The holder before the result and the result before the history: whoever finishes in between is not taken for
    # running, and where there is a result there is all of the history.
    holder = _holder(store, key)
    stored = cells.result(key)
    return CellRecords(
        key=key,
        settings=cells.settings(key) or {},
        sessions=tuple(cells.sessions(key)),
        history=tuple(cells.history(key)),
        failures=tuple(cells.failures(key)),
        stored=stored,
        holder=holder,
    )


def is_begun(store: Store, key: str) -> bool:
    """The same as `read_cell(…).begun`, by listings alone."""
    paths = CellPaths(key)
    folders = (paths.sessions, paths.history, paths.failures)
    return store.read(paths.result) is not None or any(store.names(folder) for folder in folders)


def _holder(store: Store, key: str) -> Holder | None:
    names = store.names(CellPaths(key).lease)
    data = store.read(names[-1]) if names else None
    try:
        return None if data is None else Holder.model_validate(unseal(data, names[-1]))
    except DamagedError:
        return None
