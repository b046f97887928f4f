"""A cell that diverged and is tried again: trained from its start, as if it had never been begun."""

import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from mortal import Killed, MortalStore

from orchestrator.run.cell_work import CellWork, Step
from orchestrator.store import CellStore, LocalStore, Store
from orchestrator.store.cell_try import CellTry
from orchestrator.store.superseded import supersede
from trainables.classifier import CellTraining
from trainables.errors import DivergedError
from trainables.records import EpochRecord

KEY = "c0ffee" * 5 + "00"
MakeWork = Callable[..., CellWork]
CarryOut = Callable[[CellWork], Step]
Bits = Callable[[Store], dict[str, Any]]
Diverge = Callable[[Store], None]


@pytest.fixture
def diverge(work: MakeWork, carry_out: CarryOut, monkeypatch: pytest.MonkeyPatch) -> Diverge:
    """Has the cell diverge in its third epoch, and its second come out otherwise, as on another machine."""
    advance = CellTraining.advance

    def otherwise(self: CellTraining, *arguments: Any) -> EpochRecord:
        if self.epochs_done == 2:
            raise DivergedError(epoch=3, step=8, loss=float("nan"), learning_rate=0.02, gradient_norm=1.0)
        record = advance(self, *arguments)
        assert record is not None
        return record.model_copy(update={"metrics": {**record.metrics, "train_loss": 7.0}})

    def diverge(store: Store) -> None:
        with monkeypatch.context() as patched:
            patched.setattr(CellTraining, "advance", otherwise)
            assert carry_out(work(store=store)).status == "diverged"

    return diverge


def test_it_ends_with_the_bits_of_a_cell_that_was_never_begun(
    store: Store, tmp_path: Path, work: MakeWork, carry_out: CarryOut, bits: Bits, diverge: Diverge
) -> None:
    carry_out(work())
    retried = LocalStore(tmp_path / "retried")
    diverge(retried)
    seen = CellStore(retried).result(KEY)
    assert seen is not None
    assert supersede(retried, KEY, seen)
    assert carry_out(work(store=retried)).status == "finished"
    assert bits(retried) == bits(store)
    assert [record.metrics["train_loss"] for record in CellTry(retried, KEY).history()] == [7.0, 7.0]
    assert [session["try"] for session in CellStore(retried).sessions(KEY)] == [1, 2]


def test_a_kill_while_the_outcome_is_put_by_leaves_it_or_a_cell_with_those_bits(
    store: Store, tmp_path: Path, work: MakeWork, carry_out: CarryOut, bits: Bits, diverge: Diverge
) -> None:
    carry_out(work())
    statuses = []
    for changes in itertools.count():
        killed = LocalStore(tmp_path / f"after {changes} changes")
        diverge(killed)
        seen = CellStore(killed).result(KEY)
        assert seen is not None
        history = CellStore(killed).history(KEY)
        try:
            supersede(MortalStore(killed, changes, Killed), KEY, seen)  # type: ignore[arg-type]
            break
        except Killed:
            statuses.append(carry_out(work(store=killed)).status)
        if statuses[-1] == "diverged":
            assert CellStore(killed).history(KEY) == history
        else:
            assert bits(killed) == bits(store), killed.url
    assert set(statuses) == {"diverged", "finished"}
    assert statuses == sorted(statuses)
