"""Cross-entropy and binary cross-entropy against values by hand, each other, and independent libraries."""

import math

import numpy as np
import pytest
import scipy.special
import scipy.stats
import torch
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import log_loss

from trainables.losses import BinaryCrossEntropy, CrossEntropy

CE, BCE = CrossEntropy(), BinaryCrossEntropy()
LOGIT = st.floats(-1e4, 1e4)
LABEL = st.integers(0, 1)


def row(*logits: float) -> torch.Tensor:
    return torch.tensor([logits], dtype=torch.float64)


def logits(*shape: int) -> torch.Tensor:
    return 3 * torch.randn(shape, generator=torch.Generator().manual_seed(7), dtype=torch.float64)


def test_cross_entropy_of_a_published_worked_example() -> None:
    predicted = row(0.2, 0.8).log()
    assert CE.per_item(predicted, torch.tensor([1])).item() == pytest.approx(0.2231, abs=5e-5)


def test_binary_cross_entropy_of_the_same_example() -> None:
    log_odds = row(math.log(0.8 / 0.2))
    assert BCE.per_item(log_odds, torch.tensor([1])).item() == pytest.approx(-math.log(0.8), rel=1e-12)
    assert BCE.per_item(log_odds, torch.tensor([0])).item() == pytest.approx(-math.log(0.2), rel=1e-12)


def test_cross_entropy_of_the_untrained_is_the_log_of_the_number_of_classes() -> None:
    assert CE.per_item(torch.zeros(1, 10_000).double(), torch.tensor([123])).item() == pytest.approx(
        9.2103, abs=5e-5
    )


def test_binary_cross_entropy_of_the_untrained_is_log_2_for_each_output() -> None:
    two, four = row(0.0), row(0.0, 0.0, 0.0, 0.0)
    assert BCE.per_item(two, torch.tensor([1])).item() == pytest.approx(math.log(2))
    assert BCE.per_item(four, torch.tensor([1])).item() == pytest.approx(4 * math.log(2))


@given(z0=LOGIT, z1=LOGIT, label=LABEL)
def test_cross_entropy_is_binary_cross_entropy_of_the_difference(z0: float, z1: float, label: int) -> None:
    y = torch.tensor([label])
    pair, difference = row(z0, z1), row(z1 - z0)
    # logsumexp(z) − z_y cancels: its error is a rounding of the logits' size, 1e4 × 2e-16.
    torch.testing.assert_close(CE.per_item(pair, y), BCE.per_item(difference, y), rtol=1e-12, atol=1e-11)


@given(z=LOGIT, label=LABEL)
def test_binary_cross_entropy_is_cross_entropy_with_a_logit_of_zero(z: float, label: int) -> None:
    y = torch.tensor([label])
    pair, single = row(0.0, z), row(z)
    torch.testing.assert_close(BCE.per_item(single, y), CE.per_item(pair, y), rtol=1e-12, atol=1e-11)
    torch.testing.assert_close(BCE.log_probabilities(single), CE.log_probabilities(pair), rtol=1e-12, atol=1e-11)


def test_expected_cross_entropy_is_entropy_plus_divergence() -> None:
    p, q = scipy.special.softmax(logits(2, 5).numpy(), axis=1)
    costs = CE.per_item(torch.tensor(q).log().expand(5, 5), torch.arange(5)).numpy()
    assert p @ costs == pytest.approx(scipy.stats.entropy(p) + scipy.stats.entropy(p, q), rel=1e-12)


def test_cross_entropy_is_not_symmetric() -> None:
    p, q = scipy.special.softmax(logits(2, 5).numpy(), axis=1)

    def expected(weights: np.ndarray, predicted: np.ndarray) -> float:
        return float(weights @ CE.per_item(torch.tensor(predicted).log().expand(5, 5), torch.arange(5)).numpy())

    assert expected(p, q) != pytest.approx(expected(q, p), rel=1e-3)


@pytest.mark.parametrize("num_classes", [2, 4])
def test_cross_entropy_agrees_with_scikit_learn(num_classes: int) -> None:
    z, y = logits(20, num_classes), torch.arange(20) % num_classes
    expected = log_loss(y.numpy(), scipy.special.softmax(z.numpy(), axis=1))
    assert CE.per_item(z, y).mean().item() == pytest.approx(expected, rel=1e-12)


def test_binary_cross_entropy_agrees_with_scikit_learn() -> None:
    z, y = logits(20, 1), torch.arange(20) % 2
    expected = log_loss(y.numpy(), scipy.special.expit(z[:, 0].numpy()))
    assert BCE.per_item(z, y).mean().item() == pytest.approx(expected, rel=1e-12)


def test_one_against_the_rest_is_the_sum_of_its_binary_losses() -> None:
    z, y = logits(20, 4), torch.arange(20) % 4
    apart = [BCE.per_item(z[:, [c]], (y == c).long()) for c in range(4)]
    torch.testing.assert_close(BCE.per_item(z, y), torch.stack(apart).sum(0), rtol=1e-12, atol=0)


def test_one_against_the_rest_reads_its_sigmoids_divided_by_their_sum() -> None:
    z = logits(20, 4)
    sigmoids = scipy.special.expit(z.numpy())
    np.testing.assert_allclose(
        BCE.log_probabilities(z).exp().numpy(), sigmoids / sigmoids.sum(1, keepdims=True), rtol=1e-12
    )


def test_two_losses_that_are_one_function_pull_equally_on_the_trunk_but_not_on_the_head() -> None:
    # With u = w1 − w0 both send g·u to the trunk; cross-entropy moves two rows, by ∓g each, so u by 2g.
    z = logits(6, 2).requires_grad_()
    d = (z[:, 1] - z[:, 0]).detach()[:, None].requires_grad_()
    y = torch.tensor([0, 1, 1, 0, 1, 0])
    CE.per_item(z, y).sum().backward()
    BCE.per_item(d, y).sum().backward()
    assert z.grad is not None
    assert d.grad is not None
    torch.testing.assert_close(z.grad[:, 1], d.grad[:, 0], rtol=1e-12, atol=1e-15)
    torch.testing.assert_close(z.grad[:, 1] - z.grad[:, 0], 2 * d.grad[:, 0], rtol=1e-12, atol=1e-15)
