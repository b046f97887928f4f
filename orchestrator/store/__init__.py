"""The durable cells: the truth that everything else is rebuilt from."""

from orchestrator.store.base import DamagedError, Store, StoreError
from orchestrator.store.cells import CellStore, StoredResult
from orchestrator.store.home import Home
from orchestrator.store.lease import HeldElsewhereError, Holder, Lease
from orchestrator.store.local import LocalStore
from orchestrator.store.sweeps import SweepStore

__all__ = [
    "CellStore",
    "DamagedError",
    "HeldElsewhereError",
    "Holder",
    "Home",
    "Lease",
    "LocalStore",
    "Store",
    "StoreError",
    "StoredResult",
    "SweepStore",
]
