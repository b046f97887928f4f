"""Brings MLflow up to what the store says of one sweep; as often as one likes.

In: the home, a sweep's name, a tracking URI. Out: one parent run, with one child run for each cell that has begun,
in an experiment named after the sweep: MLflow groups and draws all runs of an experiment, so nobody has to filter.
What MLflow holds is asked for by one search, and again when somebody else has written; after that a finished cell
that is complete there costs one read.
"""

import tempfile
import time
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from orchestrator.record import sweep_run
from orchestrator.record.cell_runs import CellRuns, news, with_status
from orchestrator.record.files import digest, sweep_files_mark, write_sweep_files
from orchestrator.record.home_id import home_id
from orchestrator.record.lock import LOCK_WAIT_S, RecordLock
from orchestrator.record.open_servers import note_shown
from orchestrator.record.projection import CELL, HOME, LONGEST_TAG, SWEEP, Point, Status, cut
from orchestrator.record.reading import CellReader, is_begun
from orchestrator.record.refusals import in_words
from orchestrator.record.tracking import NOTE, PARENT, MlflowTracking, RecordedRun, Tracking
from orchestrator.record.view import linked, view
from orchestrator.store import CellStore, DamagedError, Home, Store, SweepStore, living_drivers
from trainables.errors import UserError

FILES = "seedwise.files"
REPORT = "seedwise.report"
"""Tags of the parent: what its files were made from, and a digest of the report that it holds."""
ENDED_EARLY = "it was asked to stop"
FAILURES_IN_A_ROW = 3
"""After so many cells that cannot be recorded, and are not damaged, it is not the cells that are to blame."""
LONGEST_TURN_S = 10.0
"""Then another driver of the sweep may have its turn."""


@dataclass(frozen=True)
class RecordState:
    """How far MLflow has come, in cells that have begun."""

    recorded: int
    behind: int
    error: str = ""
    """What could not be recorded, and why; empty if all was."""
    notice: str = ""
    """What is there beside that, and should not be; empty if nothing is."""


class SweepRecord:
    """One sweep in MLflow. Made anew after an error, for what it knows of MLflow it knows from its own calls."""

    def __init__(
        self,
        tracking: Tracking,
        store: Store,
        plan: dict[str, Any],
        wait_s: float = LOCK_WAIT_S,
        clock: Callable[[], float] = time.time,
        note: Callable[[], None] = lambda: None,
    ):
        """`wait_s`: for somebody else who records the sweep just now; after that, RecordHeldError.

        `note`: called before anything is shown as RUNNING.
        """
        self._note = note
        self.tracking, self.store, self.plan, self.clock = tracking, store, plan, clock
        self.places = sweep_run.places(plan)
        self._own = {HOME: home_id(store)}
        self._lock = RecordLock(store, plan["sweep"], wait_s)
        self._reader = CellReader(store)
        self._experiment = tracking.experiment(plan["sweep"], self._own[HOME])
        self.recorded: set[str] = set()
        """Cells of which MLflow held all that there was when they were looked at last."""
        self._is_stale = True
        self._notice = ""
        with self.writing():
            pass

    @contextmanager
    def writing(self) -> Iterator[None]:
        """The right to write the sweep's runs, here for several writes at a time; each takes it by itself, too.

        Between finding and making a run another driver could do the same; and where two log the same params, or
        make the same folder, at the same moment, MLflow fails.
        """
        with self._lock:
            if self._is_stale or self._lock.changed_hands:
                self._is_stale = True
                self._ask()
                self._is_stale = False
            yield

    def record_cell(self, key: str, stopped: Collection[str] = ()) -> None:
        """Record what the store has of a cell and MLflow has not.

        `stopped`: cells that nobody works on, whatever their leases say.
        """
        with self.writing():
            if key in self.places:
                self._runs.record(key, self.places[key], self.clock(), stopped)
                self.recorded.add(key)
            elif key in self._runs.known:
                self._runs.retire(key, self.clock(), stopped)

    def record_progress(self) -> None:
        """Show the sweep as running, with its counts."""
        with self.writing():
            if FILES not in self._parent.tags:
                self._write_files()
            self._write_sweep("RUNNING")

    def record_report(self, note: str, report: Path) -> None:
        """Show this as the sweep's description, and keep the folder's files with it; no cell is looked at."""
        with self.writing():
            self._write_sweep(self._sweep_status(self._is_attended()), note)
            self._write_files(report)

    def close(self, stopped: Collection[str] = ()) -> str:
        """Close what is shown as RUNNING and does not run: a few cells, and the sweep. Gives what went wrong."""
        self._see_plan()
        with self.writing():
            running = [key for key, run in self._runs.known.items() if run.status == "RUNNING"]
            attended = self._is_attended()
            errors = self._record_each(running, self._idle(stopped, attended))
            self._write_sweep(self._sweep_status(attended))
        return next(iter(errors.values()), "")

    def record_all(
        self,
        note: str | None = None,
        report: Path | None = None,
        stopped: Collection[str] = (),
        stop: Callable[[], object] = lambda: False,
    ) -> RecordState:
        """One full pass, after which nothing is RUNNING that does not run. What cannot be recorded is reported.

        `stop`: whether to end with the cell under way; asked when all that were `stopped` are recorded.
        """
        self._see_plan()
        attended = self._is_attended()
        idle = self._idle(stopped, attended)
        unknown = [key for key in self.places if key not in self._runs.known]
        newly = CellStore(self.store).of_each(unknown, lambda key: is_begun(self.store, key))
        begun = [key for key in self.places if newly.get(key, True)]
        errors = self._record_each([key for key in begun if key in stopped], idle)
        errors |= self._record_each([key for key in begun if key not in stopped], idle, stop)
        if stop():
            self.close(stopped)
            return RecordState(len(begun) - len(errors), len(errors), next(iter(errors.values()), ENDED_EARLY))
        try:
            with self.writing():
                errors |= self._record_each(list(self._runs.known.keys() - self.places.keys()), idle)
                self._write_sweep(self._sweep_status(attended), note)  # before files, which may be refused
                self._write_files(report)
        except Exception as error:
            errors["the sweep's own run"] = f"the sweep's own run: {in_words(error)}"
        behind = [key for key in begun if key in errors]
        return RecordState(len(begun) - len(behind), len(behind), next(iter(errors.values()), ""), self._notice)

    def _record_each(
        self, keys: Iterable[str], stopped: Collection[str], stop: Callable[[], object] = lambda: False
    ) -> dict[str, str]:
        """Why those that cannot be recorded cannot; one cell's damaged file must not hold up the others."""
        left, errors, in_a_row = list(keys), dict[str, str](), 0
        while left:
            with self.writing():
                turn_ends = time.monotonic() + LONGEST_TURN_S
                while left:
                    if stop():
                        return errors | dict.fromkeys(left, ENDED_EARLY)
                    key = left.pop(0)
                    try:
                        self.record_cell(key, stopped)
                        in_a_row = 0
                    except Exception as error:
                        errors[key] = f"cell {key}: {in_words(error)}"
                        in_a_row += not isinstance(error, DamagedError)  # which is no fault of MLflow's
                    if in_a_row == FAILURES_IN_A_ROW:
                        return errors | dict.fromkeys(left, errors[key])
                    if time.monotonic() >= turn_ends:
                        break
        return errors

    def _ask(self) -> None:
        """See what MLflow holds of the sweep; where a run is there twice, the earliest stays."""
        self._see_plan()
        self._note()  # each time, for whoever had the right meanwhile may have closed all, and forgotten it
        found = self.tracking.find(self._experiment, self._own)
        parent, *surplus = [run for run in found if CELL not in run.tags] or [self._make_parent()]
        for run in surplus:
            self.tracking.delete(run.run_id)
        self._parent = parent
        self._counted = -1
        """The step of the newest counts; -1 until it is asked for."""
        self._runs = CellRuns(
            self.tracking,
            self.store,
            self._experiment,
            {**self._own, PARENT: parent.run_id},
            self._lock,
            self._reader,
            [run for run in found if CELL in run.tags],
        )
        self.recorded |= self._runs.complete()

    def _see_plan(self) -> None:
        """As it is by now, for another driver may have had the sweep grow since."""
        plan = SweepStore(self.store).plan(self.plan["sweep"])
        if plan is not None and plan != self.plan:  # None if it is damaged
            self.plan, self.places = plan, sweep_run.places(plan)

    def _make_parent(self) -> RecordedRun:
        self._lock.check()
        began_ms = int(self.plan["planned_at"] * 1000)
        tags = {**self._own, SWEEP: self.plan["sweep"]}
        parent = self.tracking.make(self._experiment, self.plan["sweep"], tags, began_ms)
        self._lock.check()
        return parent

    def _is_attended(self) -> bool:
        return bool(living_drivers(self.store, self.plan["sweep"], self.clock()))

    def _idle(self, stopped: Collection[str], attended: bool) -> Collection[str]:
        """Cells that nobody works on: without a driver, all; a worker outlives its own by no more than seconds."""
        return stopped if attended else self.places.keys() | self._runs.known.keys()

    def _children(self) -> list[RecordedRun]:
        return [run for key, run in self._runs.known.items() if key in self.places]

    def _sweep_status(self, attended: bool) -> Status:
        return sweep_run.sweep_status(self.plan, self._children(), attended)

    def _write_sweep(self, status: Status, note: str | None = None) -> None:
        parent, children = self._parent, self._children()
        ended_ms = max(
            (run.ended_ms for run in children if run.ended_ms), default=int(self.plan["planned_at"] * 1000)
        )
        counts = sweep_run.counts(self.plan, children)
        points: list[Point] = []
        if any(parent.metrics.get(name) != count for name, count in counts.items()):
            # MLflow shows the point of the largest step. So a step is no more than the number of the writing:
            # fewer cells than before may be done, where the sweep was run again with other settings.
            if self._counted < 0:
                self._counted = max(self.tracking.newest_step(parent.run_id, name) for name in counts)
            self._counted += 1
            points = [Point(name, count, self._counted, ended_ms) for name, count in counts.items()]
        tags = sweep_run.sweep_tags(self.plan)
        if note is not None or NOTE not in parent.tags:
            tags[NOTE] = cut(note if note is not None else sweep_run.first_note(self.plan), LONGEST_TAG)
        if (tags := news(tags, parent.tags)) or points:
            if sweep_run.VIEW in tags:
                self.tracking.offer_view(self._experiment, view(self.plan))
            self.tracking.log(parent.run_id, points=points, tags=tags)
        parent = replace(parent, tags={**parent.tags, **tags}, metrics={**parent.metrics, **counts})
        self._parent = with_status(self.tracking, parent, status, ended_ms)
        if note is not None:  # over the list of runs, too, which is where one comes in
            said = linked(parent.tags[NOTE], self._experiment, parent.run_id)
            self.tracking.describe(self._experiment, self._own[HOME], cut(said, LONGEST_TAG))

    def _write_files(self, report: Path | None = None) -> None:
        begun = {key: run.tags for key, run in self._runs.known.items() if key in self.places}
        with tempfile.TemporaryDirectory() as scratch:
            mark = sweep_files_mark(self.store, self.plan, begun)
            if self._parent.tags.get(FILES) != mark or not self._parent.holds(["plan.json", "environments.json"]):
                write_sweep_files(Path(scratch), self.store, self.plan, begun)
                self._upload(Path(scratch), "", {FILES: mark})
        if report is not None:
            names = [f"report/{path.relative_to(report)}" for path in report.rglob("*")]
            mark = digest(report)
            if self._parent.tags.get(REPORT) != mark or not self._parent.holds(names):
                self._upload(report, "report", {REPORT: mark})

    def _upload(self, folder: Path, under: str, tags: dict[str, str]) -> None:
        self.tracking.upload(self._parent.run_id, folder, under)
        self._notice = ""
        try:
            if under:  # beside a report, the figures of an earlier one would pass for its own
                self.tracking.prune(self._parent.run_id, folder, under)
        except Exception as error:  # some artifact stores forbid it
            self._notice = (
                "the report in MLflow is the newest, but files of an earlier one, which lie beside it, cannot be "
                f"deleted ({in_words(error).splitlines()[0]:.200}); whoever may can delete them in {under}/ of the "
                "sweep's run, and no number depends on it"
            )
            return  # without the tag, so that the next one tries again
        self.tracking.log(self._parent.run_id, tags=tags)
        self._parent = replace(self._parent, tags={**self._parent.tags, **tags})


def open_record(home: Home, sweep: str, tracking_uri: str, wait_s: float = LOCK_WAIT_S) -> SweepRecord:
    """The sweep at that address; makes database, experiment and parent run where they are missing."""
    plan = SweepStore(home.store()).plan(sweep)
    if plan is None:
        raise UserError(f"no sweep {sweep!r} has been run in {home.root}")
    tracking = MlflowTracking(tracking_uri, home.artifacts, home.root / "mlflow.lock")
    return SweepRecord(tracking, home.store(), plan, wait_s, note=lambda: note_shown(home, sweep, tracking_uri))
