"""What Tune tells the driver, and how the driver has Tune stop.

In: Tune's callbacks. Out: a `Step` for each thing that happened to a cell, and, where a stop was asked for, the
exception that ends Tune's loop once the trials have left their checkpoints.
"""

import re
import time
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

from ray import tune

from orchestrator.run.cell_work import NEEDS_LESS_MEMORY, Step
from orchestrator.run.stop_flag import StopFlag
from orchestrator.run.stopping import StopRequested, StopSwitch
from orchestrator.store import StoreError

WORKER_RETRIES = 3
"""How often a cell whose worker process was lost is taken up again within one run."""
LATE = "the next run goes on from the one before; resources.stop_within_s gives it longer"
UNASKED = "its worker stopped unasked, for no word to stop could have reached it any more; it is taken up again"
FOR_MEMORY = f"Ray ended its worker, or another's, for the node ran out of memory; {NEEDS_LESS_MEMORY}"
UNSTARTED_S = 120.0
"""After how long without any trial under way that is said: Ray waits for room, or for workers that cannot start."""


class TuneReporter(tune.Callback):  # type: ignore[misc]
    """Hands Tune's results on, and carries out a stop that was asked for.

    Tune pickles its callbacks when it is built; the live one is still the one called.
    """

    def __init__(
        self,
        switch: StopSwitch,
        flag: StopFlag,
        told: Callable[[str, Step], None],
        stopping: Callable[[int], None],
        unstarted: Callable[[], None],
        failure: Callable[[str], str | None],
    ):
        """`unstarted` is called once, where no trial has been under way for UNSTARTED_S.

        `failure`: what a cell has failed by in this run; None for one that was only lost with its worker."""
        self._switch, self._flag, self._told, self._stopping = switch, flag, told, stopping
        self._failure = failure
        self.cut_off: dict[str, Step] = {}
        """Cells that were given up with retries left: Tune takes none up again that is lost in a used worker before
        its first step."""
        self._ended: set[str] = set()
        self._awaited: dict[str, str] | None = None
        """Once trials have been asked to stop: those that have not answered, and their cells."""
        self._grace_s, self._grace_ends = 0.0, 0.0
        self._unstarted = unstarted
        self._idle_since: float | None = time.monotonic()
        """Since when no trial has been under way; None once that has been said."""

    def unended(self, todo: Collection[str]) -> list[str]:
        """Those cells that have not come to an end, whichever."""
        return [cell for cell in todo if cell not in self._ended]

    def __getstate__(self) -> dict[str, Any]:
        return {}

    def on_step_begin(self, iteration: int, trials: list[Any], **_: Any) -> None:
        if not self._switch.reason:
            self._watch_for_a_start(trials)
            return
        self._flag.set()
        if self._awaited is None:
            self._awaited = {trial.trial_id: trial.config["cell"] for trial in trials if trial.status == "RUNNING"}
            self._grace_s = self._switch.grace_s
            self._grace_ends = time.monotonic() + self._grace_s
            self._stopping(len(self._awaited))
        if self._awaited and time.monotonic() <= self._grace_ends:
            return
        for cell in self._awaited.values():
            self._told(cell, Step("lost", message=f"left no checkpoint within {self._grace_s:.0f} s; {LATE}"))
        raise StopRequested(self._switch.reason)

    def _watch_for_a_start(self, trials: list[Any]) -> None:
        if self._idle_since is None:
            return
        if any(trial.status == "RUNNING" for trial in trials):
            self._idle_since = time.monotonic()
        elif time.monotonic() - self._idle_since > UNSTARTED_S:
            self._idle_since = None
            self._unstarted()

    def on_trial_result(
        self, iteration: int, trials: list[Any], trial: Any, result: dict[str, Any], **_: Any
    ) -> None:
        step = Step(result["status"], result["epoch"], result["message"], result["metrics"])
        if step.status == "stopped" and not self._switch.reason:
            self._has_stopped_unasked(result["cell"])
            return
        if step.status != "epoch":
            self._ended.add(result["cell"])
            if self._awaited is not None:
                self._awaited.pop(trial.trial_id, None)
        self._told(result["cell"], step)
        if step.status == "lost":  # the store refuses, and will refuse the other cells, too
            self._switch.request(step.message)

    def _has_stopped_unasked(self, cell: str) -> None:
        lost = Step("lost", message=UNASKED)
        if lost not in self.cut_off.values():  # said once, for such a worker stops at each cell that it is given
            self._told(cell, lost)
        self.cut_off[cell] = lost

    def on_trial_recover(self, iteration: int, trials: list[Any], trial: Any, **_: Any) -> None:
        error = self._failed_by(trial.config["cell"])
        if error is not None:  # told now, for Tune tries it again at the end of its queue
            self._told(trial.config["cell"], Step("failed", message=error))

    def on_trial_error(self, iteration: int, trials: list[Any], trial: Any, **_: Any) -> None:
        if self._awaited is not None:
            self._awaited.pop(trial.trial_id, None)
        cell = trial.config["cell"]
        failed = self._failed_by(cell)
        lost = Step("lost", message=_why_lost(trial))
        self._ended.add(cell)
        if failed:
            self._told(cell, Step("failed", message=failed))
        elif trial.num_failures > WORKER_RETRIES or self._awaited is not None:
            self._told(cell, lost)
        else:
            self.cut_off[cell] = lost

    def _failed_by(self, cell: str) -> str | None:
        try:
            return self._failure(cell)
        except StoreError as refused:  # Tune would break off, with a traceback, whatever a callback raises
            self._switch.request(str(refused))
            return None


def _why_lost(trial: Any) -> str:
    """In one line, from what Tune has noted of this trial's workers."""
    errors = _noted_errors(trial)
    for_memory = sum("OutOfMemory" in error or "running low on memory" in error for error in errors)
    lost = trial.num_failures
    if for_memory:
        ended = f"{for_memory} of them" if for_memory < lost else "it" if lost == 1 else "them"
        why = f"Ray ended {ended}, for the node ran out of memory; {NEEDS_LESS_MEMORY}"
    else:
        why = errors[-1].splitlines()[-1] if errors else "its worker died"
    return f"lost {lost} {'worker' if lost == 1 else 'workers'}: {why}"


def _noted_errors(trial: Any) -> list[str]:
    """One text for each of the trial's failures, the last one last.

    From the file that Tune keeps beside the driver: `Trial.get_error` reads a copy that is made later, or never.
    """
    try:
        noted = Path(trial.error_file or "").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return []
    return [text.strip() for text in re.split(r"^Failure # .*\n", noted, flags=re.MULTILINE) if text.strip()]
