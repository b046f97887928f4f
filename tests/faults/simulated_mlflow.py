"""MLflow as the recorder meets it, in memory, with the habits that matter.

A point logged again with the same time is dropped, with another time it is a second point, and none can be
deleted. A param that is there cannot change; the batch with it is refused. Two runs may have the same tags. What
is logged to a deleted run is refused. A batch is not one operation: points, then tags.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any, TypeVar

from simulated_machines import World

from orchestrator.record.projection import Point, Status
from orchestrator.record.tracking import MADE_AT, RecordedRun

T = TypeVar("T")


@dataclass
class HeldRun:
    """All that MLflow holds of a run."""

    run_id: str
    name: str
    began_ms: int
    status: str = "RUNNING"
    ended_ms: int | None = None
    params: dict[str, str] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    points: list[Point] = field(default_factory=list)
    datasets: list[str] = field(default_factory=list)
    files: dict[str, str] = field(default_factory=dict)
    """Digests by name."""
    deleted: bool = False

    def recorded(self) -> RecordedRun:
        newest = {p.name: p.value for p in sorted(self.points, key=lambda p: (p.step, p.at_ms, p.value))}
        return RecordedRun(self.run_id, self.status, self.ended_ms, {**self.params}, {**self.tags}, newest)


class RememberedMlflow:
    """A `Tracking` that forgets nothing but what is deleted."""

    def __init__(self, world: World):
        self._world = world
        self._ids = count(1)
        self.held: dict[str, HeldRun] = {}
        self.notes: dict[str, str] = {}

    @property
    def runs(self) -> list[HeldRun]:
        """Those that are not deleted."""
        return [run for run in self.held.values() if not run.deleted]

    def experiment(self, name: str, home: str = "") -> str:
        return self._answer(lambda: name)

    def describe(self, experiment: str, home: str, note: str) -> None:
        self._answer(lambda: self.notes.update({experiment: note}))

    def offer_view(self, experiment: str, view: str) -> None:
        self._answer(lambda: None)

    def find(self, experiment: str, tags: Mapping[str, str]) -> list[RecordedRun]:
        def found() -> list[RecordedRun]:
            runs = [run.recorded() for run in self.runs if tags.items() <= run.tags.items()]
            return sorted(runs, key=lambda run: (float(run.tags[MADE_AT]), run.run_id))

        return self._answer(found)

    def make(self, experiment: str, name: str, tags: Mapping[str, str], began_ms: int) -> RecordedRun:
        def make() -> RecordedRun:
            run = HeldRun(f"run-{next(self._ids):04d}", name, began_ms)
            run.tags = {**tags, MADE_AT: repr(self._world.now())}
            self.held[run.run_id] = run
            return run.recorded()

        return self._answer(make)

    def log(
        self,
        run_id: str,
        *,
        params: Mapping[str, str] | None = None,
        points: Sequence[Point] = (),
        tags: Mapping[str, str] | None = None,
    ) -> None:
        if params:
            self._answer(lambda: self._log_params(run_id, params))
        if points:
            self._answer(lambda: self._log_points(run_id, points))
        if tags:
            self._answer(lambda: self._living(run_id).tags.update(tags))

    def newest_step(self, run_id: str, metric: str) -> int:
        return self._answer(lambda: max((p.step for p in self.held[run_id].points if p.name == metric), default=-1))

    def log_dataset(self, run_id: str, name: str, digest: str) -> None:
        def log() -> None:
            held = self._living(run_id).datasets
            held += [digest] if digest not in held else []

        self._answer(log)

    def upload(self, run_id: str, folder: Path, under: str) -> None:
        for file in sorted(file for file in folder.rglob("*") if file.is_file()):
            name, digest = f"{under}/{file.relative_to(folder)}", hashlib.sha256(file.read_bytes()).hexdigest()
            self._answer(lambda name=name, digest=digest: self._living(run_id).files.update({name: digest}))

    def prune(self, run_id: str, folder: Path, under: str) -> None:
        held = {f"{under}/{file.relative_to(folder)}" for file in folder.rglob("*") if file.is_file()}
        for name in sorted(name for name in self.held[run_id].files if name.startswith(f"{under}/")):
            if name not in held:
                self._answer(lambda name=name: self._living(run_id).files.pop(name))

    def set_status(self, run_id: str, status: Status, ended_ms: int) -> None:
        def change() -> None:
            run = self._living(run_id)
            run.status, run.ended_ms = status, None if status == "RUNNING" else ended_ms

        self._answer(change)

    def delete(self, run_id: str) -> None:
        self._answer(lambda: setattr(self.held[run_id], "deleted", True))

    def snapshot(self) -> dict[str, Any]:
        """Everything, for comparing before and after."""
        return {
            run.run_id: {**vars(run), "points": [*run.points], "tags": {**run.tags}} for run in self.held.values()
        }

    def _living(self, run_id: str) -> HeldRun:
        run = self.held[run_id]
        if run.deleted:
            raise RuntimeError(f"the run {run_id} must be in the 'active' state")
        return run

    def _log_params(self, run_id: str, params: Mapping[str, str]) -> None:
        held = self._living(run_id).params
        if changed := [key for key, value in params.items() if held.get(key, value) != value]:
            raise RuntimeError(f"changing param values is not allowed: {changed}")
        held.update(params)

    def _log_points(self, run_id: str, points: Sequence[Point]) -> None:
        held = self._living(run_id).points
        held += [point for point in dict.fromkeys(points) if point not in held]

    def _answer(self, do: Callable[[], T]) -> T:
        answer: T = self._world.operation(do, refusal=lambda: ConnectionError("refused"), answers=True)
        return answer
