"""Records that are not what was written: noticed by their checksums, moved aside, noted, and gone around.

    damaged/<name>-<hash>      the bytes as they were found, never read as truth again
            notes/<hash>.json  what was found; gone when a command has said it

Whoever meets a damaged record, in whatever process, goes around it; the next command that ends says what is noted.
"""

import hashlib
import time
from typing import Any

from orchestrator.store.base import DamagedError, Store, seal, unseal
from trainables.settings import Settings

DAMAGED = "damaged"
NOTES = f"{DAMAGED}/notes"

NOT_AS_WRITTEN = "is not what was written"
MISSING = "is missing"
INCOMPLETE = "has lost what belongs to it"


class Damage(Settings):
    """One record that was damaged or missing."""

    record: str
    """Its name in the store."""
    what: str
    """`is not what was written`, `is missing`, …"""
    kept: str
    """Under which name its bytes lie now; empty where there were none."""
    at: float


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def read_sound(store: Store, name: str) -> Any:
    """The content of a sealed record; None if there is none, or if it was damaged and has now been set aside."""
    data = store.read(name)
    if data is None:
        return None
    try:
        return unseal(data, name)
    except DamagedError:
        set_aside(store, name, data)
        return None


def set_aside(store: Store, record: str, found: bytes, what: str = NOT_AS_WRITTEN) -> None:
    """Move a record that was read as `found` out of the way; one that has been written anew meanwhile stays."""
    note_damage(store, record, found, what)
    if store.read(record) == found:
        store.delete(record)


def note_damage(store: Store, record: str, found: bytes | None, what: str = NOT_AS_WRITTEN) -> None:
    """Keep a copy of what was found, if anything was, and have the next command say so. Leaves the record."""
    kept = "" if found is None else f"{DAMAGED}/{record}-{sha256(found)[:16]}"
    if found is not None:
        store.create(kept, found)
    said = Damage(record=record, what=what, kept=kept, at=time.time())
    store.create(f"{NOTES}/{sha256(f'{record} {what} {kept}'.encode())[:16]}.json", seal(said.model_dump()))


def noted_damage(store: Store) -> dict[str, Damage]:
    """What has not been said yet, the earliest first, by the name of its note."""
    noted = {}
    for name in store.names(NOTES):
        data = store.read(name)
        try:
            if data is not None:
                noted[name] = Damage.model_validate(unseal(data, name))
        except DamagedError:
            store.delete(name)
    return dict(sorted(noted.items(), key=lambda item: item[1].at))
