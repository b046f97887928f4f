"""The report of a sweep that is still under way, redone at sparse moments as cells come in.

A thread that can neither stop nor delay training: it sleeps longer than it works, and what goes wrong in it is left
to the report at the end.
"""

import contextlib
import threading
import time
from collections.abc import Callable
from pathlib import Path

from orchestrator.cli.place import writing_in
from orchestrator.compare import Comparison
from orchestrator.report import compose, note, outcome_of, write_report
from orchestrator.results import ResultTable
from orchestrator.store import Home

PAUSE_S = 300.0
PAUSE_FOR_WORK = 20.0
"""A pause is at least so many times as long as a processor worked before it: that long training went without."""
PAUSE_FOR_WAITING = 3.0
"""And so many times as long as it took: to read a thousand cells takes minutes, and where all processors are busy
with training, a few seconds' work takes a minute."""


class ReportMeanwhile:
    """Redoes the report of one sweep from `start` to `end`."""

    def __init__(self, home: Home, sweep: str, offer: Callable[[str, Path], None], pause_s: float = PAUSE_S):
        """`offer` takes a description and the report's folder: the recorder's, for MLflow."""
        self.home, self.sweep, self.offer, self.pause_s = home, sweep, offer, pause_s
        self._finished = 0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="report", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def end(self) -> None:
        """Returns when nothing is written any more."""
        self._ended.set()
        if self._thread.is_alive():
            self._thread.join()

    def redo(self) -> bool:
        """Write and offer the report if cells have come in since the last; gives whether it did.

        A report that would show a verdict is left to the end of the run, which notes the look.
        """
        table = ResultTable.of(self.home, self.sweep)
        finished = int((table.frame["status"] == "finished").sum())
        if finished == self._finished:
            return False
        outcome = outcome_of(table)
        if isinstance(outcome, Comparison) and outcome.shows_a_verdict:
            return False
        report = compose(table, outcome)
        with writing_in(self.home, "the report"):
            page = write_report(report, self.home.reports(self.sweep))
        self.offer(note(report), page.parent)
        self._finished = finished
        return True

    def _run(self) -> None:
        pause_s = self.pause_s
        while not self._ended.wait(pause_s):
            began, worked = time.monotonic(), time.thread_time()
            with contextlib.suppress(Exception):
                self.redo()
            pause_s = pause_after(time.thread_time() - worked, time.monotonic() - began, self.pause_s)


def pause_after(work_s: float, took_s: float, least_s: float = PAUSE_S) -> float:
    """How long to sleep after a report that took so long, for so much of it at work."""
    return max(least_s, PAUSE_FOR_WORK * work_s, PAUSE_FOR_WAITING * took_s)
