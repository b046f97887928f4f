"""A cell that the machine lost, one that failed, one that diverged: told apart, and taken up again or not."""

import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from orchestrator.compare import summarise
from orchestrator.results import ResultTable
from orchestrator.run.cell_work import Step
from orchestrator.run.driver import _summary
from orchestrator.run.reporter import UNASKED, UNSTARTED_S, TuneReporter
from orchestrator.run.stopping import StopRequested, StopSwitch
from orchestrator.run.work_left import WorkLeft, work_left
from orchestrator.store import CellStore, Store, StoreError
from trainables.records import CellResult, EpochRecord

KEYS = ("finished", "diverged", "failed", "lost", "held", "left")
"""Of cells, which end so."""


class Reported:
    """A reporter, and what it told."""

    def __init__(self, failures: dict[str, str] | None = None):
        self.switch = StopSwitch()
        self.steps: dict[str, Step] = {}
        self.said: list[str] = []
        flag: Any = SimpleNamespace(set=lambda: None)
        self.reporter = TuneReporter(
            self.switch,
            flag,
            self.steps.__setitem__,
            lambda trials: None,
            lambda: self.said.append("no trial has started"),
            self._failure,
        )
        self.refused: StoreError | None = None
        """What the store answers with, where a failure is looked for."""
        self._failures = failures or {}

    def _failure(self, key: str) -> str | None:
        if self.refused is not None:
            raise self.refused
        return self._failures.get(key)


DIED = "ray.exceptions.RayActorError: …\nThe worker died unexpectedly"
OUT_OF_MEMORY = "1 worker(s) were killed due to the node running low on memory. …\nSet max_restarts"


def trial(key: str, errors: Path | None = None, failures: int = 4) -> Any:
    """As Tune makes it, whose copy of the errors is not there yet, as it happens in every other run."""
    error_file = None if errors is None else str(errors)
    return SimpleNamespace(
        config={"cell": key}, trial_id=key, error_file=error_file, get_error=lambda: None, num_failures=failures
    )


@pytest.fixture
def noted(tmp_path: Path) -> Callable[..., Path]:
    """Writes down errors as Tune does."""

    def write(*errors: str) -> Path:
        file = tmp_path / "error.txt"
        file.write_text("".join(f"Failure # {n} (occurred at …)\n{error}\n" for n, error in enumerate(errors, 1)))
        return file

    return write


@pytest.mark.parametrize(
    ("errors", "why"),
    [
        ([DIED] * 4, "lost 4 workers: The worker died unexpectedly"),
        ([DIED], "lost 1 worker: The worker died unexpectedly"),
        ([OUT_OF_MEMORY] * 4, "lost 4 workers: Ray ended them, for the node ran out of memory; "),
        ([OUT_OF_MEMORY], "lost 1 worker: Ray ended it, for the node ran out of memory; "),
        ([DIED, OUT_OF_MEMORY, DIED], "lost 3 workers: Ray ended 1 of them, for the node ran out of memory; "),
    ],
    ids=["died", "one died", "memory", "one for memory", "some for memory"],
)
def test_a_lost_cell_says_how_its_workers_ended(noted: Any, errors: list[str], why: str) -> None:
    told = Reported()
    told.reporter._awaited = {}  # a run that ends takes no cell up again
    told.reporter.on_trial_error(1, [], trial("a", noted(*errors), len(errors)))
    assert told.steps["a"].message.startswith(why)
    assert ("needs less" in told.steps["a"].message) == (OUT_OF_MEMORY in errors)


def test_a_cell_whose_workers_died_again_and_again_is_lost_and_the_others_go_on() -> None:
    told = Reported()
    told.reporter.on_trial_error(1, [], trial("a"))
    assert told.steps == {"a": Step("lost", message="lost 4 workers: its worker died")}
    assert told.switch.reason == ""


def test_a_cell_that_leaves_no_checkpoint_in_the_time_that_a_signal_leaves_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told, clock = Reported(), [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: clock[0])
    told.switch.request("SIGTERM received")
    trials = [SimpleNamespace(**{**vars(trial(key)), "status": "RUNNING"}) for key in ("quick", "slow")]
    told.reporter.on_step_begin(1, trials)
    told.reporter.on_trial_result(1, trials, trials[0], stopped("quick"))
    clock[0] = told.switch.grace_s
    told.reporter.on_step_begin(2, trials)
    clock[0] += 0.1
    with pytest.raises(StopRequested):
        told.reporter.on_step_begin(3, trials)
    assert told.steps["quick"].status == "stopped"
    assert told.steps["slow"].status == "lost"
    assert told.steps["slow"].message.startswith("left no checkpoint within 4 s; the next run goes on from the one")


def stopped(key: str) -> dict[str, Any]:
    return {"cell": key, "status": "stopped", "epoch": 1, "message": "", "metrics": {}}


def test_a_worker_that_stops_unasked_is_lost_and_its_cells_are_taken_up_again_which_is_said_once() -> None:
    told = Reported()
    for key in ("a", "b"):
        told.reporter.on_trial_result(1, [], trial(key), stopped(key))
    lost = Step("lost", message=UNASKED)
    assert told.reporter.cut_off == {"a": lost, "b": lost}
    assert told.steps == {"a": lost}
    assert told.switch.reason == ""


def test_a_cell_that_stops_when_it_was_asked_to_is_not_taken_up_again() -> None:
    told = Reported()
    told.switch.request("SIGTERM received")
    told.reporter.on_trial_result(1, [], trial("a"), stopped("a"))
    assert told.steps == {"a": Step("stopped", 1)}
    assert told.reporter.cut_off == {}


def test_the_word_to_stop_is_repeated_for_whom_it_was_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    told = Reported()
    words: list[str] = []
    monkeypatch.setattr(told.reporter._flag, "set", lambda: words.append("stop"))
    told.switch.request("SIGTERM received")
    for iteration in range(3):
        told.reporter.on_step_begin(iteration, [SimpleNamespace(**{**vars(trial("a")), "status": "RUNNING"})])
    assert len(words) == 3


def test_a_cell_that_tune_gave_up_with_retries_left_is_not_lost_yet() -> None:
    told = Reported()
    told.reporter.on_trial_error(1, [], trial("a", failures=1))
    assert told.steps == {}
    assert told.reporter.cut_off == {"a": Step("lost", message="lost 1 worker: its worker died")}


def test_a_cell_whose_last_try_failed_by_its_own_code_is_failed_and_not_lost() -> None:
    told = Reported({"a": "ValueError: a defect"})
    told.reporter.on_trial_error(1, [], trial("a"))
    assert told.steps == {"a": Step("failed", message="ValueError: a defect")}


def test_where_no_trial_comes_under_way_for_long_that_is_said_once(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    told = Reported()
    for seconds, status, said in [
        (UNSTARTED_S - 1, "PENDING", 0),
        (2, "RUNNING", 0),
        (UNSTARTED_S - 1, "PENDING", 0),  # between two trials
        (2, "PENDING", 1),
        (10 * UNSTARTED_S, "PENDING", 1),
    ]:
        now[0] += seconds
        told.reporter.on_step_begin(1, [SimpleNamespace(status="TERMINATED"), SimpleNamespace(status=status)])
        assert len(told.said) == said


def test_a_store_that_refuses_stops_the_sweep_and_nothing_else_does() -> None:
    told = Reported()
    for status in ("epoch", "finished", "diverged", "failed", "held"):
        result = {"cell": "a", "status": status, "epoch": 1, "message": "", "metrics": {}}
        told.reporter.on_trial_result(1, [], trial("a"), result)
    assert told.switch.reason == ""
    lost = {"cell": "b", "status": "lost", "epoch": 0, "message": "no space is left", "metrics": {}}
    told.reporter.on_trial_result(1, [], trial("b"), lost)
    assert told.switch.reason == "no space is left"


@pytest.mark.parametrize("callback", ["on_trial_error", "on_trial_recover"])
def test_a_store_that_cannot_be_asked_why_a_worker_died_stops_the_sweep_in_order(callback: str) -> None:
    """What a callback raises breaks Tune off, with a traceback."""
    told = Reported()
    told.refused = StoreError("the disk is away")
    getattr(told.reporter, callback)(1, [], trial("a"))
    assert told.switch.reason == "the disk is away"
    assert {step.status for step in told.steps.values()} <= {"lost"}


@pytest.fixture
def ended(store: Store) -> CellStore:
    """A store with one cell of each kind. Only what ends a cell by itself leaves something there."""
    cells = CellStore(store)
    record = EpochRecord(epoch=1, step=1, metrics={"validation_accuracy": 0.5}, timing={}, measured_at=2.0)
    for key in KEYS[:-1]:
        cells.add_session(key, {"at": 1.0, "epochs_done": 0})
        cells.newest_try(key).add_epoch(record)
    cells.add_failure("failed", {"at": 3.0, "error": "ValueError: a defect"})
    for status in ("finished", "diverged"):
        facts: Any = {"status": status, "epochs": 1, "final": record.metrics, "measured_at": 3.0}
        cells.newest_try(status).conclude_diverged(CellResult(**facts))
    return cells


PLAN: Any = SimpleNamespace(cells=[SimpleNamespace(key=key) for key in KEYS])
ALL_LEFT = WorkLeft(KEYS, {})
STEPS = {
    "failed": Step("failed", message="ValueError: a defect"),
    "lost": Step("lost", message="lost 4 workers: it died"),
    "held": Step("held", message="held by process 7"),
}


def test_the_summary_tells_each_kind_apart_and_says_why(ended: CellStore) -> None:
    planned: Any = dict.fromkeys(KEYS)
    summary = _summary(ended, planned, ALL_LEFT, STEPS, StopSwitch(), 1.0)
    assert {kind: getattr(summary, kind) for kind in KEYS} == {kind: (kind,) for kind in KEYS}
    assert summary.messages["lost"] == "lost 4 workers: it died"
    assert (summary.exit_code, summary.to_go_on_with) == (1, True)


@pytest.mark.parametrize("kind", ["failed", "lost", "held", "left"])
def test_each_of_these_is_something_to_go_on_with(kind: str, ended: CellStore) -> None:
    planned: Any = {"finished": None, "diverged": None, kind: None}
    assert _summary(ended, planned, ALL_LEFT, STEPS, StopSwitch(), 1.0).to_go_on_with


def test_diverged_cells_are_nothing_to_go_on_with(ended: CellStore) -> None:
    planned: Any = {"finished": None, "diverged": None}
    assert not _summary(ended, planned, ALL_LEFT, {}, StopSwitch(), 1.0).to_go_on_with


def test_a_diverged_cell_that_could_not_be_tried_again_was_not_trained_in_this_run(ended: CellStore) -> None:
    planned: Any = {"finished": None, "diverged": None}
    left = work_left(ended, PLAN, retry_diverged=True)
    held = {"diverged": Step("diverged")}
    assert _summary(ended, planned, left, held, StopSwitch(), 1.0).trained == ()
    of, _ = ended.standing("diverged")
    of.supersede()
    of.next().conclude_diverged(CellResult(status="diverged", epochs=0, divergence="again", measured_at=9.0))
    assert _summary(ended, planned, left, held, StopSwitch(), 1.0).trained == ("diverged",)


def test_the_next_run_takes_up_all_but_those_that_have_an_outcome(ended: CellStore) -> None:
    assert work_left(ended, PLAN, retry_diverged=False).todo == ("failed", "lost", "held", "left")


def test_diverged_cells_are_taken_up_again_where_it_is_asked_for(ended: CellStore) -> None:
    left = work_left(ended, PLAN, retry_diverged=True)
    assert left.todo == ("diverged", "failed", "lost", "held", "left")
    assert list(left.again) == ["diverged"]
    assert [left.epochs_stored(ended, key) for key in ("diverged", "lost")] == [0, 1]


def test_compare_counts_what_has_diverged_apart_from_what_is_not_there(ended: CellStore) -> None:
    plan = {
        "sweep": "small",
        "arms": [{"name": "base", "settings": {}}],
        "cells": [{"key": key, "arm": "base", "seed": seed} for seed, key in enumerate(KEYS)],
    }
    frame = ResultTable(plan, ended).frame
    assert dict(zip(frame["key"], frame["status"], strict=True)) == {
        "finished": "finished",
        "diverged": "diverged",
        "failed": "failed",
        "lost": "begun",
        "held": "begun",
        "left": "new",
    }
    (arm,) = summarise(frame, "validation_accuracy")
    assert (arm.diverged, arm.missing, arm.failed) == (1, 4, 1)
