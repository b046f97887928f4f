"""By which name MLflow knows a home's runs: a random one, written once, and copied.

Were it lost, every run in MLflow would seem another home's, and would be made a second time.
"""

import uuid

from orchestrator.store import DamagedError, Store
from orchestrator.store.base import seal, unseal
from orchestrator.store.damage import note_damage

FIRST, COPY = "record/home-id.json", "sweeps/home-id-copy.json"
"""Not in one folder: `record/` looks as if it could be deleted."""


def home_id(store: Store) -> str:
    """The home's name, made if it has none yet. Raises DamagedError where both copies are damaged."""
    found = known_home_id(store)
    if found is None:
        store.create(FIRST, seal(uuid.uuid4().hex))  # of two that do so, one decides
        found = known_home_id(store)
        assert found is not None
    for name in (FIRST, COPY):
        if _sound(store, name) != found:
            store.replace(name, seal(found))
    return found


def known_home_id(store: Store) -> str | None:
    """The home's name; None if it has none yet. Raises DamagedError as above."""
    known = [_sound(store, name) for name in (FIRST, COPY)]
    sound = next((name for name in known if name), None)
    if sound is None and "" in known:
        raise DamagedError(
            f"{store.url}/{FIRST} and its copy, {COPY}, are damaged, by which MLflow's runs of the home are known; "
            "bring one back from a backup, or delete both: all sweeps are then recorded once more, beside those"
        )
    return sound


def _sound(store: Store, name: str) -> str | None:
    """What is written there; empty if that is damaged, None if nothing is."""
    data = store.read(name)
    if data is None:
        return None
    try:
        return str(unseal(data, name))
    except DamagedError:
        note_damage(store, name, data)
        return ""
