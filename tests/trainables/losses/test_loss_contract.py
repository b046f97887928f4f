"""What every loss must keep, whichever it is and however it is set. A new loss is found through `AnyLoss`."""

import itertools
import json
from contextlib import nullcontext

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError
from torch import Tensor
from torch.nn import functional as F

from trainables.errors import SettingsError
from trainables.losses import AnyLoss, Loss
from trainables.losses.described import describe
from trainables.settings import STORED, declared


def items(loss: Loss, num_classes: int, n: int = 12, scale: float = 3.0) -> tuple[Tensor, Tensor]:
    """Random logits in float64 and labels in which every class occurs."""
    generator = torch.Generator().manual_seed(num_classes)
    logits_NK = scale * torch.randn(n, loss.num_outputs(num_classes), generator=generator, dtype=torch.float64)
    return logits_NK, torch.arange(n) % num_classes


def test_it_is_found_by_its_name_alone(loss: Loss, num_classes: int) -> None:
    assert TypeAdapter(AnyLoss).validate_python(loss.model_dump()["name"]) == type(loss)()


def test_it_is_what_its_stored_settings_say(loss: Loss, num_classes: int) -> None:
    stored = json.loads(json.dumps(declared(loss)))
    assert TypeAdapter(AnyLoss).validate_python(stored, context=STORED) == loss


def test_it_fits_data_of_these_classes_and_of_no_other_number_where_it_counts_them(
    loss: Loss, num_classes: int
) -> None:
    counts_them = any(type(value) is tuple for value in dict(loss).values())
    loss.check_classes(["a class"] * num_classes)
    with pytest.raises(SettingsError, match="and the data have 7") if counts_them else nullcontext():
        loss.check_classes(["a class"] * 7)


def test_it_refuses_a_setting_that_it_does_not_know(loss: Loss, num_classes: int) -> None:
    with pytest.raises(ValidationError, match="temprature"):
        type(loss)(temprature=2.0)


def test_it_gives_each_item_one_value(loss: Loss, num_classes: int) -> None:
    logits_NK, labels_N = items(loss, num_classes)
    assert loss.per_item(logits_NK, labels_N).shape == (12,)
    assert loss.log_probabilities(logits_NK).shape == (12, num_classes)


def test_permuting_the_items_permutes_the_values(loss: Loss, num_classes: int) -> None:
    logits_NK, labels_N = items(loss, num_classes)
    order_N = torch.randperm(12, generator=torch.Generator().manual_seed(0))
    permuted_N = loss.per_item(logits_NK[order_N], labels_N[order_N])
    torch.testing.assert_close(permuted_N, loss.per_item(logits_NK, labels_N)[order_N], rtol=0, atol=0)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_values_and_gradients_are_finite_at_logits_of_ten_thousand(
    loss: Loss, num_classes: int, dtype: torch.dtype
) -> None:
    corners = list(itertools.product([-1e4, 0.0, 1e4], repeat=loss.num_outputs(num_classes)))
    for label in range(num_classes):
        logits_NK = torch.tensor(corners, dtype=dtype, requires_grad=True)
        per_item_N = loss.per_item(logits_NK, torch.full((len(corners),), label))
        per_item_N.sum().backward()
        assert per_item_N.isfinite().all()
        assert logits_NK.grad is not None
        assert logits_NK.grad.isfinite().all()
        assert loss.log_probabilities(logits_NK.detach()).isfinite().all()


@settings(max_examples=30)  # of each loss, setting and number of classes
@given(data=st.data())
def test_it_is_never_negative(data: st.DataObject, loss: Loss, num_classes: int) -> None:
    num_outputs = loss.num_outputs(num_classes)
    logits = data.draw(st.lists(st.floats(-1e4, 1e4, width=32), min_size=num_outputs, max_size=num_outputs))
    label = data.draw(st.integers(0, num_classes - 1))
    assert loss.per_item(torch.tensor([logits]), torch.tensor([label])).item() >= 0


def test_probabilities_sum_to_one(loss: Loss, num_classes: int) -> None:
    log_probabilities_NC = loss.log_probabilities(items(loss, num_classes, scale=10.0)[0])
    # float64: a few roundings of 1e-16 each.
    torch.testing.assert_close(log_probabilities_NC.exp().sum(-1), torch.ones(12).double(), rtol=0, atol=1e-12)


def test_the_most_probable_class_is_the_one_with_the_largest_logit(loss: Loss, num_classes: int) -> None:
    logits_NK, _ = items(loss, num_classes)
    with_one_of_zero_N = logits_NK if logits_NK.shape[1] == num_classes else F.pad(logits_NK, (1, 0))
    largest_N = with_one_of_zero_N.argmax(-1)
    assert torch.equal(loss.log_probabilities(logits_NK).argmax(-1), largest_N)


def test_a_certain_and_right_prediction_costs_nothing_and_a_wrong_one_much(
    unsmoothed: Loss, num_classes: int
) -> None:
    num_outputs = unsmoothed.num_outputs(num_classes)
    sure_of_last = torch.tensor([[50.0]]) if num_outputs == 1 else torch.full((1, num_outputs), -50.0)
    sure_of_last[0, -1] = 50.0
    assert unsmoothed.per_item(sure_of_last, torch.tensor([num_classes - 1])).item() < 1e-6
    assert unsmoothed.per_item(sure_of_last, torch.tensor([0])).item() > 20


def test_its_gradient_is_its_derivative(loss: Loss, num_classes: int) -> None:
    logits_NK, labels_N = items(loss, num_classes)
    assert torch.autograd.gradcheck(lambda z: loss.per_item(z, labels_N), logits_NK.requires_grad_())


def test_a_step_down_its_gradient_raises_the_true_class(unsmoothed: Loss, num_classes: int) -> None:
    logits_NK, labels_N = items(unsmoothed, num_classes)
    logits_NK.requires_grad_()
    unsmoothed.per_item(logits_NK, labels_N).sum().backward()
    assert logits_NK.grad is not None
    before_NC, after_NC = (unsmoothed.log_probabilities(z) for z in (logits_NK, logits_NK - 0.1 * logits_NK.grad))
    assert (after_NC > before_NC)[torch.arange(12), labels_N].all()


def test_it_says_its_formula_its_output_layer_and_its_source(loss: Loss, num_classes: int) -> None:
    said = describe(type(loss))
    assert said.name == loss.model_dump()["name"]
    assert any("=" in line for line in said.formula)
    assert all([said.summary, said.output_layer, said.source, *(setting.meaning for setting in said.settings)])
