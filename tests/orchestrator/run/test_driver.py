"""How a run ends, and what it has left undone: the driver with cells that are carried out in this process."""

import contextlib
import shutil
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from in_process import without_ray, work_on
from small_sweep import SWEEP

from orchestrator.plan import Plan, PlannedCell, prepare_sweep
from orchestrator.run import driver
from orchestrator.run.cell_work import Step
from orchestrator.run.driver import RunSummary
from orchestrator.run.stopping import StopSwitch
from orchestrator.spec import SweepSpec
from orchestrator.store import CellStore, Home, SweepStore

Run = Callable[..., RunSummary]


@pytest.fixture
def hot_plan(cache: Path) -> Plan:
    """Two cells, of which the second diverges in its first epoch."""
    vary = {"training.learning_rate": [1e-3, 1e30]}
    changed = {**SWEEP, "vary": vary, "loss": "cross_entropy", "seeds": 1}
    return prepare_sweep(SweepSpec.model_validate(changed), cache)


def keys(plan: Plan) -> tuple[str, ...]:
    return tuple(cell.key for cell in plan.cells)


# Ended by itself.


def test_a_run_that_finishes_every_cell_leaves_with_0(
    plan: Plan, run: Run, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken_up = without_ray(monkeypatch)
    summary = run(plan)
    assert summary.finished == summary.trained == keys(plan) == tuple(taken_up)
    assert (summary.diverged, summary.failed, summary.lost, summary.held, summary.left) == ((), (), (), (), ())
    assert (summary.exit_code, summary.stopped_by, summary.messages) == (0, "", {})
    assert all(CellStore(home.store()).is_done(key) for key in keys(plan))
    assert SweepStore(home.store()).names() == ["small"]


def test_a_second_run_starts_no_ray_and_counts_what_was_done_before_as_finished_not_as_trained(
    plan: Plan, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_ray(monkeypatch)
    run(plan)
    monkeypatch.setattr(driver, "running_ray", lambda *_: pytest.fail("Ray was started"))
    summary = run(plan)
    assert (summary.finished, summary.trained, summary.exit_code) == (keys(plan), (), 0)


def test_a_grown_sweep_trains_what_is_new_and_names_both(
    plan: Plan, cache: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken_up = without_ray(monkeypatch)
    run(plan)
    taken_up.clear()
    grown = prepare_sweep(SweepSpec.model_validate({**SWEEP, "seeds": 3}), cache)
    summary = run(grown)
    assert (summary.finished, summary.exit_code) == (keys(grown), 0)
    assert summary.trained == keys(grown)[4:] == tuple(taken_up)


def test_a_diverging_cell_is_an_outcome_that_is_told_each_time_and_never_tried_again(
    hot_plan: Plan, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken_up = without_ray(monkeypatch)
    sound, hot = keys(hot_plan)
    first = run(hot_plan)
    assert (first.finished, first.diverged, first.trained) == ((sound,), (hot,), (sound, hot))
    assert (first.exit_code, first.stopped_by) == (1, "")
    assert "learning rate 1e+30" in first.messages[hot]
    again = run(hot_plan)
    assert (again.finished, again.diverged, again.trained) == ((sound,), (hot,), ())
    assert (again.exit_code, again.messages) == (1, first.messages)
    assert taken_up == [sound, hot]


@pytest.mark.parametrize("status", ["failed", "held"])
def test_a_cell_that_failed_or_is_held_elsewhere_is_named_with_why_and_the_others_finish(
    status: Any, plan: Plan, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second, third, fourth = keys(plan)
    end = Step(status, message="why it did")
    with monkeypatch.context() as disturbed:
        without_ray(disturbed, lambda cell, number: end if cell.key == second and number == 2 else None)
        summary = run(plan)
    assert getattr(summary, status) == (second,)
    assert summary.let_go == (() if status == "held" else (second,))
    assert summary.finished == summary.trained == (first, third, fourth)
    assert (summary.left, summary.messages, summary.exit_code) == ((), {second: "why it did"}, 1)
    without_ray(monkeypatch)
    again = run(plan)
    assert (again.finished, again.trained, again.messages, again.exit_code) == (keys(plan), (second,), {}, 0)


@pytest.mark.parametrize("status", ["failed", "held", "lost"])
def test_what_the_store_holds_outweighs_what_was_last_told(
    status: Any, plan: Plan, run: Run, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker that was given up may finish its cell all the same, as may another driver."""
    last = plan.cells[-1]

    def finished_unseen(cell: PlannedCell, number: int) -> Step | None:
        if cell is not last:
            return None
        with contextlib.closing(work_on(cell, plan, home)) as another:
            while another.step().status == "epoch":
                pass
        return Step(status, message="its worker died")

    without_ray(monkeypatch, finished_unseen)
    summary = run(plan)
    assert (summary.finished, summary.failed, summary.lost, summary.held) == (keys(plan), (), (), ())
    assert (summary.left, summary.let_go, summary.messages) == ((), (), {})


def test_a_home_that_is_deleted_while_cells_train_keeps_what_came_after_and_goes_on_with_the_rest(
    plan: Plan, run: Run, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second, third, fourth = keys(plan)

    def delete(cell: PlannedCell, number: int) -> None:
        if (cell.key, number) == (second, 2):
            shutil.rmtree(home.root)

    without_ray(monkeypatch, delete)
    summary = run(plan)
    assert (summary.finished, summary.failed, summary.left) == ((third, fourth), (second,), (first,))
    assert SweepStore(home.store()).names() == ["small"]
    assert None not in [CellStore(home.store()).settings(key) for key in keys(plan)]
    without_ray(monkeypatch)
    assert run(plan).trained == (first, second)


# Stopped.


def test_ctrl_c_leaves_the_rest_for_the_next_run_which_trains_no_epoch_twice(
    plan: Plan, run: Run, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second, third, fourth = keys(plan)
    told: list[tuple[str, int]] = []

    class Listener:
        def notify(self, key: str) -> None:
            told.append((key, CellStore(home.store()).epochs_stored(key)))

    def ctrl_c(cell: PlannedCell, number: int) -> None:
        if (cell.key, number) == (second, 1):
            signal.raise_signal(signal.SIGINT)

    with monkeypatch.context() as interrupted:
        without_ray(interrupted, ctrl_c)
        summary = run(plan, listener=Listener())
    assert (summary.finished, summary.trained, summary.left) == ((first,), (first,), (second, third, fourth))
    assert summary.let_go == (second,), "the others it has never touched"
    assert (summary.stopped_by, summary.exit_code, summary.messages) == ("SIGINT received", 130, {})
    # The epoch under way is finished and told, and then the stop, in the middle of the next.
    assert told == [(first, 1), (first, 2), (second, 1), (second, 1)]

    told.clear()
    without_ray(monkeypatch)
    again = run(plan, listener=Listener())
    assert (again.finished, again.trained) == (keys(plan), (second, third, fourth))
    assert (again.stopped_by, again.exit_code) == ("", 0)
    assert told == [(second, 2), (third, 1), (third, 2), (fourth, 1), (fourth, 2)]


def test_handlers_of_signals_are_given_back_however_a_run_ends(
    plan: Plan, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = signal.getsignal(signal.SIGINT)

    def ctrl_c_once(cell: PlannedCell, number: int) -> None:
        if (cell, number) == (plan.cells[0], 1):
            signal.raise_signal(signal.SIGINT)

    without_ray(monkeypatch, ctrl_c_once)
    assert run(plan).exit_code == 130
    assert signal.getsignal(signal.SIGINT) is before


def test_a_store_that_cannot_be_written_stops_the_sweep_with_1_and_says_why(
    plan: Plan, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, *rest = keys(plan)
    refused = Step("lost", message="result.json cannot be written: no space is left on its disk")
    taken_up = without_ray(monkeypatch, lambda cell, number: refused if cell.key == rest[0] else None)
    summary = run(plan)
    assert (summary.finished, summary.lost, summary.left) == ((first,), (rest[0],), tuple(rest[1:]))
    assert (summary.stopped_by, summary.exit_code) == (refused.message, 1)
    assert taken_up == [first, rest[0]]


# Begun.


def test_everything_that_says_what_the_sweep_is_lies_in_the_store_before_the_first_step(
    plan: Plan, run: Run, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    happened: list[str] = []

    def look(cell: PlannedCell, number: int) -> None:
        settings = [home.store().read(f"cells/{key}/settings.json") for key in keys(plan)]
        assert None not in settings
        kept = SweepStore(home.store()).plan("small")
        assert kept is not None
        assert [cell["key"] for cell in kept["cells"]] == list(keys(plan))
        assert {"git", "versions", "hardware"} == set(kept["environment"])
        assert (home.root / "README.md").exists()
        happened.append("step")

    without_ray(monkeypatch, look)
    run(
        plan,
        on_planned=lambda: happened.append(f"planned {', '.join(SweepStore(home.store()).names())}"),
        on_first_step=lambda: happened.append("first step told"),
    )
    assert happened == ["planned small", "step", "first step told", *["step"] * 7]


def test_what_a_second_signal_does_is_said_after_a_first_one_only() -> None:
    refused, signalled = StopSwitch(), StopSwitch()
    refused.request("no space is left")
    signalled.note(signal.SIGTERM)
    said = [driver._said_when_asked(switch, 2) for switch in (refused, signalled)]
    assert said == [
        "no space is left: 2 trials are asked for a checkpoint",
        "SIGTERM received: 2 trials are asked for a checkpoint; once more ends them at once",
    ]
