"""The campaign is tested, too: what a promise rests on is taken away, and the same schedules must notice.

The issue is not whether a test can fail but whether this one does: each sabotage is one that a careless change
could bring about.
"""

import os
from collections.abc import Mapping
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest
from hypothesis import given
from schedules import Schedule, carry_out, undisturbed
from simulated_mlflow import RememberedMlflow
from simulated_processes import BrokenPromiseError
from test_random_schedules import QUICK, schedules

from orchestrator.record import projection
from orchestrator.record.projection import Point
from orchestrator.record.tracking import RecordedRun
from orchestrator.store import LocalStore, StoreError
from trainables.checkpoint import TrainingState
from trainables.records import EpochRecord
from trainables.training import EpochSoFar


@pytest.fixture(autouse=True)
def _undisturbed_and_unsabotaged() -> None:
    """What all is compared with is made before a test takes anything away."""
    undisturbed()


def broken_promise() -> str:
    """The first that the schedules of the quick test find; empty if they find none."""

    @given(schedules(most_faults=8))
    @QUICK
    def quick_test(schedule: Schedule) -> None:
        carry_out(schedule)

    try:
        quick_test()
    except BrokenPromiseError as broken:
        return str(broken)
    return ""


# Durable writes


def write_plainly(path: Path, data: bytes) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
    except OSError as error:
        raise StoreError(str(error)) from error


def test_records_that_are_written_in_place_are_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    def create(self: LocalStore, name: str, data: bytes) -> bool:
        if (self.root / name).exists():
            return False
        write_plainly(self.root / name, data)
        return True

    monkeypatch.setattr(LocalStore, "create", create)
    monkeypatch.setattr(LocalStore, "replace", lambda self, name, data: write_plainly(self.root / name, data))
    found = broken_promise()
    assert any(said in found for said in ("half a record was seen", "was replaced or removed", "taken for damaged"))


def test_records_that_a_second_writer_may_replace_are_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    def create(self: LocalStore, name: str, data: bytes) -> bool:
        if (self.root / name).exists():
            return False
        self.replace(name, data)
        return True

    monkeypatch.setattr(LocalStore, "create", create)
    found = broken_promise()  # of several schedules that show it, the first
    assert any(said in found for said in ("was replaced or removed", "there are 2 parents"))


def test_a_result_that_is_there_before_its_files_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    create, replace_now = LocalStore.create, LocalStore.replace
    waiting: dict[str, bytes] = {}

    def replace_later(self: LocalStore, name: str, data: bytes) -> None:
        if "/files/" in name:
            waiting[name] = data
        else:
            replace_now(self, name, data)

    def create_first(self: LocalStore, name: str, data: bytes) -> bool:
        created = create(self, name, data)
        if name.endswith("/result.json"):
            for file in [file for file in waiting if file.startswith(name.removesuffix("result.json"))]:
                replace_now(self, file, waiting.pop(file))
        return created

    monkeypatch.setattr(LocalStore, "create", create_first)
    monkeypatch.setattr(LocalStore, "replace", replace_later)
    found = broken_promise()
    assert "files there" in found or "result.json was replaced or removed" in found


# How far a checkpoint has come. It is all that there is of random state, for every random number is a function of
# seed and step (docs/decisions/0002).


def test_a_checkpoint_that_has_forgotten_its_epochs_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    load = TrainingState.from_bytes
    monkeypatch.setattr(
        TrainingState, "from_bytes", lambda data: replace(load(data), epochs_done=0, so_far=EpochSoFar())
    )
    found = broken_promise()
    assert "differs in bits" in found or "lost more than the epoch under way" in found


def test_a_checkpoint_that_has_forgotten_its_steps_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    load = TrainingState.from_bytes
    monkeypatch.setattr(TrainingState, "from_bytes", lambda data: replace(load(data), so_far=EpochSoFar()))
    assert "differs in bits" in broken_promise()


# One run a cell, each point once


def test_a_recorder_that_does_not_look_for_a_run_before_it_makes_one_is_noticed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def find(self: RememberedMlflow, experiment: str, tags: Mapping[str, str]) -> list[RecordedRun]:
        return []

    monkeypatch.setattr(RememberedMlflow, "find", find)
    found = broken_promise()
    assert "has 2 runs" in found or "parents" in found


def test_points_that_bear_the_time_of_their_recording_are_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    points_of, times = projection.epoch_points, count()

    def points_now(record: EpochRecord, at_ms: int, decides: str) -> list[Point]:
        return points_of(record, at_ms + next(times), decides)

    monkeypatch.setattr(projection, "epoch_points", points_now)
    found = broken_promise()
    assert "has a point twice" in found or "are not those that are stored" in found or "has 2 runs" in found
