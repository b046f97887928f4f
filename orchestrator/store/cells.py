"""Cells in a store: what is kept of each, and in which order it is written.

    cells/<key>/settings.json            every declared setting
                sessions/0001.json       each time a worker took it up: environment, from where on
                history/0001.json        one record an epoch, created once
                checkpoint/…             the newest two states of its training
                failures/0001.json       each time its own code raised
                files/<role>-<hash>.…    predictions by part, weights; named by content, referred to by the result
                lease/0001.json          who works on it
                superseded/0001.json     the outcome of an earlier try (`superseded.py`)
                result.json              created once, last: the cell is done when it exists

Two workers may write at once (one that outlived its driver, for instance). Records are created, never replaced, so
the second takes over the first's; the result names its own files by content, so that it can never refer to
another worker's.
"""

import io
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from safetensors.torch import load, save
from torch import Tensor

from orchestrator.store.base import DamagedError, Store, StoreError, seal
from orchestrator.store.checkpoints import Checkpoints
from orchestrator.store.damage import INCOMPLETE, MISSING, note_damage, read_sound, set_aside, sha256
from orchestrator.store.numbered import append, by_number
from orchestrator.store.side_by_side import of_each
from trainables.classifier import CellOutcome, PartLogits
from trainables.records import CellResult, EpochRecord
from trainables.settings import Settings

if TYPE_CHECKING:
    import pandas as pd  # below where they are needed: a run with nothing to do needs no frame

T = TypeVar("T")
CREATE_TRIES = 5


class StoredFile(Settings):
    """A file that a result refers to."""

    name: str
    sha256: str


class StoredResult(Settings):
    """A cell's result with the files that belong to it, by role: `weights`, `validation`, `test`."""

    result: CellResult
    files: dict[str, StoredFile] = {}


class CellPaths:
    """The one place that knows the names of a cell's records."""

    def __init__(self, key: str):
        self.folder = f"cells/{key}"
        self.settings = f"{self.folder}/settings.json"
        self.result = f"{self.folder}/result.json"
        self.history = f"{self.folder}/history"
        self.sessions = f"{self.folder}/sessions"
        self.failures = f"{self.folder}/failures"
        self.checkpoints = f"{self.folder}/checkpoint"
        self.files = f"{self.folder}/files"
        self.superseded = f"{self.folder}/superseded"
        self.lease = f"{self.folder}/lease"


class CellStore:
    """Reads and writes cells by key."""

    def __init__(self, store: Store):
        self.store = store

    def of_each(self, keys: Iterable[str], read: Callable[[str], T]) -> dict[str, T]:
        """What `read` gives for each of many cells, as many at once as the store answers side by side."""
        return of_each(self.store, keys, read)

    # What was asked for, and by whom it was taken up

    def begin(self, key: str, settings: dict[str, Any]) -> None:
        """Note the settings of a cell; the same settings are noted once."""
        self.store.create(CellPaths(key).settings, seal(settings))

    def settings(self, key: str) -> dict[str, Any] | None:
        """What was asked for; None if it was never begun, or the record was damaged and has been set aside."""
        content: dict[str, Any] | None = read_sound(self.store, CellPaths(key).settings)
        return content

    def add_session(self, key: str, session: dict[str, Any]) -> None:
        """Note that a worker takes the cell up: environment, time, and the step that it goes on from."""
        self.append(CellPaths(key).sessions, session)

    def sessions(self, key: str) -> list[dict[str, Any]]:
        return self.numbered(CellPaths(key).sessions)

    # Epochs

    def add_epoch(self, key: str, record: EpochRecord) -> EpochRecord:
        """Store an epoch; what is stored already stays, and is what comes back."""
        stored = self._stored_or_created(f"{CellPaths(key).history}/{record.epoch:04d}.json", record.model_dump())
        return EpochRecord.model_validate(stored)

    def history(self, key: str, known: Sequence[EpochRecord] = ()) -> list[EpochRecord]:
        """The sound epochs from the first on, without a gap.

        `known`: what this gave before. As long as it is all there still, only what came after it is read.
        """
        names = by_number(self.store, CellPaths(key).history)
        all_there = {record.epoch for record in known} <= names.keys()
        records = list(known) if all_there else []
        for content in self._contents(name for epoch, name in names.items() if epoch > len(records)):
            record = EpochRecord.model_validate(content)
            if record.epoch != len(records) + 1:
                break
            records.append(record)
        return records

    def epochs_stored(self, key: str) -> int:
        """How many epochs are stored, by a listing alone."""
        return len(by_number(self.store, CellPaths(key).history))

    def checkpoints(self, key: str) -> Checkpoints:
        """The states that a later worker can go on from."""
        return Checkpoints(self.store, CellPaths(key).checkpoints)

    # The end

    def finish(self, key: str, outcome: CellOutcome) -> StoredResult:
        """Store predictions and weights, then the result, then drop the checkpoints. Gives what is stored."""
        encoded = {"weights": ("safetensors", save(outcome.weights))}
        for part, predicted in outcome.predictions.items():
            encoded[part] = ("parquet", _to_parquet(predicted))
        files = {}
        for role, (suffix, data) in encoded.items():
            digest = sha256(data)
            files[role] = StoredFile(name=f"{role}-{digest[:16]}.{suffix}", sha256=digest)
            # Replaced where it is there already: its name is its content, so this can only mend a damaged one.
            self.store.replace(f"{CellPaths(key).files}/{files[role].name}", data)
        return self._conclude(key, StoredResult(result=outcome.result, files=files))

    def conclude_diverged(self, key: str, result: CellResult) -> StoredResult:
        """Store the outcome of a cell whose loss became non-finite."""
        return self._conclude(key, StoredResult(result=result))

    def add_failure(self, key: str, failure: dict[str, Any]) -> None:
        """Note that the cell's own code raised: `error`, `traceback`, `at`, `epoch`."""
        self.append(CellPaths(key).failures, failure)

    def failures(self, key: str) -> list[dict[str, Any]]:
        return self.numbered(CellPaths(key).failures)

    def result(self, key: str) -> StoredResult | None:
        """The cell's result; None as long as it is not done. A damaged one is set aside: the cell is not done."""
        content = read_sound(self.store, CellPaths(key).result)
        return None if content is None else StoredResult.model_validate(content)

    def results(self, keys: Iterable[str]) -> dict[str, StoredResult]:
        """The results of those of many cells that are done, in the order of `keys`."""
        found = self.of_each(keys, self.result)
        return {key: result for key, result in found.items() if result is not None}

    def is_done(self, key: str) -> bool:
        return self.result(key) is not None

    def predictions(self, key: str, part: str) -> "pd.DataFrame":
        """Per item of the part: `row`, `label`, `logit_0` …, `log_probability_0` …"""
        import pandas as pd

        return pd.read_parquet(io.BytesIO(self._file(key, part)))

    def weights(self, key: str) -> dict[str, Tensor]:
        """The last epoch's parameters by name, and `live_tokens`."""
        tensors: dict[str, Tensor] = load(self._file(key, "weights"))
        return tensors

    def file(self, key: str, stored: StoredResult, role: str) -> bytes:
        """A file that the result refers to.

        Raises DamagedError where it is not what was stored: file and result are then set aside, the cell not done.
        """
        name = f"{CellPaths(key).files}/{stored.files[role].name}"
        data = self.store.read(name)
        if data is not None and sha256(data) == stored.files[role].sha256:
            return data
        if data is None:
            note_damage(self.store, name, None, MISSING)
        else:
            set_aside(self.store, name, data)
        self.give_up_result(key, stored)
        raise DamagedError(f"{name} is damaged or missing; the command that ran the sweep trains the cell again")

    def give_up_result(self, key: str, stored: StoredResult) -> None:
        """Set aside a sound result of which a part is lost, so that the cell is trained again."""
        found = self.store.read(CellPaths(key).result)
        if found is not None and self.result(key) == stored:
            set_aside(self.store, CellPaths(key).result, found, INCOMPLETE)

    # Numbered records

    def append(self, folder: str, content: dict[str, Any]) -> None:
        """Create a record under the next number."""
        append(self.store, folder, seal(content))

    def numbered(self, folder: str) -> list[Any]:
        """The contents of a folder's sound records, by number."""
        return self._contents(by_number(self.store, folder).values())

    # Within

    def _contents(self, names: Iterable[str]) -> list[Any]:
        contents = [read_sound(self.store, name) for name in names]
        return [content for content in contents if content is not None]

    def _conclude(self, key: str, stored: StoredResult) -> StoredResult:
        paths = CellPaths(key)
        winner = StoredResult.model_validate(self._stored_or_created(paths.result, stored.model_dump()))
        for role, file in stored.files.items():
            if winner.files.get(role) != file:
                self.store.delete(f"{paths.files}/{file.name}")
        self.checkpoints(key).drop()
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

    def _file(self, key: str, role: str) -> bytes:
        stored = self.result(key)
        if stored is None or role not in stored.files:
            raise KeyError(f"cell {key} has no {role}")
        return self.file(key, stored, role)


def _to_parquet(predicted: PartLogits) -> bytes:
    import pandas as pd

    columns: dict[str, Any] = {"row": predicted.rows, "label": predicted.labels}
    columns |= {f"logit_{k}": predicted.logits[:, k] for k in range(predicted.logits.shape[1])}
    log_probabilities_NC = predicted.log_probabilities
    columns |= {f"log_probability_{c}": log_probabilities_NC[:, c] for c in range(log_probabilities_NC.shape[1])}
    buffer = io.BytesIO()
    pd.DataFrame(columns).to_parquet(buffer, index=False)
    return buffer.getvalue()
