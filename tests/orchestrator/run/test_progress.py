"""What the user sees while a sweep runs: counts and the time left, as lines and as a table."""

import io
import re
from collections.abc import Callable
from types import SimpleNamespace

import pytest
from rich.console import Console

from orchestrator.plan import Plan, PlannedCell
from orchestrator.run.cell_work import Step
from orchestrator.run.progress import LiveProgress, PlainProgress, Tally, make_progress
from orchestrator.spec import SweepSpec

SPEC = SweepSpec.model_validate(
    {
        "name": "small",
        "data": "synthetic",
        "vary": {"loss": ["cross_entropy", "binary_cross_entropy"]},
        "training": {"epochs": 3},
        "seeds": 2,
    }
)
CROSS, BINARY = "loss=cross_entropy", "loss=binary_cross_entropy"
METRICS = {"train_loss": 0.5, "train_accuracy": 0.75, "validation_loss": 0.625, "validation_accuracy": 0.8125}


@pytest.fixture
def plan() -> Plan:
    """Four cells of three epochs: both losses of seed 0, then of seed 1."""
    cells = [
        PlannedCell(f"key {n}", cell.arm.name, cell.config.seed, cell.config, "corpus", "fingerprint")
        for n, cell in enumerate(SPEC.cells)
    ]
    return Plan(SPEC, tuple(cells), {}, ())


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    clock = SimpleNamespace(now=1_700_000_000.0)
    monkeypatch.setattr("orchestrator.run.progress.time", SimpleNamespace(time=lambda: clock.now))
    return clock


def nothing_stored(_: str) -> int:
    return 0


def epoch(number: int) -> Step:
    return Step("epoch", number, metrics=METRICS)


END = Step("finished", 3, metrics={**METRICS, "test_accuracy": 0.5})


# Counting.


def test_a_cell_is_left_then_running_then_over(plan: Plan) -> None:
    first, second, *_ = plan.cells
    tally = Tally(plan, [], nothing_stored)
    assert tally.arms == [CROSS, BINARY]
    assert tally.counts(CROSS) == {"left": 2}
    tally.told(first, epoch(1))
    assert tally.counts(CROSS) == {"running": 1, "left": 1}
    tally.told(first, END)
    assert tally.counts(CROSS) == {"finished": 1, "left": 1}
    assert tally.counts(BINARY) == {"left": 2}
    tally.told(second, Step("diverged", 0, "the loss became nan"))
    assert tally.counts(BINARY) == {"diverged": 1, "left": 1}


@pytest.mark.parametrize("status", ["diverged", "failed", "held", "lost"])
def test_a_cell_that_ends_otherwise_is_counted_by_how_it_ended(status, plan: Plan) -> None:
    tally = Tally(plan, [], nothing_stored)
    tally.told(plan.cells[0], epoch(1))
    tally.told(plan.cells[0], Step(status))
    assert tally.counts(CROSS) == {status: 1, "left": 1}


def test_what_was_done_before_is_finished_from_the_start(plan: Plan) -> None:
    tally = Tally(plan, ["key 0", "key 2"], nothing_stored)
    assert tally.counts(CROSS) == {"finished": 2}
    assert tally.counts(BINARY) == {"left": 2}


# The time left.


def test_the_pace_is_that_of_the_epochs_since_the_first_for_ray_takes_its_time_to_start(
    plan: Plan, clock: SimpleNamespace
) -> None:
    tally = Tally(plan, [], nothing_stored)
    assert tally.seconds_left() is None
    clock.now += 1000
    tally.told(plan.cells[0], epoch(1))
    assert tally.seconds_left() is None  # 11 of 12 epochs are left, and no second one to measure by
    clock.now += 5
    tally.told(plan.cells[1], epoch(1))
    assert tally.seconds_left() == pytest.approx(5 * 10)
    clock.now += 7
    tally.told(plan.cells[0], epoch(2))
    assert tally.seconds_left() == pytest.approx((5 + 7) / 2 * 9)


def test_epochs_that_were_stored_before_are_not_left(plan: Plan, clock: SimpleNamespace) -> None:
    tally = Tally(plan, ["key 0"], {"key 1": 2, "key 2": 1, "key 3": 0}.__getitem__)  # 1 + 2 + 3 are left
    tally.told(plan.cells[2], epoch(2))
    clock.now += 10
    tally.told(plan.cells[1], END)
    assert tally.seconds_left() == pytest.approx(10 * 4)


def test_a_cell_that_has_failed_takes_no_more_time(plan: Plan, clock: SimpleNamespace) -> None:
    tally = Tally(plan, ["key 0", "key 1"], nothing_stored)
    tally.told(plan.cells[2], epoch(1))
    clock.now += 10
    tally.told(plan.cells[2], Step("failed", message="a defect"))
    clock.now += 10
    tally.told(plan.cells[3], epoch(1))
    assert tally.seconds_left() == pytest.approx(20 / 3 * 2)  # of the 5 epochs left then, 2 are
    tally.told(plan.cells[3], END)
    assert tally.seconds_left() == 0


def test_a_worker_that_was_lost_with_its_epoch_makes_no_time_out_of_nothing(
    plan: Plan, clock: SimpleNamespace
) -> None:
    tally = Tally(plan, [], nothing_stored)
    tally.told(plan.cells[0], epoch(2))
    clock.now += 10
    tally.told(plan.cells[0], epoch(1))  # its second one is trained again
    assert tally.seconds_left() is None


# Lines.


@pytest.fixture
def lines(plan: Plan) -> tuple[PlainProgress, Callable[[], list[str]]]:
    """Plain progress of the plan, and how to read what it has printed since."""
    stream = io.StringIO()
    progress = PlainProgress(Tally(plan, ["key 3"], nothing_stored), Console(file=stream, width=40))

    def read() -> list[str]:
        said = stream.getvalue().splitlines()
        stream.seek(0)
        stream.truncate()
        return said

    return progress, read


Lines = tuple[PlainProgress, Callable[[], list[str]]]


def test_an_epoch_has_a_line_now_and_then_and_the_end_of_a_cell_always(
    lines: Lines, plan: Plan, clock: SimpleNamespace
) -> None:
    progress, read = lines
    first, second, third, _ = plan.cells
    progress.start()
    progress.told(first, epoch(1))
    assert read() == [f"[1/4] {CROSS}, seed 0: epoch 1/3, validation accuracy 81.25%"]
    clock.now += 9.9
    progress.told(first, epoch(2))
    assert read() == []
    clock.now += 0.1
    progress.told(second, epoch(1))
    # Ten seconds for two epochs since the first, and six left.
    assert read() == [f"[1/4] {BINARY}, seed 0: epoch 1/3, validation accuracy 81.25% · about 30 s left"]
    progress.told(first, END)
    progress.told(second, Step("failed", message="ValueError: a [red]defect[/red]"))
    assert read() == [
        f"[2/4] {CROSS}, seed 0: finished, validation accuracy 81.25% · about 17 s left",
        f"[3/4] {BINARY}, seed 0: failed (ValueError: a [red]defect[/red]) · about 6 s left",
    ]
    clock.now += 20
    progress.told(third, END)
    assert read() == [f"[4/4] {CROSS}, seed 1: finished, validation accuracy 81.25%"]
    progress.stop()
    assert read() == []


# A table.


def frame(told: list[tuple[PlannedCell, Step]], tally: Tally) -> list[list[str]]:
    """The last that a terminal shows: title, header, then a row an arm, by cells."""
    stream = io.StringIO()
    progress = LiveProgress(tally, Console(file=stream, force_terminal=True, width=160))
    progress.start()
    for cell, step in told:
        progress.told(cell, step)
    progress.stop()
    plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", stream.getvalue()).splitlines()
    title = max(number for number, line in enumerate(plain) if "cells done" in line)
    return [[word.strip() for word in re.split("[┃│]", line.strip("┃│"))] for line in plain[title:]]


def test_the_table_has_a_row_an_arm_with_counts_and_the_latest_metrics(plan: Plan, clock: SimpleNamespace) -> None:
    first, second, third, _ = plan.cells
    told = [(second, Step("diverged", 0, "the loss became nan")), (first, epoch(1)), (third, epoch(2))]
    rows = {row[0]: row[1:] for row in frame(told, Tally(plan, ["key 3"], nothing_stored))}
    assert rows["arm"] == [
        *("done", "running", "left", "other"),
        *("train loss", "train accuracy", "validation loss", "validation accuracy"),
    ]
    assert rows[CROSS] == ["0", "2", "0", "0", "0.5000", "0.7500", "0.6250", "0.8125"]
    assert rows[BINARY] == ["1", "0", "0", "1", "", "", "", ""]


def test_the_title_says_how_many_cells_are_done_and_how_long_the_rest_takes(
    plan: Plan, clock: SimpleNamespace
) -> None:
    first, second, third, _ = plan.cells
    tally = Tally(plan, ["key 3"], nothing_stored)
    assert frame([], tally)[0] == ["1 of 4 cells done"]
    assert frame([(first, epoch(1))], tally)[0] == ["1 of 4 cells done"]
    clock.now += 60
    assert frame([(first, END)], tally)[0] == ["2 of 4 cells done · about 3 min 0 s left"]
    # To diverge is an outcome; to fail is not, and is done by the next run.
    assert frame([(second, Step("diverged"))], tally)[0] == ["3 of 4 cells done · about 36 s left"]
    assert frame([(third, Step("failed", message="a defect"))], tally)[0] == ["3 of 4 cells done"]


def test_the_table_goes_when_the_sweep_ends(plan: Plan) -> None:
    stream = io.StringIO()
    progress = LiveProgress(Tally(plan, [], nothing_stored), Console(file=stream, force_terminal=True, width=160))
    progress.start()
    progress.stop()
    assert stream.getvalue().endswith("\x1b[1A\x1b[2K")  # a line up, and that line erased


def test_a_terminal_gets_the_table_and_a_file_the_lines(plan: Plan) -> None:
    tally = Tally(plan, [], nothing_stored)
    assert isinstance(make_progress(tally, Console(file=io.StringIO(), force_terminal=True)), LiveProgress)
    assert isinstance(make_progress(tally, Console(file=io.StringIO())), PlainProgress)
