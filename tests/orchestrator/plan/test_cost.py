"""What a plan costs, before launch."""

from collections.abc import Iterator

import pytest
import torch

from orchestrator.plan import Plan, prepare_sweep
from orchestrator.plan.cost import ArmCost, arm_costs, seconds_left
from orchestrator.spec import SweepSpec
from trainables.config import CellConfig


@pytest.fixture(autouse=True)
def _process_as_it_was() -> Iterator[None]:
    """Calibrating sets what a cell sets."""
    yield
    torch.set_flush_denormal(False)
    torch.use_deterministic_algorithms(False)


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Plan:
    spec = SweepSpec.model_validate(
        {
            "name": "small",
            "data": {"source": "synthetic", "train_rows": 40, "test_rows": 30, "median_words": 20},
            "split": {"validation": {"of": "test", "size": 10}},
            "tokens": {"max_length": 16},
            "model": {"name": "bag_of_embeddings", "width": 2},
            "vary": {"loss": ["cross_entropy", "binary_cross_entropy"]},
            "training": {"epochs": 4, "batch_size": 16},
            "seeds": 2,
        }
    )
    return prepare_sweep(spec, tmp_path_factory.mktemp("cache"))


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
