"""How far a cell had come when a worker took it up: read from the sessions that the store keeps of it.

A worker that is asked to stop leaves a checkpoint in the middle of an epoch, so epochs alone do not say it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, order=True)
class Reached:
    """A place in a cell's training, which later ones are greater than. `str`: `in epoch 3`, `after epoch 2`."""

    epochs_done: int = 0
    steps: int = 0
    """Taken in the epoch after these."""

    @classmethod
    def of(cls, session: Mapping[str, Any]) -> "Reached":
        return cls(session.get("epochs_done", 0), session.get("steps", 0))

    def __str__(self) -> str:
        if self.steps:
            return f"in epoch {self.epochs_done + 1}"
        return f"after epoch {self.epochs_done}" if self.epochs_done else "at the start"


START = Reached()
