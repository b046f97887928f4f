"""What must be so after any schedule of faults, and what must be so at every moment of it.

Raises `BrokenPromiseError` with the promise that is broken; whoever reads it has the schedule beside it.
"""

import json
import os
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from simulated_mlflow import HeldRun
from simulated_processes import BrokenPromiseError
from simulated_sweep import EPOCHS, WHOLE, Sweep
from simulated_training import STEPS_PER_EPOCH

from orchestrator.record.projection import CELL, final_points, history_points
from orchestrator.record.tracking import MADE_AT, PARENT
from orchestrator.store import DamagedError
from orchestrator.store.base import unseal
from orchestrator.store.damage import noted_damage

CREATED_ONCE = ("settings.json", "result.json")
FOLDERS_CREATED_ONCE = ("history", "sessions", "failures")


def promise(kept: bool, said: str) -> None:
    if not kept:
        raise BrokenPromiseError(said)


class RunsWatched:
    """Called as often as one likes: at no moment does MLflow hold a run, or a point, twice."""

    def __init__(self, sweep: Sweep):
        self._sweep = sweep
        self.somebody_stood_still = False
        """For a minute, or by clocks that disagree: then two may believe for a moment that the record is theirs."""

    def __call__(self) -> None:
        runs = self._sweep.mlflow.runs
        for cell, n in Counter(run.tags.get(CELL, "the sweep") for run in runs).items():
            promise(n == 1 or self.somebody_stood_still, f"{cell} has {n} runs")
        for run in runs:
            places = {(point.name, point.step) for point in run.points}
            # The sweep's own counts may change without another cell being done: its plan grows.
            promise(len(places) == len(run.points) or CELL not in run.tags, f"{run.name} has a point twice")


class RecordsWatched:
    """Called as often as one likes: a record that has been seen is whole, and stays as it is."""

    def __init__(self, root: Path):
        self._cells = f"{root}/cells"
        self._seen: dict[str, tuple[int, int, int]] = {}

    def __call__(self) -> None:
        found = {}
        for path in self._records():
            status = os.stat(path)
            found[path] = (status.st_ino, status.st_mtime_ns, status.st_size)
        for path, before in self._seen.items():
            promise(found.get(path) == before, f"{path} was replaced or removed")
        for path in found.keys() - self._seen.keys():
            try:
                unseal(Path(path).read_bytes(), path)
            except DamagedError as error:
                raise BrokenPromiseError(f"half a record was seen: {path}") from error
        self._seen = found

    def _records(self) -> Iterator[str]:
        """Paths as text: this is where the time of a schedule goes."""
        with suppress(FileNotFoundError):
            for cell in os.listdir(self._cells):
                names = os.listdir(f"{self._cells}/{cell}")
                yield from _of(f"{self._cells}/{cell}", names)
                for folder in (name for name in names if name.startswith("try-")):
                    yield from _of(f"{self._cells}/{cell}/{folder}", os.listdir(f"{self._cells}/{cell}/{folder}"))


def _of(folder: str, names: list[str]) -> Iterator[str]:
    """The records of a cell, or of one of its later tries."""
    yield from (f"{folder}/{name}" for name in CREATED_ONCE if name in names)
    for inner in FOLDERS_CREATED_ONCE:
        with suppress(FileNotFoundError):
            yield from (f"{folder}/{inner}/{name}" for name in os.listdir(f"{folder}/{inner}") if name[0] != ".")


def check_cells(sweep: Sweep, undisturbed: Mapping[str, Any]) -> None:
    """Every cell is done, to the bits of the undisturbed run."""
    promise(not noted_damage(sweep.cells.store), "a record was taken for damaged, and none was")
    for cell in WHOLE.cells:
        promise(sweep.cells.is_done(cell.key), f"{cell.arm} is not done")
    actual = sweep.bits()
    for cell in WHOLE.cells:
        for part, expected in undisturbed[cell.key].items():
            promise(actual[cell.key][part] == expected, f"{part} of {cell.arm} differs in bits")


def check_nothing_trained_twice(before: Mapping[str, int], done: set[str], trained: "Counter[float]") -> None:
    """In a run that nothing disturbs. `before`: epochs stored when it began; `done`: the cells done then."""
    for cell in WHOLE.cells:
        steps = trained[cell.config.training.learning_rate]
        if cell.key in done:
            promise(steps == 0, f"{cell.arm} was done, and was trained again")
        else:
            left = (EPOCHS - before[cell.key]) * STEPS_PER_EPOCH
            promise(steps <= left + STEPS_PER_EPOCH, f"{cell.arm} lost more than the epoch under way")


def check_record(sweep: Sweep, undisturbed: Mapping[str, Any]) -> None:
    """One parent, one child a cell, each with what is stored of it, once."""
    runs = sweep.mlflow.runs
    children = [run for run in runs if CELL in run.tags]
    promise(len(runs) - len(children) == 1, f"there are {len(runs) - len(children)} parents")
    (parent,) = [run for run in runs if CELL not in run.tags]
    counted = Counter(run.tags[CELL] for run in children)
    promise(counted == Counter(cell.key for cell in WHOLE.cells), f"runs by cell: {dict(counted)}")
    for run in runs:
        promise(run.status != "RUNNING", f"{run.name} is RUNNING and nobody runs")
    for run in children:
        promise(run.tags[PARENT] == parent.run_id, f"{run.name} hangs below another parent")
        _check_points(run, sweep)
    said = {name: shown(run) for name, run in _by_name(runs).items()}
    promise(said == undisturbed, f"MLflow says {differences(said, undisturbed)}")


def shown(run: HeldRun) -> dict[str, Any]:
    """What a run shows but times, identities, and how often its cell was taken up."""
    own = (MADE_AT, PARENT, "seedwise.home", "seedwise.complete", "seedwise.epochs", "seedwise.result")
    of_sessions = ("seedwise.sessions", "seedwise.resumed", "seedwise.environment", "seedwise.files")
    points = {(p.name, p.step): p.value for p in run.points if not p.name.startswith(("epoch_seconds", "cells_"))}
    return {
        "status": run.status,
        "params": run.params,
        "tags": {key: value for key, value in run.tags.items() if key not in own + of_sessions},
        "points": points,
        "counts": {name: value for name, value in run.recorded().metrics.items() if name.startswith("cells_")},
        "datasets": run.datasets,
        "files": {name: digest for name, digest in run.files.items() if CELL in run.tags},
    }


def what_mlflow_shows(sweep: Sweep) -> dict[str, Any]:
    return {name: shown(run) for name, run in _by_name(sweep.mlflow.runs).items()}


def _check_points(run: HeldRun, sweep: Sweep) -> None:
    """Points are those of the stored history, at the times stored with it."""
    key = run.tags[CELL]
    expected = [point for points in history_points(sweep.cells.history(key)) for point in points]
    stored = sweep.cells.result(key)
    assert stored is not None
    expected += final_points(stored)
    are_stored = sorted(run.points, key=str) == sorted(expected, key=str)
    promise(are_stored, f"the points of {run.name} are not those that are stored")
    # As MLflow orders them.
    steps = [
        point.step for point in sorted(run.points, key=lambda p: (p.at_ms, p.step)) if point.name == "train_loss"
    ]
    promise(steps == sorted(steps), f"{run.name} has its epochs in the order {steps}")


def _by_name(runs: list[HeldRun]) -> dict[str, HeldRun]:
    return {run.name: run for run in runs}


def differences(actual: Mapping[str, Any], expected: Mapping[str, Any]) -> str:
    """Where two mappings differ, to be read in a failure."""
    return json.dumps(
        {
            f"{name}: {part}": [str(actual.get(name, {}).get(part)), str(expected[name][part])]
            for name in expected
            for part in expected[name]
            if actual.get(name, {}).get(part) != expected[name][part]
        },
        indent=1,
    )
