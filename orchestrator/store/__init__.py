"""The durable cells: the truth that everything else is rebuilt from."""

from orchestrator.store.base import DamagedError, Store, StoreError
from orchestrator.store.cells import CellStore, StoredResult
from orchestrator.store.home import Home
from orchestrator.store.lease import HeldElsewhereError, Holder, Lease, newest_holder
from orchestrator.store.local import LocalStore
from orchestrator.store.presence import Presence, living_drivers
from orchestrator.store.sweeps import SweepPaths, SweepStore

__all__ = [
    "CellStore",
    "DamagedError",
    "HeldElsewhereError",
    "Holder",
    "Home",
    "Lease",
    "LocalStore",
    "Presence",
    "Store",
    "StoreError",
    "StoredResult",
    "SweepPaths",
    "SweepStore",
    "living_drivers",
    "newest_holder",
]
