"""Records that are not what was written: noticed by their checksums, moved aside, and gone around.

In: a store and a record's name. Out: its content, or None; what was damaged lies under `damaged/` from then on, for
whoever wants to look at it, and is never read as truth.
"""

import hashlib
from typing import Any

from orchestrator.store.base import DamagedError, Store, unseal

DAMAGED = "damaged"
"""The folder of what was set aside: `damaged/<name>-<hash>`."""


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def read_sound(store: Store, name: str) -> Any:
    """The content of a sealed record; None if there is none, or if it was damaged and has now been set aside."""
    data = store.read(name)
    try:
        return None if data is None else unseal(data, name)
    except DamagedError:
        set_aside(store, name)
        return None


def set_aside(store: Store, name: str) -> None:
    """Move a record out of the way; nothing happens if there is none."""
    data = store.read(name)
    if data is not None:
        store.create(f"{DAMAGED}/{name}-{sha256(data)[:16]}", data)
        store.delete(name)
