"""A cell whose loss, gradient or weights become non-finite fails plainly."""

import math
from collections.abc import Callable

import pytest
import torch

from trainables.classifier import CellTraining
from trainables.config import CellConfig
from trainables.data.tokens import TokenizedCorpus
from trainables.errors import DivergedError
from trainables.losses import Loss

MakeConfig = Callable[..., CellConfig]
MakeCorpus = Callable[..., TokenizedCorpus]


def test_a_loss_that_becomes_non_finite_fails_the_cell_at_its_step(
    loss: Loss, make_config: MakeConfig, make_corpus: MakeCorpus
) -> None:
    training = CellTraining(make_config(loss.model_dump(), learning_rate=1e30, warmup=0), make_corpus())
    with pytest.raises(DivergedError) as caught:
        training.next_epoch()
    error = caught.value
    assert "in epoch 1, step 1 (learning rate 8.89e+29, gradient norm " in str(error)
    assert (error.epoch, error.step) == (1, 1)
    assert error.learning_rate == pytest.approx(1e30 * 8 / 9)  # the second of nine steps
    assert not (math.isfinite(error.loss) and math.isfinite(error.gradient_norm))
    assert "a lower training.learning_rate or training.clip_norm: 1 usually mends this" in str(error)
    result = training.divergence(error)
    assert (result.status, result.epochs, result.divergence) == ("diverged", 0, str(error))


def test_weights_broken_by_the_last_step_of_an_epoch_fail_it_before_it_is_recorded(
    make_config: MakeConfig, make_corpus: MakeCorpus
) -> None:
    config = make_config(learning_rate=1e38, warmup=0, batch_size=40)
    training = CellTraining(config, make_corpus())
    with pytest.raises(DivergedError, match="the loss became nan in epoch 1, step 0"):
        training.next_epoch()
    assert training.epochs_done == 0


def test_a_gradient_that_overflows_fails_the_cell_though_its_loss_is_finite(
    make_config: MakeConfig, make_corpus: MakeCorpus
) -> None:
    training = CellTraining(make_config(model="bag_of_embeddings"), make_corpus())
    with torch.no_grad():
        training.model.head.weight.mul_(1e30)
        training.model.tokens.weight.mul_(1e-29)
    with pytest.raises(DivergedError, match="the gradient became non-finite in epoch 1, step 0"):
        training.next_epoch()
