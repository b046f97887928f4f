"""How a piece of work ends: finished, diverged, failed, held or lost; always said, never raised."""

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from orchestrator.run.cell_work import CellWork, Step
from orchestrator.store import CellStore, Holder, Lease, LocalStore, Store, StoreError, newest_holder
from orchestrator.store.base import seal
from orchestrator.store.cell_paths import CellPaths
from trainables.classifier import CellTraining
from trainables.config import CellConfig
from trainables.data.tokens import TokenizedCorpus

KEY = "c0ffee" * 5 + "00"
PATHS = CellPaths(KEY)
MakeWork = Callable[..., CellWork]
MakeConfig = Callable[..., CellConfig]
CarryOut = Callable[[CellWork], Step]


def names_of(store: Store) -> list[str]:
    """All records of the cell but the lease's."""
    return [name for name in store.names(PATHS.folder) if not name.startswith(PATHS.lease)]


# Finished.


def test_a_cell_takes_a_step_an_epoch_and_the_last_one_finishes_it(store: Store, work: MakeWork) -> None:
    cell = work()
    steps = [cell.step() for _ in range(3)]
    assert [(step.status, step.epoch) for step in steps] == [("epoch", 1), ("epoch", 2), ("finished", 3)]
    stored = CellStore(store).result(KEY)
    assert stored is not None
    assert steps[2].metrics == stored.result.final
    assert steps[0].metrics == CellStore(store).history(KEY)[0].metrics
    assert cell.step() == steps[2]  # it is over, and stays so


def test_each_epoch_is_stored_before_it_is_told(store: Store, work: MakeWork) -> None:
    cell = work()
    for epoch in (1, 2):
        cell.step()
        assert CellStore(store).epochs_stored(KEY) == epoch
        newest = CellStore(store).newest_try(KEY).checkpoints.newest(at_most=9)
        assert newest is not None
        assert newest.epochs_done == epoch


def test_a_finished_cell_is_not_trained_again_and_its_store_is_left_alone(
    store: Store, work: MakeWork, carry_out: CarryOut, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = carry_out(work())
    before = {name: store.read(name) for name in store.names("")}
    monkeypatch.setattr(CellTraining, "advance", lambda self, stop: pytest.fail("trained again"))
    assert carry_out(work()) == first
    assert {name: store.read(name) for name in store.names("")} == before


def test_a_cell_that_its_holder_finishes_while_we_wait_is_not_trained_again(
    store: Store, work: MakeWork, carry_out: CarryOut, monkeypatch: pytest.MonkeyPatch
) -> None:
    acquire = Lease.acquire

    def acquire_late(self: Lease, **options: Any) -> Lease:
        monkeypatch.undo()
        carry_out(work())  # the other worker's end, and its release
        return acquire(self, **options)

    monkeypatch.setattr(Lease, "acquire", acquire_late)
    second = work()
    assert second.step().status == "finished"
    assert len(CellStore(store).sessions(KEY)) == 1


# Diverged.


def test_a_diverging_cell_is_concluded_as_diverged_and_stays_so(
    store: Store, work: MakeWork, make_config: MakeConfig, carry_out: CarryOut
) -> None:
    config = make_config(learning_rate=1e30, warmup=0)
    step = carry_out(work(config=config))
    assert step.status == "diverged"
    assert "in epoch 1, step 1" in step.message
    assert "a lower training.learning_rate or training.clip_norm: 1" in step.message
    stored = CellStore(store).result(KEY)
    assert stored is not None
    assert (stored.result.status, stored.result.epochs, stored.result.divergence) == ("diverged", 0, step.message)
    assert (stored.files, CellStore(store).failures(KEY)) == ({}, [])
    assert carry_out(work(config=config)) == step  # never tried again


# Failed.


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (ValueError("a defect in the model"), "ValueError: a defect in the model"),
        (MemoryError(), r"out of memory \(MemoryError: \)"),
        (torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB"), "out of memory .*allocate 2 GiB"),
        (RuntimeError("DefaultCPUAllocator: can't allocate memory: Out of memory"), "^out of memory"),
        (
            RuntimeError("CUDA error: an illegal memory access was encountered"),
            "^RuntimeError: CUDA error: an illegal memory access was encountered$",
        ),
    ],
    ids=["defect", "python memory", "cuda memory", "cpu memory", "cuda defect"],
)
def test_an_error_of_the_cell_itself_is_stored_with_its_traceback_and_not_raised(
    error: Exception, message: str, store: Store, work: MakeWork, monkeypatch: pytest.MonkeyPatch
) -> None:
    cell = work()
    cell.step()

    def a_line_of_the_model(self: CellTraining, stop: object) -> None:
        raise error

    monkeypatch.setattr(CellTraining, "advance", a_line_of_the_model)
    step = cell.step()
    assert step.status == "failed"
    (failure,) = CellStore(store).failures(KEY)
    assert re.search(message, step.message)
    assert failure["error"] == step.message
    assert "in a_line_of_the_model" in failure["traceback"]
    assert failure["epoch"] == 2
    assert ("training.batch_size" in step.message) == ("out of memory" in step.message.lower())
    assert CellStore(store).result(KEY) is None


def test_an_error_before_the_first_epoch_is_a_failure_too(
    store: Store, work: MakeWork, make_config: MakeConfig
) -> None:
    config = make_config().model_copy(
        update={"split": make_config().split.model_copy(update={"validation": {"of": "nowhere"}})}
    )
    step = work(config=config).step()
    assert step.status == "failed"
    assert [failure["epoch"] for failure in CellStore(store).failures(KEY)] == [0]


def test_a_failed_cell_goes_on_from_its_last_epoch_when_it_is_taken_up_again(
    store: Store, work: MakeWork, carry_out: CarryOut, monkeypatch: pytest.MonkeyPatch
) -> None:
    cell = work()
    cell.step()
    with monkeypatch.context() as patched:
        patched.setattr(CellTraining, "advance", lambda self, stop: 1 / 0)
        assert cell.step().message == "ZeroDivisionError: division by zero"
    cell.close()
    assert carry_out(work()).status == "finished"
    assert [session["epochs_done"] for session in CellStore(store).sessions(KEY)] == [0, 1]


def test_a_cell_that_has_failed_is_tried_again_in_another_run_only(
    work: MakeWork, carry_out: CarryOut, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(CellTraining, "advance", lambda self, stop: 1 / 0)
        first = carry_out(work(run="this"))
        patched.setattr(CellTraining, "advance", lambda self, stop: pytest.fail("tried again"))
        step = carry_out(work(run="this"))
    assert first == Step("failed", message="ZeroDivisionError: division by zero")
    assert step == Step("failed", message="ZeroDivisionError: division by zero", seen_before=True)
    assert carry_out(work(run="another")).status == "finished"


@pytest.mark.parametrize("when", [0, 1, 2])
def test_a_write_into_the_shared_token_arrays_makes_the_result_void(
    when: int, store: Store, work: MakeWork, writable: TokenizedCorpus
) -> None:
    cell = work(corpus=writable)
    for _ in range(when):
        assert cell.step().status == "epoch"
    ids = writable.splits["test"].ids
    ids[0] = (ids[0] + 1) % 30
    while (step := cell.step()).status == "epoch":
        pass
    assert step.status == "failed"
    assert "the shared token arrays were written to while this cell trained; its result is void" in step.message
    assert CellStore(store).result(KEY) is None


# Held, and lost.


def test_a_cell_that_a_living_process_holds_is_left_to_it(
    store: Store, work: MakeWork, monkeypatch: pytest.MonkeyPatch
) -> None:
    acquire = Lease.acquire
    monkeypatch.setattr(Lease, "acquire", lambda lease, **_: acquire(lease))  # not until it renews twice
    holder = Holder.this_process(now=2e9).model_copy(update={"host": "elsewhere", "pid": 7})
    store.create(f"{PATHS.lease}/000001.json", seal(holder.model_dump()))
    cell = work()
    step = cell.step()
    assert step.status == "held"
    assert step.message.startswith("held by process 7 on elsewhere, since 2033-")
    cell.close()
    assert names_of(store) == []
    assert len(store.names(PATHS.lease)) == 1


def test_a_worker_that_was_taken_over_stops_before_its_next_epoch(
    store: Store, work: MakeWork, carry_out: CarryOut
) -> None:
    old = work()
    old.step()
    assert carry_out(work()).status == "finished"
    before = {name: store.read(name) for name in store.names("")}
    old.lease.renew()  # as its thread does
    assert old.step() == Step("held", message="another worker has taken this cell over")
    old.close()
    assert {name: store.read(name) for name in store.names("")} == before


def test_a_worker_that_has_not_noticed_takes_over_what_it_finds_stored(
    store: Store, work: MakeWork, carry_out: CarryOut, bits: Callable[[Store], dict[str, Any]]
) -> None:
    old = work()
    old.step()
    carry_out(work())
    before = (bits(store), CellStore(store).history(KEY), CellStore(store).result(KEY))
    assert old.step().status == "epoch"
    assert old.step().status == "finished"
    assert (bits(store), CellStore(store).history(KEY), CellStore(store).result(KEY)) == before
    assert not store.names(PATHS.checkpoints)


def test_a_store_that_cannot_be_read_ends_the_work_as_lost(
    store: Store, work: MakeWork, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(name: str) -> bytes:
        raise StoreError("the disk is gone")

    cell = work()
    monkeypatch.setattr(store, "read", refuse)
    assert cell.step() == Step("lost", message="the disk is gone")
    cell.close()


def test_closing_gives_the_lease_back_to_whoever_comes_next(store: Store, work: MakeWork) -> None:
    cell = work()
    cell.step()
    cell.close()
    holder = newest_holder(store, PATHS.lease)
    assert holder is not None
    assert holder.pid == os.getpid()
    assert holder.released


# What a cell's bits depend on.


def test_a_cell_does_not_depend_on_who_trains_beside_it_in_the_same_process(
    store: Store, tmp_path: Path, work: MakeWork, make_config: MakeConfig, carry_out: CarryOut, bits: Any
) -> None:
    carry_out(work())
    beside, other = LocalStore(tmp_path / "beside"), LocalStore(tmp_path / "other")
    one, two = work(store=beside), work(store=other, config=make_config("binary_cross_entropy", learning_rate=0.1))
    while one.step().status == "epoch":
        two.step()
        torch.manual_seed(0)
        np.random.seed(0)
    assert bits(beside) == bits(store)
