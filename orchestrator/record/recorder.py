"""Records a sweep in MLflow while it runs, from a thread that can neither stop nor delay it.

In: keys of cells that have something new in the store. Out: what MLflow shows. The thread reads the store and only
the store, so it does not matter when it gets to a cell, or whether it gets to it twice. MLflow out of reach is
something that it waits for, and at the end reports.
"""

import contextlib
import threading
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from pathlib import Path

from orchestrator.record.open_servers import forget_shown
from orchestrator.record.reading import begun_cells
from orchestrator.record.refusals import in_words
from orchestrator.record.sync import (
    ENDED_EARLY,
    LONGEST_TURN_S,
    RecordState,
    SweepRecord,
    open_record,
)
from orchestrator.store import Home, Presence

LONGEST_PAUSE_S = 60.0
"""Between two tries, while MLflow does not answer."""
PASS_EVERY_S = 0.5
"""What cells have stored meanwhile is recorded together, and other drivers of the sweep get their turn."""
LAST_RUN_S = 1.0
"""Of a deadline, to bring the run that is being written to its end, and to close what is shown as RUNNING."""
TRIES_AT_THE_END = 3
"""After that the user gets their prompt back, and `seedwise sync` does the rest."""


@dataclass(frozen=True)
class _Closing:
    """What is known when the sweep ends."""

    note: str | None
    report: Path | None
    stopped: frozenset[str]


class Recorder:
    """Records one sweep, from `start` to `finish`. The plan of the sweep must be stored before `start`."""

    def __init__(
        self,
        home: Home,
        sweep: str,
        tracking_uri: str | None = None,
        *,
        connect: Callable[[Home, str, str], SweepRecord] = open_record,
        first_pause_s: float = 1.0,
    ):
        """`tracking_uri`: MLflow's own way to name a store; the embedded database of the home unless given."""
        self.home, self.sweep = home, sweep
        self.tracking_uri = tracking_uri or home.tracking_uri
        self._connect, self._first_pause_s = connect, first_pause_s
        self._changed = threading.Condition()
        self._waiting: dict[str, None] = {}
        self._recorded: set[str] = set()
        self._offered: tuple[str, Path] | None = None
        self._closing: _Closing | None = None
        self._overdue = threading.Event()
        self._record: SweepRecord | None = None
        self._state: RecordState | None = None
        self._error = ""
        self._thread: threading.Thread | None = None
        self._presence: Presence | None = None

    def attend(self) -> None:
        """Be seen as a driver of the sweep, from before its first cell trains until `finish` or `leave`.

        By others: what this one works on then is not taken for left behind, and shown as KILLED. Loads no MLflow.
        """
        if self._presence is None:
            self._presence = Presence(self.home.store(), self.sweep)
            with contextlib.suppress(Exception):  # then others may think that nobody is at work on the sweep
                self._presence.enter()

    def leave(self) -> None:
        """Be seen no more."""
        if self._presence is not None:
            self._presence.leave()

    def start(self) -> None:
        """Begin to record. Worth delaying until the first cell trains: MLflow's import and set-up take 3 s."""
        self._thread = threading.Thread(target=self._run, name="recorder", daemon=True)
        self._thread.start()

    def notify(self, key: str) -> None:
        """Say that the store has something new of a cell. Returns at once; may be called before `start`."""
        with self._changed:
            self._waiting[key] = None
            self._changed.notify_all()

    def offer(self, note: str, report: Path) -> None:
        """A description and a report of the sweep as it stands, to be shown with what is recorded next."""
        with self._changed:
            self._offered = (note, report)

    def finish(
        self,
        deadline_s: float,
        *,
        note: str | None = None,
        report: Path | None = None,
        stopped: Collection[str] = (),
    ) -> RecordState:
        """Record every cell and the sweep itself, and close what does not run; never raises.

        `note`: Markdown that MLflow shows as the sweep's description. `report`: a folder, logged as `report/`.
        `stopped`: cells whose workers the caller has stopped; their leases on other hosts take a minute to expire.
        None that another driver may have in hand.
        Before `deadline_s` is over it ends with the run that it writes, if MLflow answers, and returns with what
        has not been recorded. The runs of those that were `stopped` are written all the same, as long as the
        process lives.
        """
        with self._changed:
            self._closing = _Closing(note, report, frozenset(stopped))
            self._changed.notify_all()
        if self._thread is None:
            self.start()
        assert self._thread is not None
        self._thread.join(max(0.0, deadline_s - LAST_RUN_S))
        self._overdue.set()
        self._thread.join(min(deadline_s, LAST_RUN_S))
        too_slow = f"MLflow did not keep up within {deadline_s:g} s"
        if self._state is None:
            return self._fallen_behind(self._error or too_slow)
        return replace(self._state, error=too_slow) if self._state.error == ENDED_EARLY else self._state

    def give_up(self, deadline_s: float) -> None:
        """As `finish`, where something else went wrong; nothing if it never began, or knows of the end."""
        if self._thread is not None and self._closing is None:
            self.finish(deadline_s)

    def _run(self) -> None:
        failures, tries_left, has_stumbled = 0, TRIES_AT_THE_END, False
        self.attend()
        while True:
            keys, closing = self._next(wait=self._record is not None)
            state: RecordState | None = None
            if closing is not None:
                self.leave()
            try:
                if closing is None:
                    self._record_cells(self._connected(), keys)
                else:
                    # A request that was given up may have made a run after all: MLflow is asked once more.
                    record = self._connected(anew=has_stumbled)
                    if closing.stopped:  # the time may be short, and this is what must not wait
                        record.close(closing.stopped)
                    state = record.record_all(closing.note, closing.report, closing.stopped, self._overdue.is_set)
                self._error = "" if state is None else state.error
            except Exception as error:  # whatever it is, training goes on
                self._error = in_words(error)
            self._put_back(keys)
            if closing is not None:
                tries_left -= 1
                if not self._error:
                    with contextlib.suppress(Exception):
                        forget_shown(self.home, self.sweep, self.tracking_uri)
                if not self._error or not tries_left or self._overdue.is_set():
                    self._state = state or self._fallen_behind(self._error)
                    return
            failures = failures + 1 if self._error else 0
            if failures:
                has_stumbled = True
                self._record = None  # what became of the last call is not known, so MLflow is asked what it holds
                self._pause(failures)

    def _connected(self, anew: bool = False) -> SweepRecord:
        if self._record is None or anew:
            self._record = None
            self._record = self._connect(self.home, self.sweep, self.tracking_uri)
            self._record.recorded |= self._recorded
            self._recorded = self._record.recorded
        return self._record

    def _record_cells(self, record: SweepRecord, keys: list[str]) -> None:
        """Record some of the cells, and the sweep's progress; those recorded are taken out of `keys`."""
        with record.writing():
            turn_ends = time.monotonic() + LONGEST_TURN_S
            try:
                while keys and time.monotonic() < turn_ends and self._closing is None:
                    record.record_cell(keys[0])
                    keys.pop(0)
            except Exception:
                keys.append(keys.pop(0))  # the others first the next time: it may be this cell's fault
                raise
            record.record_progress()
        if (offered := self._offered) is not None:
            record.record_report(*offered)
            with self._changed:
                self._offered = None if self._offered is offered else self._offered

    def _next(self, wait: bool) -> tuple[list[str], _Closing | None]:
        """What there is to do; waits until there is something if asked to, and not too short a time."""
        with self._changed:
            if wait:
                self._changed.wait_for(lambda: self._closing, PASS_EVERY_S)
                self._changed.wait_for(lambda: self._waiting or self._closing)
            keys = list(self._waiting)
            self._waiting.clear()
            self._recorded.difference_update(keys)
            return keys, self._closing

    def _put_back(self, keys: list[str]) -> None:
        with self._changed:
            self._waiting = dict.fromkeys(keys) | self._waiting

    def _pause(self, failures: int) -> None:
        """Twice as long each time, but no longer than the first once the sweep is over."""
        with self._changed:
            if self._closing is None:
                pause_s = min(self._first_pause_s * 2.0 ** min(failures - 1, 10), LONGEST_PAUSE_S)
                self._changed.wait_for(lambda: self._closing, pause_s)
            else:
                self._changed.wait_for(lambda: False, self._first_pause_s)

    def _fallen_behind(self, error: str) -> RecordState:
        """What is behind as far as this process knows, which has not heard from MLflow."""
        with self._changed:
            recorded = self._recorded - self._waiting.keys()
            begun = recorded | self._waiting.keys()
        with contextlib.suppress(Exception):  # a store that cannot be read is told of by whoever needs it next
            begun = begun_cells(self.home, self.sweep)
        return RecordState(recorded=len(begun & recorded), behind=len(begun - recorded), error=error)

    def __getstate__(self) -> dict[str, object]:
        # Tune pickles its callbacks when it is built, whatever they hold; the live one is still the one called.
        return {}
