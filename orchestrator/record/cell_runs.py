"""The child runs of one sweep: each brought up to what the store says of its cell.

In: the runs that MLflow holds, cell keys. Out: runs found or made, logged to, closed; kept in memory as they then
are, so that the next time only what is new is sent.
"""

import tempfile
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from orchestrator.record.files import cell_file_names, write_cell_files
from orchestrator.record.lock import RecordLock
from orchestrator.record.projection import (
    CELL,
    IN_PLAN,
    CellRun,
    Place,
    Status,
    complete_mark,
    epochs_mark,
    project,
    status_at_end,
)
from orchestrator.record.reading import CellReader, CellRecords
from orchestrator.record.tracking import PARENT, RecordedRun, Tracking
from orchestrator.store import CellStore, Store

COMPLETE = "seedwise.complete"
"""Tag: all of a done cell is in the run. Written last."""
EPOCHS = "seedwise.epochs"
"""Tag: which epochs are in the run. Written with their points, after them."""
RESULT = "seedwise.result"
"""Tag: the time of the result that is in the run. Written with its points, after them."""


class CellRuns:
    """By cell key, what MLflow holds of a sweep's cells."""

    def __init__(
        self,
        tracking: Tracking,
        store: Store,
        experiment: str,
        own_tags: Mapping[str, str],
        lock: RecordLock,
        reader: CellReader,
        found: Iterable[RecordedRun],
    ):
        """`own_tags`: what the runs of this sweep have in common; `found`: those there are, the earliest first.

        `lock`: the sweep's, held by whoever calls.
        """
        self.tracking, self.store, self.experiment = tracking, store, experiment
        self.own_tags, self._lock, self._reader = own_tags, lock, reader
        self.known: dict[str, RecordedRun] = {}
        for run in found:
            if self.known.setdefault(run.tags[CELL], run) is not run:
                tracking.delete(run.run_id)

    def record(self, key: str, place: Place, now: float, stopped: Collection[str]) -> None:
        """Record what the store has of a cell and MLflow has not; nothing for a cell that has not begun."""
        run = self.known.get(key)
        stored = CellStore(self.store).result(key)
        if (
            run
            and stored
            and EPOCHS in run.tags  # else its points were lost on the way
            and run.status == status_at_end(stored)  # else somebody who stood still has closed it since
            and run.tags.get(COMPLETE) == complete_mark(stored, place)
            and self._is_in_place(run)
            and run.holds(cell_file_names(stored, place))
        ):
            return
        records = self._reader.read(key)
        wanted = project(records, place, now=now, stopped=stopped) if records.begun else None
        if run and (wanted is None or contradicts(run, wanted)):
            self.tracking.delete(run.run_id)
            del self.known[key]
        if wanted is not None:
            self.known[key] = self.known.get(key) or self._find_or_make(key, wanted)
            self._write(key, wanted, records, place)

    def complete(self) -> set[str]:
        """Cells that are done, and of which MLflow says that it holds all."""
        return {key for key, run in self.known.items() if run.tags.get(COMPLETE) and EPOCHS in run.tags}

    def retire(self, key: str, now: float, stopped: Collection[str]) -> None:
        """Close the run of a cell that the sweep's plan no longer has. The run stays, and says so."""
        self._log_tags(key, {IN_PLAN: "false", COMPLETE: ""})
        if self.known[key].status == "RUNNING":
            records = self._reader.read(key)
            wanted = project(records, Place("", "", {}, 0), now=now, stopped=stopped) if records.begun else None
            if wanted is None or wanted.status != "RUNNING":
                self._set_status(key, wanted.status if wanted else "KILLED", int(now * 1000))

    def _find_or_make(self, key: str, wanted: CellRun) -> RecordedRun:
        found = self.tracking.find(self.experiment, {**self.own_tags, CELL: key})
        kept = [run for run in found[:1] if not contradicts(run, wanted)]
        for run in found[len(kept) :]:
            self.tracking.delete(run.run_id)
        if kept:
            return kept[0]
        self._lock.check()
        run = self.tracking.make(self.experiment, wanted.name, {**wanted.tags, **self.own_tags}, wanted.began_ms)
        self._lock.check()  # else somebody may have made it too; whoever asks MLflow next sees both, and drops one
        return run

    def _write(self, key: str, wanted: CellRun, records: CellRecords, place: Place) -> None:
        run = self.known[key]
        if EPOCHS not in run.tags and wanted.fingerprint:
            self.tracking.log_dataset(run.run_id, place.sweep, wanted.fingerprint)
        points = [point for epoch in wanted.epochs[_epochs_held(run) :] for point in epoch] + [*wanted.final]
        tags = {**wanted.tags, **self.own_tags, EPOCHS: epochs_mark(wanted.epochs)}
        if wanted.final:
            tags[RESULT] = str(wanted.ended_ms)
        tags = news(tags, run.tags)
        params = news(wanted.params, run.params)
        if params or points or tags:
            self._lock.check()
            self.tracking.log(run.run_id, params=params, points=points, tags=tags)
        self.known[key] = replace(run, params={**run.params, **params}, tags={**run.tags, **tags})
        # Before the files, which may be damaged, or take long.
        self._set_status(key, wanted.status, wanted.ended_ms)
        if records.stored is not None and records.stored.files:
            with tempfile.TemporaryDirectory() as folder:
                write_cell_files(Path(folder), self.store, records, place)
                self.tracking.upload(run.run_id, Path(folder), "")
        if records.stored is not None:
            self._log_tags(key, {COMPLETE: complete_mark(records.stored, place)})

    def _log_tags(self, key: str, tags: Mapping[str, str]) -> None:
        run = self.known[key]
        if new := news(tags, run.tags):
            self.tracking.log(run.run_id, tags=new)
            self.known[key] = replace(run, tags={**run.tags, **new})

    def _set_status(self, key: str, status: Status, ended_ms: int) -> None:
        self._lock.check()  # what this process knew of the cell may be long over, if it stood still since
        self.known[key] = with_status(self.tracking, self.known[key], status, ended_ms)

    def _is_in_place(self, run: RecordedRun) -> bool:
        """Whether it is one of the plan, under the sweep's own parent.

        The parent may have been deleted by hand; and a command with an earlier plan may have retired the run while
        another wrote that it is complete.
        """
        return run.tags.get(PARENT) == self.own_tags[PARENT] and run.tags.get(IN_PLAN) == "true"


def contradicts(run: RecordedRun, wanted: CellRun) -> bool:
    """Whether a run holds what can neither stand nor be changed: a param, or points that the store has no more.

    It happens when a damaged history was trained again, or the sweep's arms were given other names. Such a run is
    made anew. So is one whose points nobody has noted: whoever logged them died before, and the cell may have been
    tried again since.
    """
    held = epochs_mark(wanted.epochs[: _epochs_held(run)])
    return (
        run.tags.get(EPOCHS, held) != held
        or (EPOCHS not in run.tags and bool(run.metrics))
        or run.tags.get(RESULT, "") not in ("", str(wanted.ended_ms) if wanted.final else None)
        or any(run.params.get(name, value) != value for name, value in wanted.params.items())
    )


def with_status(tracking: Tracking, run: RecordedRun, status: Status, ended_ms: int) -> RecordedRun:
    """The run with this status, in MLflow too."""
    if run.status == status and (status == "RUNNING" or run.ended_ms == ended_ms):
        return run
    tracking.set_status(run.run_id, status, ended_ms)
    return replace(run, status=status, ended_ms=ended_ms)


def news(wanted: Mapping[str, str], held: Mapping[str, str]) -> dict[str, str]:
    """What is not held yet, or with another value."""
    return {key: value for key, value in wanted.items() if held.get(key) != value}


def _epochs_held(run: RecordedRun) -> int:
    return int(run.tags.get(EPOCHS, "0:").split(":")[0])
