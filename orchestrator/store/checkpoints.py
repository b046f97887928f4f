"""The checkpoints of one cell: the newest two states of its training.

Each is one file, written whole, whose name says how far it has come and what its bytes are:
`<epochs done>-<steps into the next>-<SHA-256>.safetensors`. So one write makes a checkpoint, a damaged one is
noticed, and two workers that write at once cannot spoil each other's.
"""

import re

from orchestrator.store.base import Store
from orchestrator.store.damage import set_aside, sha256
from trainables.checkpoint import TrainingState

KEPT = 2
"""The newest, and the one before it in case the newest is found damaged."""
NAME = re.compile(r"(\d+)-\d+-([0-9a-f]{64})\.safetensors")


class Checkpoints:
    """Reads and writes the checkpoints in one folder of a store."""

    def __init__(self, store: Store, folder: str):
        self.store, self.folder = store, folder

    def save(self, state: TrainingState) -> None:
        """Store a state, then drop all but the newest two."""
        data = state.to_bytes()
        stem = f"{state.epochs_done:06d}-{state.so_far.steps:09d}"
        self.store.replace(f"{self.folder}/{stem}-{sha256(data)}.safetensors", data)
        for name, _ in self._found()[:-KEPT]:
            self.store.delete(name)

    def newest(self, at_most: int) -> TrainingState | None:
        """The newest sound state of at most so many epochs; a damaged one is set aside, and the one before taken.

        `at_most` is the length of the history: what has no record must be trained again. A state beyond it, left by
        a history that was damaged, is deleted.
        """
        for name, match in reversed(self._found()):
            if int(match[1]) > at_most:
                self.store.delete(name)  # else it would be kept as the newest, in the place of those to come
                continue
            data = self.store.read(name)
            if data is not None and sha256(data) == match[2]:
                return TrainingState.from_bytes(data)
            if data is not None:
                set_aside(self.store, name, data)
        return None

    def drop(self) -> None:
        """Delete all: the cell is done."""
        for name in self.store.names(self.folder):
            self.store.delete(name)

    def _found(self) -> list[tuple[str, re.Match[str]]]:
        """Names and their parts, from the earliest on."""
        names = self.store.names(self.folder)
        return [(name, match) for name in names if (match := NAME.fullmatch(name.rsplit("/", 1)[1]))]
