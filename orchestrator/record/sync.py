"""Brings MLflow up to what the store says of one sweep; as often as one likes.

In: the home, a sweep's name, a tracking URI. Out: one parent run, with one child run for each cell that has begun,
in an experiment named after the sweep: MLflow groups and draws all runs of an experiment, so nobody has to filter.
What MLflow holds is asked for by one search; after that a finished cell that is complete there costs one read.
"""

import tempfile
import time
import uuid
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from filelock import FileLock

from orchestrator.record import sweep_run
from orchestrator.record.cell_runs import CellRuns, news, with_status
from orchestrator.record.files import digest, write_sweep_files
from orchestrator.record.projection import CELL, LONGEST_TAG, SWEEP, Point, Status, cut
from orchestrator.record.reading import is_begun
from orchestrator.record.tracking import PARENT, MlflowTracking, RecordedRun, Tracking
from orchestrator.store import Home, Store, SweepStore
from trainables.errors import UserError

FILES = "seedwise.files"
REPORT = "seedwise.report"
"""Tags of the parent: digests of the files that it holds."""
HOME = "seedwise.home"
"""Tag of every run: on a shared server, sweeps of the same name from two homes are two."""
FAILURES_IN_A_ROW = 3
"""After so many cells that cannot be recorded it is not the cells that are to blame."""
LOCK_WAIT_S = 60.0


@dataclass(frozen=True)
class RecordState:
    """How far MLflow has come, in cells that have begun."""

    recorded: int
    behind: int
    error: str = ""
    """What could not be recorded, and why; empty if all was."""


class SweepRecord:
    """One sweep in MLflow. Made anew after an error, for what it knows of MLflow it knows from its own calls."""

    def __init__(
        self,
        tracking: Tracking,
        store: Store,
        plan: dict[str, Any],
        lock: Path,
        clock: Callable[[], float] = time.time,
    ):
        self.tracking, self.store, self.plan, self.clock = tracking, store, plan, clock
        self.places = sweep_run.places(plan)
        lock.parent.mkdir(parents=True, exist_ok=True)
        self._lock = FileLock(lock, timeout=LOCK_WAIT_S)
        self._experiment = tracking.experiment(plan["sweep"])
        own = {HOME: _home_id(store)}
        with self._lock:
            found = tracking.find(self._experiment, own)
            self._parent = self._find_or_make_parent([run for run in found if CELL not in run.tags], own)
            self._runs = CellRuns(
                tracking,
                store,
                self._experiment,
                {**own, PARENT: self._parent.run_id},
                self._lock,
                [run for run in found if CELL in run.tags],
            )

    def record_cell(self, key: str, stopped: Collection[str] = ()) -> None:
        """Record what the store has of a cell and MLflow has not.

        `stopped`: cells that nobody works on, whatever their leases say.
        """
        self._runs.record(key, self.places[key], self.plan["class_names"], self.clock(), stopped)

    def record_progress(self) -> None:
        """Show the sweep as running, with its counts."""
        with self._lock:
            self._write_sweep("RUNNING")

    def record_all(
        self, note: str | None = None, report: Path | None = None, stopped: Collection[str] = ()
    ) -> RecordState:
        """One full pass, after which nothing is RUNNING that does not run. What cannot be recorded is reported."""
        errors: list[str] = []
        recorded = in_a_row = 0
        known = self._runs.known
        begun = [key for key in self.places if key in known or is_begun(self.store, key)]
        for key in begun:
            try:
                self.record_cell(key, stopped)
                recorded, in_a_row = recorded + 1, 0
            except Exception as error:  # one cell's damaged file must not keep the others from being recorded
                errors.append(f"cell {key}: {type(error).__name__}: {error}")
                in_a_row += 1
                if in_a_row == FAILURES_IN_A_ROW:
                    break
        try:
            with self._lock:
                for key in known.keys() - self.places.keys():
                    self._runs.retire(key, self.clock(), stopped)
                self._write_sweep(None, note, report)
        except Exception as error:
            errors.append(f"the sweep's own run: {type(error).__name__}: {error}")
        return RecordState(recorded, len(begun) - recorded, errors[0] if errors else "")

    def _find_or_make_parent(self, found: list[RecordedRun], own_tags: dict[str, str]) -> RecordedRun:
        for surplus in found[1:]:
            self.tracking.delete(surplus.run_id)
        if found:
            return found[0]
        tags = {**own_tags, SWEEP: self.plan["sweep"]}
        began_ms = int(self.plan["planned_at"] * 1000)
        return self.tracking.make(self._experiment, self.plan["sweep"], tags, began_ms)

    def _write_sweep(self, status: Status | None, note: str | None = None, report: Path | None = None) -> None:
        parent = self._parent
        children = [run for key, run in self._runs.known.items() if key in self.places]
        ended_ms = max(
            (run.ended_ms for run in children if run.ended_ms), default=int(self.plan["planned_at"] * 1000)
        )
        counts = sweep_run.counts(self.plan, children)
        done = int(sum(counts.values()) - counts["cells_planned"])
        points = [Point(name, n, done, ended_ms) for name, n in counts.items() if parent.metrics.get(name) != n]
        tags = sweep_run.sweep_tags(self.plan)
        if note is not None or sweep_run.NOTE not in parent.tags:
            said = note if note is not None else sweep_run.first_note(self.plan)
            tags[sweep_run.NOTE] = cut(said, LONGEST_TAG)
        if status is None or FILES not in parent.tags:  # once at the start, once at the end
            with tempfile.TemporaryDirectory() as folder:
                write_sweep_files(Path(folder), self.store, self.plan, self._runs.known.keys() & self.places.keys())
                tags[FILES] = self._upload_if_new(Path(folder), "", FILES)
        if report is not None:
            tags[REPORT] = self._upload_if_new(report, "report", REPORT)
        if (tags := news(tags, parent.tags)) or points:
            self.tracking.log(parent.run_id, points=points, tags=tags)
        parent = replace(parent, tags={**parent.tags, **tags}, metrics={**parent.metrics, **counts})
        status = status or sweep_run.sweep_status(self.plan, children)
        self._parent = with_status(self.tracking, parent, status, ended_ms)

    def _upload_if_new(self, folder: Path, under: str, tag: str) -> str:
        found = digest(folder)
        if self._parent.tags.get(tag) != found:
            self.tracking.upload(self._parent.run_id, folder, under)
        return found


def open_record(home: Home, sweep: str, tracking_uri: str) -> SweepRecord:
    """The sweep at that address; makes database, experiment and parent run where they are missing."""
    plan = SweepStore(home.store()).plan(sweep)
    if plan is None:
        raise UserError(f"no sweep {sweep!r} has been run in {home.root}")
    tracking = MlflowTracking(tracking_uri, home.artifacts, home.root / "mlflow.lock")
    return SweepRecord(tracking, home.store(), plan, home.root / "sweeps" / sweep / "record.lock")


def sync_sweep(
    home: Home,
    sweep: str,
    tracking_uri: str | None = None,
    *,
    note: str | None = None,
    report: Path | None = None,
) -> RecordState:
    """One full pass. `note`: the parent's description (Markdown). `report`: a folder to be logged with it."""
    return open_record(home, sweep, tracking_uri or home.tracking_uri).record_all(note, report)


def begun_cells(home: Home, sweep: str) -> set[str]:
    """Keys of the sweep's cells that have begun."""
    plan = SweepStore(home.store()).plan(sweep) or {"cells": []}
    return {cell["key"] for cell in plan["cells"] if is_begun(home.store(), cell["key"])}


def _home_id(store: Store) -> str:
    store.create("record/home-id", uuid.uuid4().hex.encode())
    found = store.read("record/home-id")
    assert found is not None
    return found.decode()
