"""Label smoothing and weights against values by hand, each other, torch and scikit-learn."""

import numpy as np
import pytest
import scipy.special
import torch
from sklearn.metrics import log_loss
from torch import Tensor, nn

from trainables.losses import BinaryCrossEntropy, CrossEntropy, Loss

ONE_ULP = {"rtol": 2.3e-16, "atol": 0.0}
CLOSE = {"rtol": 1e-12, "atol": 1e-14}


def logits(*shape: int) -> Tensor:
    return 3 * torch.randn(shape, generator=torch.Generator().manual_seed(7), dtype=torch.float64)


def labels(num_classes: int, n: int = 20) -> Tensor:
    return torch.arange(n) % num_classes


def bce(pos_weight: tuple[float, ...] | None = None, label_smoothing: float = 0.0) -> BinaryCrossEntropy:
    return BinaryCrossEntropy(pos_weight=pos_weight, label_smoothing=label_smoothing)


@pytest.mark.parametrize("num_classes", [2, 4])
def test_no_smoothing_and_weights_of_one_give_back_the_plain_loss(num_classes: int) -> None:
    y = labels(num_classes)
    for plain, neutral in [
        (CrossEntropy(), CrossEntropy(label_smoothing=0, class_weights=(1,) * num_classes)),
        (bce(), bce((1.0,) if num_classes == 2 else (1.0,) * num_classes)),
    ]:
        z = logits(20, plain.num_outputs(num_classes))
        torch.testing.assert_close(neutral.per_item(z, y), plain.per_item(z, y), **ONE_ULP)


@pytest.mark.parametrize("epsilon", [0.0, 0.1, 0.9])
def test_smoothed_binary_cross_entropy_is_smoothed_cross_entropy_of_two_classes(epsilon: float) -> None:
    z, y = logits(20, 1), labels(2)
    pair = torch.cat([torch.zeros_like(z), z], dim=1)
    as_two = CrossEntropy(label_smoothing=epsilon).per_item(pair, y)
    pinned = CrossEntropy(label_smoothing=epsilon, pinned=True).per_item(z, y)
    torch.testing.assert_close(bce(label_smoothing=epsilon).per_item(z, y), as_two, **CLOSE)
    torch.testing.assert_close(pinned, as_two, **ONE_ULP)


def test_smoothing_by_hand() -> None:
    # p = (0.2, 0.8), ε = 0.1, class 1: 0.95 of −log 0.8 and 0.05 of −log 0.2.
    expected = -0.95 * np.log(0.8) - 0.05 * np.log(0.2)
    z = torch.tensor([[0.2, 0.8]]).double().log()
    assert CrossEntropy(label_smoothing=0.1).per_item(z, torch.tensor([1])).item() == pytest.approx(expected)
    log_odds = (z[:, 1] - z[:, 0])[:, None]
    assert bce(label_smoothing=0.1).per_item(log_odds, torch.tensor([1])).item() == pytest.approx(expected)


def test_a_smoothed_loss_is_least_at_the_smoothed_answer() -> None:
    epsilon, grid = 0.2, torch.linspace(-6, 6, 2401).double()[:, None]
    costs = bce(label_smoothing=epsilon).per_item(grid, torch.ones(len(grid), dtype=torch.int64))
    assert torch.sigmoid(grid[costs.argmin()]).item() == pytest.approx(1 - epsilon / 2, abs=1e-3)


@pytest.mark.parametrize("epsilon", [0.0, 0.3])
def test_class_weights_and_pos_weight_mean_what_torch_s_do(epsilon: float) -> None:
    z, y, weights = logits(20, 4), labels(4), (0.5, 1.0, 2.0, 7.0)
    weight_C = torch.tensor(weights).double()
    torchs = nn.CrossEntropyLoss(weight_C, reduction="none", label_smoothing=epsilon)
    ours = CrossEntropy(class_weights=weights, label_smoothing=epsilon).per_item(z, y)
    torch.testing.assert_close(ours, torchs(z, y), **ONE_ULP)
    smoothed = nn.functional.one_hot(y, 4).double() * (1 - epsilon) + epsilon / 2
    expected = nn.BCEWithLogitsLoss(pos_weight=weight_C, reduction="none")(z, smoothed).sum(1)
    torch.testing.assert_close(bce(weights, epsilon).per_item(z, y), expected, **CLOSE)


def test_weights_agree_with_scikit_learn() -> None:
    z, y = logits(20, 3), labels(3)
    weights = np.array([0.5, 2.0, 7.0])
    expected = log_loss(y, scipy.special.softmax(z.numpy(), 1), sample_weight=weights[y], normalize=False)
    assert CrossEntropy(class_weights=tuple(weights)).per_item(z, y).sum().item() == pytest.approx(expected)
    z, y = logits(20, 1), labels(2)
    weights = np.array([1.0, 3.0])
    expected = log_loss(y, scipy.special.expit(z[:, 0].numpy()), sample_weight=weights[y], normalize=False)
    assert bce((3.0,)).per_item(z, y).sum().item() == pytest.approx(expected)


@pytest.mark.parametrize(
    ("weighted", "plain"),
    [
        (CrossEntropy(class_weights=(1, 3)), CrossEntropy()),
        (CrossEntropy(class_weights=(1, 3), pinned=True), CrossEntropy(pinned=True)),
        (bce((3,)), bce()),
    ],
    ids=["class_weights", "class_weights, pinned", "pos_weight"],
)
def test_an_item_s_weight_of_three_is_the_item_three_times_under_a_sum(weighted: Loss, plain: Loss) -> None:
    """In value, and in what it asks of the logits."""
    z, y = logits(20, plain.num_outputs(2)).requires_grad_(), labels(2)
    weighted.per_item(z, y).sum().backward()
    again = z.detach().requires_grad_()
    repeated = torch.where(y == 1, 3, 1)
    plain.per_item(again.repeat_interleave(repeated, 0), y.repeat_interleave(repeated)).sum().backward()
    assert z.grad is not None
    assert again.grad is not None
    torch.testing.assert_close(z.grad, again.grad, **CLOSE)
    sums = weighted.per_item(z, y).sum(), (plain.per_item(z, y) * repeated).sum()
    assert sums[0].item() == pytest.approx(sums[1].item(), rel=1e-12)


def test_one_against_the_rest_weighs_each_answer_by_its_own() -> None:
    z, y, weights = logits(20, 4), labels(4), (0.5, 1.0, 2.0, 7.0)
    apart = [bce((weight,)).per_item(z[:, [c]], (y == c).long()) for c, weight in enumerate(weights)]
    torch.testing.assert_close(bce(weights).per_item(z, y), torch.stack(apart).sum(0), **CLOSE)


def test_the_pinned_class_is_the_first_with_a_logit_of_zero() -> None:
    z, y = logits(20, 3), labels(4)
    whole = torch.cat([torch.zeros(20, 1).double(), z], dim=1)
    pinned = CrossEntropy(pinned=True)
    torch.testing.assert_close(pinned.per_item(z, y), CrossEntropy().per_item(whole, y), rtol=0, atol=0)
    torch.testing.assert_close(pinned.log_probabilities(z), CrossEntropy().log_probabilities(whole), rtol=0, atol=0)
