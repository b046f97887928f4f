"""What the end of a run says of cells that it could not finish: which, why, and where to look."""

from pathlib import Path
from typing import Any, NoReturn

import pytest

from orchestrator.cli.unfinished import unfinished
from orchestrator.plan import Plan, PlannedCell, key_material, prepare_sweep
from orchestrator.run.cell_work import CellWork, Step
from orchestrator.run.driver import RunSummary
from orchestrator.spec import SweepSpec
from orchestrator.store import CellStore, Home
from orchestrator.store.cell_paths import CellPaths
from trainables.classifier import CellTraining
from trainables.errors import DivergedError

EPOCHS = 2


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home.at(tmp_path / "home")


@pytest.fixture
def plan(home: Home) -> Plan:
    settings: dict[str, Any] = {
        "name": "small",
        "data": {"source": "synthetic", "train_rows": 32, "test_rows": 20, "median_words": 20},
        "split": {"validation": {"of": "test", "size": 10}},
        "model": {"name": "bag_of_embeddings", "width": 2},
        "training": {"epochs": EPOCHS},
        "vary": {"loss": ["cross_entropy", "binary_cross_entropy"]},
        "seeds": 2,
    }
    return prepare_sweep(SweepSpec.model_validate(settings), home.token_cache)


def carried_out(cell: PlannedCell, plan: Plan, home: Home) -> Step:
    """The last step of a cell."""
    CellStore(home.store()).begin(cell.key, key_material(cell.config, cell.fingerprint))
    work = CellWork(cell.key, cell.config, plan.corpora[cell.corpus], home.store(), device="cpu", threads=1)
    while (step := work.step()).status == "epoch":
        pass
    work.close()
    return step


def said_of(plan: Plan, home: Home, ended: dict[PlannedCell, Step]) -> list[str]:
    """What is said of cells whose last steps were these."""
    by_status = {
        status: tuple(cell.key for cell, step in ended.items() if step.status == status)
        for status in ("diverged", "failed", "lost", "held")
    }
    messages = {cell.key: step.message for cell, step in ended.items()}
    summary = RunSummary(finished=(), trained=(), left=(), messages=messages, **by_status)
    return list(unfinished(plan, summary, home))


def failing_in(epoch: int) -> Any:
    """A training whose given epoch raises; the one after the last is the evaluation at the end."""
    advance, outcome = CellTraining.advance, CellTraining.outcome

    def failing(training: CellTraining, *given: Any) -> Any:
        if training.epochs_done == epoch - 1:
            raise RuntimeError("no such kernel")
        return (outcome if training.finished else advance)(training, *given)

    return failing


@pytest.mark.parametrize(
    ("epoch", "when"), [(1, "in epoch 1"), (2, "in epoch 2"), (EPOCHS + 1, "after its last epoch")]
)
def test_a_failed_cell_is_named_with_its_error_its_epoch_and_its_traceback(
    epoch: int, when: str, plan: Plan, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(CellTraining, "advance", failing_in(epoch))
    monkeypatch.setattr(CellTraining, "conclude", failing_in(epoch))
    cell = plan.cells[0]
    first, second = said_of(plan, home, {cell: carried_out(cell, plan, home)})
    assert first == "failed: loss=cross_entropy, seed 0: RuntimeError: no such kernel"
    assert second == f"  {when}; traceback: {home.failures(cell.key)}"
    (file,) = Path(home.failures(cell.key)).iterdir()
    assert "Traceback (most recent call last)" in file.read_text()


def test_a_cell_that_fails_before_its_first_epoch_says_so(
    plan: Plan, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_room(*_: Any, **__: Any) -> NoReturn:
        raise ValueError("it cannot be built")

    monkeypatch.setattr(CellTraining, "__init__", no_room)
    cell = plan.cells[0]
    _, second = said_of(plan, home, {cell: carried_out(cell, plan, home)})
    assert second == f"  while it was set up; traceback: {home.failures(cell.key)}"


def test_cells_of_an_arm_that_fail_alike_share_a_line(
    plan: Plan, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(CellTraining, "advance", failing_in(1))
    said = said_of(plan, home, {cell: carried_out(cell, plan, home) for cell in plan.cells})
    assert [line for line in said if not line.startswith(" ")] == [
        "failed: loss=cross_entropy, seeds 0, 1: RuntimeError: no such kernel",
        "failed: loss=binary_cross_entropy, seeds 0, 1: RuntimeError: no such kernel",
    ]
    assert f"traceback of the first: {home.failures(plan.cells[0].key)}" in said[1]


def test_a_cell_whose_workers_were_lost_points_to_rays_log_and_to_no_older_traceback(
    plan: Plan, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost = Step("failed", message="lost 4 workers: its worker died")
    cell, other = plan.cells[:2]
    with monkeypatch.context() as failing:
        failing.setattr(CellTraining, "advance", failing_in(1))
        carried_out(other, plan, home)
    assert said_of(plan, home, {cell: lost, other: lost}) == [
        "failed: loss=cross_entropy, seed 0: lost 4 workers: its worker died",
        f"  there is no traceback; Ray's log: {home.ray_log('small')}",
        "failed: loss=binary_cross_entropy, seed 0: lost 4 workers: its worker died",
        f"  there is no traceback; Ray's log: {home.ray_log('small')}",
    ]


@pytest.mark.parametrize("epoch", [1, 2])
def test_a_diverged_cell_points_to_the_epochs_before_for_it_has_no_traceback(
    epoch: int, plan: Plan, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    advance = CellTraining.advance

    def diverging(training: CellTraining, *given: Any) -> Any:
        if training.epochs_done == epoch - 1:
            raise DivergedError(epoch=epoch, step=3, loss=float("nan"), learning_rate=1.0, gradient_norm=2.0)
        return advance(training, *given)

    monkeypatch.setattr(CellTraining, "advance", diverging)
    cell = plan.cells[1]
    first, second, third = said_of(plan, home, {cell: carried_out(cell, plan, home)})
    epochs = str(home.root / CellPaths(cell.key).history)
    named = "diverged: loss=binary_cross_entropy, seed 0: "
    assert first.startswith(f"{named}the loss became nan in epoch {epoch}, step 3 (learning rate 1, ")
    assert second == {
        1: "  in its first epoch, so that there are no earlier ones to look at",
        2: f"  the epoch before: {epochs}",
    }.get(epoch)
    assert Path(epochs).exists() == (epoch == 2)
    assert third == "1 cell diverged: an outcome, not tried again; --retry-diverged trains it from the start"


def test_a_cell_that_somebody_else_holds_is_named_with_who_it_is(plan: Plan, home: Home) -> None:
    held = Step("held", message="host 7, process 5, since 12:00")
    assert said_of(plan, home, {plan.cells[0]: held}) == [
        "held: loss=cross_entropy, seed 0: host 7, process 5, since 12:00"
    ]
