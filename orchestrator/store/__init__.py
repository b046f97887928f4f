"""The durable cells: the truth that everything else is rebuilt from."""

from orchestrator.store.base import DamagedError, Store, StoreError
from orchestrator.store.cell_try import StoredResult
from orchestrator.store.cells import CellStore
from orchestrator.store.holder import Holder
from orchestrator.store.home import Home
from orchestrator.store.lease import HeldElsewhereError, Lease, newest_holder
from orchestrator.store.local import LocalStore
from orchestrator.store.object_storage import ObjectStore
from orchestrator.store.opening import check_store, open_store
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
    "ObjectStore",
    "Presence",
    "Store",
    "StoreError",
    "StoredResult",
    "SweepPaths",
    "SweepStore",
    "check_store",
    "living_drivers",
    "newest_holder",
    "open_store",
]
