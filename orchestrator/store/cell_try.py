"""One try of a cell: what training it leaves, in the order in which that is written.

Each epoch's record, then its checkpoint; at the end predictions and weights, then the result that refers to them.
Two workers may write at once (one that outlived its driver, for instance). Records are created, never replaced, so
the second takes over the first's; the result names its own files by content, so that it can never refer to
another worker's. A try that was given up stays as it is, and whoever still works on it writes beside the one that
counts, never into it.
"""

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from safetensors.torch import load, save
from torch import Tensor

from orchestrator.store.base import DamagedError, Store, StoreError, seal
from orchestrator.store.cell_paths import CellPaths
from orchestrator.store.checkpoints import Checkpoints
from orchestrator.store.damage import INCOMPLETE, MISSING, note_damage, read_sound, set_aside, sha256
from orchestrator.store.numbered import by_number
from trainables.classifier import CellOutcome, PartLogits
from trainables.records import CellResult, EpochRecord
from trainables.settings import Settings

if TYPE_CHECKING:
    import pandas as pd  # below where they are needed: a run with nothing to do needs no frame

CREATE_TRIES = 5


class StoredFile(Settings):
    """A file that a result refers to."""

    name: str
    sha256: str


class StoredResult(Settings):
    """A cell's result with the files that belong to it, by role: `weights`, `validation`, `test`."""

    result: CellResult
    files: dict[str, StoredFile] = {}


class CellTry:
    """Reads and writes what one try of a cell leaves."""

    def __init__(self, store: Store, key: str, number: int = 1):
        self.store, self.key, self.number = store, key, number
        self.paths = CellPaths(key, number)
        self.checkpoints = Checkpoints(store, self.paths.checkpoints)
        """The states that a later worker can go on from."""

    def next(self) -> "CellTry":
        """The one that counts where this one is given up."""
        return CellTry(self.store, self.key, self.number + 1)

    # Epochs

    def add_epoch(self, record: EpochRecord) -> EpochRecord:
        """Store an epoch; what is stored already stays, and is what comes back."""
        stored = self._stored_or_created(self.paths.epoch(record.epoch), record.model_dump())
        return EpochRecord.model_validate(stored)

    def history(self, known: Sequence[EpochRecord] = ()) -> list[EpochRecord]:
        """The sound epochs from the first on, without a gap.

        `known`: what this gave before. As long as it is all there still, only what came after it is read.
        """
        names = by_number(self.store, self.paths.history)
        all_there = {record.epoch for record in known} <= names.keys()
        records = list(known) if all_there else []
        for name in (name for epoch, name in names.items() if epoch > len(records)):
            content = read_sound(self.store, name)
            if content is None:
                continue
            record = EpochRecord.model_validate(content)
            if record.epoch != len(records) + 1:
                break
            records.append(record)
        return records

    def epochs_stored(self) -> int:
        """How many epochs are stored, by a listing alone."""
        return len(by_number(self.store, self.paths.history))

    # The end

    def finish(self, outcome: CellOutcome) -> StoredResult:
        """Store predictions and weights, then the result, then drop the checkpoints. Gives what is stored."""
        encoded = {"weights": ("safetensors", save(outcome.weights))}
        for part, predicted in outcome.predictions.items():
            encoded[part] = ("parquet", _to_parquet(predicted))
        files = {}
        for role, (suffix, data) in encoded.items():
            digest = sha256(data)
            files[role] = StoredFile(name=f"{role}-{digest[:16]}.{suffix}", sha256=digest)
            # Replaced where it is there already: its name is its content, so this can only mend a damaged one.
            self.store.replace(f"{self.paths.files}/{files[role].name}", data)
        return self._conclude(StoredResult(result=outcome.result, files=files))

    def conclude_diverged(self, result: CellResult) -> StoredResult:
        """Store the outcome of a cell whose loss became non-finite."""
        return self._conclude(StoredResult(result=result))

    def result(self) -> StoredResult | None:
        """None as long as it is not done. A damaged one is set aside: it is not done."""
        content = read_sound(self.store, self.paths.result)
        return None if content is None else StoredResult.model_validate(content)

    def supersede(self) -> None:
        """Give the outcome up: the next try counts. Nothing is taken away, so whoever does it late does no harm."""
        self.store.create(self.paths.superseded, seal({}))

    def is_superseded(self) -> bool:
        """Whether there is a next try; it has begun when its first record is there."""
        return self.store.read(self.paths.superseded) is not None

    def is_begun(self) -> bool:
        """Whether anything is left of it, by a listing alone."""
        return bool(self.store.names(self.paths.of_try))

    # What belongs to the result

    def names_needed(self, stored: StoredResult) -> set[str]:
        """The records without which its result is not whole."""
        files = {f"{self.paths.files}/{file.name}" for file in stored.files.values()}
        return files | {self.paths.epoch(epoch) for epoch in range(1, stored.result.epochs + 1)}

    def file(self, stored: StoredResult, role: str) -> bytes:
        """A file that the result refers to.

        Raises DamagedError where it is not what was stored: file and result are then set aside, the cell not done.
        """
        name = f"{self.paths.files}/{stored.files[role].name}"
        data = self.store.read(name)
        if data is not None and sha256(data) == stored.files[role].sha256:
            return data
        if data is None:
            note_damage(self.store, name, None, MISSING)
        else:
            set_aside(self.store, name, data)
        self.set_result_aside(stored)
        raise DamagedError(f"{name} is damaged or missing; the command that ran the sweep trains the cell again")

    def predictions(self, stored: StoredResult, part: str) -> "pd.DataFrame":
        """Per item of the part: `row`, `label`, `logit_0` …, `log_probability_0` …"""
        import pandas as pd

        return pd.read_parquet(io.BytesIO(self.file(stored, part)))

    def weights(self, stored: StoredResult) -> dict[str, Tensor]:
        """The last epoch's parameters by name, and `live_tokens`."""
        tensors: dict[str, Tensor] = load(self.file(stored, "weights"))
        return tensors

    def set_result_aside(self, stored: StoredResult) -> None:
        """A sound result of which a part is lost, so that the cell is trained again."""
        found = self.store.read(self.paths.result)
        if found is not None and self.result() == stored:
            set_aside(self.store, self.paths.result, found, INCOMPLETE)

    # Within

    def _conclude(self, stored: StoredResult) -> StoredResult:
        winner = StoredResult.model_validate(self._stored_or_created(self.paths.result, stored.model_dump()))
        for role, file in stored.files.items():
            if winner.files.get(role) != file:
                self.store.delete(f"{self.paths.files}/{file.name}")
        self.checkpoints.drop()
        return winner

    def _stored_or_created(self, name: str, content: dict[str, Any]) -> Any:
        """The content of the record of that name: what is stored there already, else this, which is now."""
        data = seal(content)
        for _ in range(CREATE_TRIES):  # one that is damaged is set aside as it is read, and then its name is free
            if self.store.create(name, data):
                return content
            if (stored := read_sound(self.store, name)) is not None:
                return stored
        raise StoreError(f"{self.store.url}/{name} can be neither created nor read; look what lies there")


def _to_parquet(predicted: PartLogits) -> bytes:
    import pandas as pd

    columns: dict[str, Any] = {"row": predicted.rows, "label": predicted.labels}
    columns |= {f"logit_{k}": predicted.logits[:, k] for k in range(predicted.logits.shape[1])}
    log_probabilities_NC = predicted.log_probabilities
    columns |= {f"log_probability_{c}": log_probabilities_NC[:, c] for c in range(log_probabilities_NC.shape[1])}
    buffer = io.BytesIO()
    pd.DataFrame(columns).to_parquet(buffer, index=False)
    return buffer.getvalue()
