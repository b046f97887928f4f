"""The records of a lease, written and read by hand, and a clock that they are judged by."""

from orchestrator.store import Holder, Store
from orchestrator.store.base import seal, unseal
from orchestrator.store.cell_paths import CellPaths

FOLDER = CellPaths("0f" * 16).lease


class Clock:
    """Moves by itself only as far as a waiter needs."""

    def __init__(self) -> None:
        self.now = 1_700_000_000.0

    def __call__(self) -> float:
        return self.now


def other_holder(clock: Clock, **changes: object) -> Holder:
    """A process of another host, which can be judged by its record alone."""
    return Holder.this_process(clock()).model_copy(update={"host": "elsewhere", "pid": 7, **changes})


def write(store: Store, generation: int, holder: Holder) -> None:
    store.replace(f"{FOLDER}/{generation:06d}.json", seal(holder.model_dump()))


def newest(store: Store) -> tuple[str, Holder]:
    name = store.names(FOLDER)[-1]
    return name.rsplit("/", 1)[1], Holder.model_validate(unseal(store.read(name) or b"", name))
