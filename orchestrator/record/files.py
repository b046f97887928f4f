"""The files of a cell and of a sweep, laid out in a folder as MLflow is to hold them.

a cell      predictions/validation.parquet, predictions/test.parquet
            model/        of each arm, for the lowest seed: `mlflow.pyfunc` loads it
a sweep     sweep.yaml, plan.json, environments.json
"""

import hashlib
import json
import tempfile
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from orchestrator.record.projection import SESSIONS, Place
from orchestrator.record.reading import CellRecords
from orchestrator.record.saved_model import save_text_model
from orchestrator.store import CellStore, Store, StoredResult, SweepPaths


def write_cell_files(folder: Path, store: Store, records: CellRecords, place: Place) -> None:
    """Predictions of each part, and the model where the place keeps it. Raises DamagedError.

    The folder stays empty for a cell that has none, such as one that diverged.
    """
    cells, stored = CellStore(store), records.stored
    assert stored is not None
    for role in sorted(stored.files):
        if role != "weights":
            _write(folder / "predictions" / f"{role}.parquet", cells.file(records.key, stored, role))
    if place.keeps_model and "weights" in stored.files:
        described = {
            "settings": records.settings,
            "class_names": place.class_names,
            "model_facts": stored.result.model_facts,
        }
        with tempfile.TemporaryDirectory() as scratch:
            cell = Path(scratch) / "cell"  # keeps this name within the model
            _write(cell / "weights.safetensors", cells.file(records.key, stored, "weights"))
            _write(cell / "settings.json", _json(described))
            save_text_model(folder / "model", cell)


def cell_file_names(stored: StoredResult, place: Place) -> list[str]:
    """What `write_cell_files` writes; of the model, one file of several."""
    names = [f"predictions/{role}.parquet" for role in sorted(stored.files) if role != "weights"]
    return names + ["model/MLmodel"] * (place.keeps_model and "weights" in stored.files)


def write_sweep_files(folder: Path, store: Store, plan: dict[str, Any], begun: Iterable[str]) -> None:
    """The sweep file, the plan, and what the cells that have begun were trained on: hardware, versions."""
    source = store.read(SweepPaths(plan["sweep"]).source)
    if source is not None:
        _write(folder / "sweep.yaml", source)
    _write(folder / "plan.json", _json(plan))
    cells = CellStore(store)
    sessions = cells.of_each(sorted(begun), cells.sessions)
    last_sessions = [of_cell[-1] for of_cell in sessions.values() if of_cell]
    counted = Counter(json.dumps(session["environment"], sort_keys=True) for session in last_sessions)
    environments = [{"cells": number, "environment": json.loads(said)} for said, number in sorted(counted.items())]
    _write(folder / "environments.json", _json(environments))


def sweep_files_mark(store: Store, plan: dict[str, Any], begun: Mapping[str, Mapping[str, str]]) -> str:
    """Says what `write_sweep_files` would write, without reading what every cell was trained on.

    `begun`: the tags of the cells' runs, which say how often each was taken up.
    """
    source = store.read(SweepPaths(plan["sweep"]).source) or b""
    sessions = {key: tags.get(SESSIONS) for key, tags in begun.items()}
    return hashlib.sha256(source + _json([plan, sessions])).hexdigest()[:16]


def digest(folder: Path) -> str:
    """Of names and contents of all files in a folder."""
    found = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            found.update(f"{path.relative_to(folder)}\0".encode() + hashlib.sha256(path.read_bytes()).digest())
    return found.hexdigest()[:16]


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def _json(content: Any) -> bytes:
    return json.dumps(content, indent=1, sort_keys=True, ensure_ascii=False).encode()
