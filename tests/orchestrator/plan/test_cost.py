"""What a plan costs, before launch."""

import dataclasses
import re
from pathlib import Path
from typing import Any, NoReturn

import pytest
import torch

from orchestrator.plan import Plan, prepare_sweep
from orchestrator.plan.cost import CELL_SECONDS, EPOCH_SECONDS, ArmCost, arm_costs, seconds_left
from orchestrator.spec import SweepSpec
from trainables.classifier import CellTraining
from trainables.config import CellConfig
from trainables.data.batches import PartBatches
from trainables.errors import MachineError

SWEEP: dict[str, Any] = {
    "name": "small",
    "data": {"source": "synthetic", "train_rows": 40, "test_rows": 30, "median_words": 20},
    "split": {"validation": {"of": "test", "size": 10}},
    "tokens": {"max_length": 16},
    "model": {"name": "bag_of_embeddings", "width": 2},
    "vary": {"loss": ["cross_entropy", "binary_cross_entropy"]},
    "training": {"epochs": 4, "batch_size": 16},
    "seeds": 2,
}


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Plan:
    return prepare_sweep(SweepSpec.model_validate(SWEEP), tmp_path_factory.mktemp("cache"))


def test_each_arm_is_counted_by_hand(plan: Plan) -> None:
    costs = {cost.arm: cost for cost in arm_costs(plan, threads=1)}
    for arm, outputs in (("loss=cross_entropy", 2), ("loss=binary_cross_entropy", 1)):
        cost = costs[arm]
        # A table of width 2, and a linear head of 2 → outputs with biases.
        assert cost.parameters == 2 * cost.live_tokens + 3 * outputs
        assert cost.steps == 4 * 3  # 40 rows in batches of 16
        # float32 weights; row, label, logits and two log probabilities of 10 validation and 20 test reviews.
        assert cost.kept_bytes == 4 * cost.parameters + 30 * (2 + outputs + 2) * 8
        assert cost.seconds > 0
    assert costs["loss=cross_entropy"].live_tokens == costs["loss=binary_cross_entropy"].live_tokens


def test_calibrating_one_cell_leaves_no_trace_in_the_plan(plan: Plan) -> None:
    before = {name: corpus.digest() for name, corpus in plan.corpora.items()}
    arm_costs(plan, threads=1)
    assert {name: corpus.digest() for name, corpus in plan.corpora.items()} == before
    assert all(isinstance(cell.config, CellConfig) for cell in plan.cells)


def test_what_torch_loads_once_for_the_first_optimizer_is_no_cost_of_the_first_arm(
    plan: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    now_s, loading_s, made = [0.0], [100.0], torch.optim.AdamW.__init__

    def slow_at_first(self: torch.optim.AdamW, *words: Any, **options: Any) -> None:
        now_s[0] += loading_s.pop() if loading_s else 0.0
        made(self, *words, **options)

    monkeypatch.setattr(torch.optim.AdamW, "__init__", slow_at_first)
    monkeypatch.setattr("time.perf_counter", lambda: now_s[0])
    assert [cost.seconds < 100 for cost in arm_costs(plan, threads=1)] == [True, True]
    assert now_s == [100.0]


def test_a_cell_costs_its_set_up_training_scoring_and_storing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By a clock that only set-up and packing move: 7 seconds a cell, half a second a batch."""
    larger = {"source": "synthetic", "train_rows": 160, "test_rows": 30, "median_words": 20}
    # So short that every review has as many tokens.
    plan = prepare_sweep(SweepSpec.model_validate({**SWEEP, "data": larger, "tokens": {"max_length": 4}}), tmp_path)
    clock = [0.0]

    def taking(seconds: float, work: Any) -> Any:
        def timed(*given: Any, **named: Any) -> Any:
            clock[0] += seconds
            return work(*given, **named)

        return timed

    monkeypatch.setattr("time.perf_counter", lambda: clock[0])
    monkeypatch.setattr(CellTraining, "__init__", taking(7.0, CellTraining.__init__))
    monkeypatch.setattr(PartBatches, "_pack", taking(0.5, PartBatches._pack))
    cost = arm_costs(plan, threads=1)[0]
    # An epoch: 160 training reviews in batches of 16, and 10 in one of validation; at the end 30 at that pace.
    epoch, evaluated = 10 * 0.5, 0.5 / 10
    assert cost.seconds == pytest.approx(
        7 + 4 * (epoch + 10 * evaluated + EPOCH_SECONDS) + 30 * evaluated + CELL_SECONDS
    )


def test_the_time_left_is_what_is_not_done_shared_by_the_slots(plan: Plan) -> None:
    seconds = {"loss=cross_entropy": 40.0, "loss=binary_cross_entropy": 80.0}
    costs = tuple(ArmCost(arm, 0, 0, 0, took, 0) for arm, took in seconds.items())
    first, second, third, fourth = (cell.key for cell in plan.cells)
    assert seconds_left(plan, costs, {}, slots=1) == 240
    assert seconds_left(plan, costs, {}, slots=2) == 120
    # Of four epochs: all of the first cell, one of the second: 0 + 60 + 40 + 80.
    assert seconds_left(plan, costs, {first: 4, second: 1}, slots=1) == 180
    # However many slots there are, the longest cell takes its time.
    assert seconds_left(plan, costs, {}, slots=100) == 80
    assert seconds_left(plan, costs, dict.fromkeys((first, second, third, fourth), 4), slots=2) == 0


@pytest.mark.parametrize(
    ("cuda", "gpus", "device"),
    [(True, "auto", "cuda:0"), (True, 0.5, "cuda:0"), (True, 0, "cpu"), (False, "auto", "cpu")],
)
def test_an_arm_is_timed_where_its_cells_will_train(
    cuda: bool, gpus: float | str, device: str, plan: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    class SeenError(Exception):
        pass

    def training(*_: Any, device: str, **__: Any) -> NoReturn:
        raise SeenError(device)

    monkeypatch.setattr("torch.cuda.is_available", lambda: cuda)
    monkeypatch.setattr("orchestrator.plan.cost.CellTraining", training)
    resources = plan.spec.resources.model_copy(update={"gpus": gpus})
    elsewhere = dataclasses.replace(plan, spec=plan.spec.model_copy(update={"resources": resources}))
    with pytest.raises(SeenError, match=f"^{device}$"):
        arm_costs(elsewhere, threads=1)


# An arm that this machine cannot hold.

TOO_LARGE = re.escape(
    "the arm model.width=1099511627776 does not fit into this machine's memory; a smaller model, tokens.max_length "
    "or training.batch_size needs less"
)


def test_an_arm_whose_model_is_too_large_for_memory_is_named_with_what_needs_less(
    tmp_path: Path,
) -> None:
    # A petabyte and more, which is beyond what a process can address, let alone have.
    spec = SweepSpec.model_validate({**SWEEP, "vary": {"model.width": [2, 2**40]}, "loss": "cross_entropy"})
    with pytest.raises(MachineError, match=TOO_LARGE):
        arm_costs(prepare_sweep(spec, tmp_path), threads=1)


NO_MEMORY = [
    pytest.param(MemoryError(), id="python"),
    pytest.param(torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB"), id="cuda"),
    pytest.param(RuntimeError("DefaultCPUAllocator: can't allocate memory"), id="cpu"),
]


@pytest.mark.parametrize("error", NO_MEMORY)
@pytest.mark.parametrize("where", ["CellTraining", "train_epoch"])
def test_memory_may_run_out_as_the_model_is_made_or_in_a_step(
    error: Exception, where: str, plan: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(f"orchestrator.plan.cost.{where}", raising(error))
    with pytest.raises(MachineError, match=r"^the arm loss=cross_entropy does not fit into"):
        arm_costs(plan, threads=1)


@pytest.mark.parametrize("where", ["CellTraining", "train_epoch"])
def test_a_defect_is_not_taken_for_want_of_memory(where: str, plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(f"orchestrator.plan.cost.{where}", raising(RuntimeError("an illegal memory access")))
    with pytest.raises(RuntimeError, match=r"^an illegal memory access$"):
        arm_costs(plan, threads=1)


def raising(error: Exception) -> Any:
    def raises(*_: Any, **__: Any) -> NoReturn:
        raise error

    return raises
