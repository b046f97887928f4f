"""The schedule, the optimizer, and one step by hand."""

import math
from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from trainables.data.batches import PartBatches
from trainables.data.tokens import TokenizedRows, TokenSettings
from trainables.data.vocabulary import Vocabulary
from trainables.losses import CrossEntropy, HeadSettings
from trainables.models import BagOfEmbeddings, TransformerEncoder
from trainables.models.initialisation import initialise
from trainables.randomness import Streams
from trainables.training import (
    EpochSoFar,
    TrainingSettings,
    learning_rate_at,
    make_optimizer,
    train_epoch,
    untouched_shrinkage,
)


def rates(num_steps: int, **settings: object) -> list[float]:
    training = TrainingSettings.model_validate({"learning_rate": 8.0, **settings})
    return [learning_rate_at(step, num_steps, training) for step in range(num_steps)]


def test_the_linear_schedule_by_hand() -> None:
    assert rates(8, warmup=0.5, schedule="linear") == [2, 4, 6, 8, 8, 6, 4, 2]


def test_the_cosine_schedule_by_hand() -> None:
    halves = math.sqrt(0.5)
    expected = [4, 8, 8, 4 * (1 + halves), 4, 4 * (1 - halves)]
    assert rates(6, warmup=1 / 3, schedule="cosine") == pytest.approx(expected)


def test_the_constant_schedule_by_hand() -> None:
    assert rates(5, warmup=0.4, schedule="constant") == [4, 8, 8, 8, 8]


def test_without_warm_up_the_first_step_has_the_peak_rate() -> None:
    assert rates(4, warmup=0, schedule="linear") == [8, 6, 4, 2]


def test_a_share_of_a_step_warms_up_for_a_whole_one() -> None:
    assert rates(4, warmup=0.01, schedule="constant") == [8, 8, 8, 8]
    assert rates(4, warmup=0.26, schedule="constant") == [4, 8, 8, 8]


def test_warm_up_takes_its_share_of_steps_exactly() -> None:
    # 0.07 × 100 is 7.000000000000001 in floating point, and must not become 8 steps.
    peaks = [rates(100, warmup=percent / 100, schedule="constant").index(8.0) for percent in range(100)]
    assert peaks == [0, *range(99)]


@given(
    num_steps=st.integers(1, 60),
    warmup=st.floats(0, 0.99),
    schedule=st.sampled_from(["linear", "cosine", "constant"]),
)
def test_rates_rise_then_never_rise_again_and_stay_positive(num_steps: int, warmup: float, schedule: str) -> None:
    found = rates(num_steps, warmup=warmup, schedule=schedule)
    peak = found.index(max(found))
    assert found[peak] <= 8
    assert all(a < b for a, b in pairwise(found[: peak + 1]))
    assert all(a >= b for a, b in pairwise(found[peak:]))
    assert min(found) > 0


def test_decay_is_for_matrices_alone() -> None:
    model = TransformerEncoder(positions="learned").build(10, 8, 2)
    decayed, spared = make_optimizer(model, TrainingSettings(weight_decay=0.3)).param_groups
    names = {id(parameter): name for name, parameter in model.named_parameters()}
    assert (decayed["weight_decay"], spared["weight_decay"]) == (0.3, 0.0)
    assert {names[id(p)] for p in spared["params"]} == {
        name for name in names.values() if name.endswith("bias") or "norm" in name
    }
    assert len(decayed["params"]) + len(spared["params"]) == len(names)


def test_a_head_s_own_rate_and_decay_are_multiples_of_the_others() -> None:
    model = TransformerEncoder().build(10, 8, 2)
    head = HeadSettings(learning_rate_scale=2, weight_decay_scale=0.5)
    groups = make_optimizer(model, TrainingSettings(weight_decay=0.3, learning_rate=0.01), head).param_groups
    of = {
        id(p): (group["weight_decay"], group["rate_scale"], group["lr"])
        for group in groups
        for p in group["params"]
    }
    assert of[id(model.head.weight)] == (0.15, 2, 0.02)
    assert of[id(model.head.bias)] == (0, 2, 0.02)
    assert {of[id(p)] for name, p in model.named_parameters() if "head" not in name} == {
        (0.3, 1, 0.01),
        (0, 1, 0.01),
    }


def test_what_decay_leaves_of_an_untouched_row_by_hand() -> None:
    settings = TrainingSettings(learning_rate=0.5, warmup=0, schedule="linear", weight_decay=0.1)
    # Rates 0.5, 0.375, 0.25, 0.125.
    assert untouched_shrinkage(2, 4, settings) == pytest.approx(0.95 * 0.9625)
    assert untouched_shrinkage(0, 4, settings) == 1


class OneStep:
    """A bag that takes one step on two items."""

    def __init__(
        self, rows: TokenizedRows, vocabulary: Vocabulary, head: HeadSettings | None = None, **settings: object
    ):
        training = TrainingSettings.model_validate({"schedule": "constant", "warmup": 0, **settings})
        streams = Streams(0)
        self.model = BagOfEmbeddings(width=2, dropout=0.0).build(len(vocabulary), 4, 2)
        initialise(self.model, vocabulary, streams)
        self.before = {name: tensor.clone() for name, tensor in self.model.state_dict().items()}
        self.batches = PartBatches(rows, np.arange(2), vocabulary, TokenSettings(max_length=4), 2)
        self.optimizer = make_optimizer(self.model, training, head)
        self.epoch = EpochSoFar()
        train_epoch(
            self.model,
            CrossEntropy(),
            self.optimizer,
            self.batches.in_order(),
            training,
            streams,
            self.epoch,
            epoch=1,
            first_step=0,
            num_steps=1,
            device=torch.device("cpu"),
        )


@pytest.fixture
def one_step(make_rows: Callable[..., TokenizedRows], whole_vocabulary: Vocabulary) -> Callable[..., OneStep]:
    return lambda **settings: OneStep(make_rows([[1, 2, 3], [4]], [0, 1]), whole_vocabulary, **settings)


def test_an_epoch_measures_the_items_as_they_were_when_seen(one_step: Callable[..., OneStep]) -> None:
    step = one_step()
    start = step.before
    features_ND = torch.stack([start["tokens.weight"][[1, 2, 3]].mean(0), start["tokens.weight"][4]])
    logits_NC = features_ND @ start["head.weight"].T + start["head.bias"]
    expected = -(logits_NC[0].log_softmax(-1)[0] + logits_NC[1].log_softmax(-1)[1]) / 2
    assert step.epoch.loss == pytest.approx(expected.item(), rel=1e-6)
    right = int(logits_NC[0].argmax() == 0) + int(logits_NC[1].argmax() == 1)
    assert (step.epoch.accuracy, step.epoch.tokens, step.epoch.steps) == (right / 2, 4, 1)


def test_the_first_step_of_adamw_by_hand(one_step: Callable[..., OneStep]) -> None:
    step = one_step(learning_rate=0.1, weight_decay=0.5)
    # Adam's first step is rate × sign of the gradient (up to its epsilon), after a decay of rate × 0.5.
    weight, bias = step.model.head.weight, step.model.head.bias
    assert weight.grad is not None
    assert bias.grad is not None
    expected_weight = step.before["head.weight"] * (1 - 0.1 * 0.5) - 0.1 * weight.grad.sign()
    expected_bias = step.before["head.bias"] - 0.1 * bias.grad.sign()
    torch.testing.assert_close(weight.detach(), expected_weight, rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(bias.detach(), expected_bias, rtol=1e-4, atol=1e-5)


def test_the_gradient_norm_is_that_before_clipping_and_clipping_scales_all_alike(
    one_step: Callable[..., OneStep],
) -> None:
    free, clipped = one_step(), one_step(clip_norm=0.01)
    assert clipped.epoch.gradient_norm == free.epoch.gradient_norm > 0.01
    for (name, p), q in zip(free.model.named_parameters(), clipped.model.parameters(), strict=True):
        assert p.grad is not None, name
        torch.testing.assert_close(q.grad, p.grad * (0.01 / free.epoch.gradient_norm), rtol=1e-4, atol=1e-9)


def test_the_rate_of_the_last_step_is_reported(one_step: Callable[..., OneStep]) -> None:
    assert one_step(learning_rate=0.25).epoch.learning_rate == 0.25


def test_every_step_scales_the_schedule_s_rate_for_the_head(one_step: Callable[..., OneStep]) -> None:
    plain, fast = one_step(learning_rate=0.1), one_step(learning_rate=0.1, head=HeadSettings(learning_rate_scale=3))
    moved, moved_fast = (step.model.head.weight - step.before["head.weight"] for step in (plain, fast))
    torch.testing.assert_close(moved_fast, 3 * moved, rtol=1e-4, atol=1e-6)
    torch.testing.assert_close(fast.model.tokens.weight, plain.model.tokens.weight, rtol=0, atol=0)
