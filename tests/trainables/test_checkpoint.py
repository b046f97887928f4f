"""What a checkpoint holds, and that its bytes give back every bit."""

from collections.abc import Callable

import pytest
import torch
from safetensors.torch import load

from trainables.checkpoint import TrainingState
from trainables.classifier import CellTraining
from trainables.config import CellConfig
from trainables.data.tokens import TokenizedCorpus

MakeConfig = Callable[..., CellConfig]


@pytest.fixture
def after_one_epoch(make_config: MakeConfig, make_corpus: Callable[..., TokenizedCorpus]) -> CellTraining:
    training = CellTraining(make_config(), make_corpus())
    training.next_epoch()
    return training


def test_its_bytes_give_back_every_bit(after_one_epoch: CellTraining) -> None:
    state = after_one_epoch.state()
    again = TrainingState.from_bytes(state.to_bytes())
    assert (again.epochs_done, again.so_far) == (1, state.so_far)
    assert again.tensors.keys() == state.tensors.keys()
    assert all(torch.equal(again.tensors[name], tensor) for name, tensor in state.tensors.items())
    assert again.to_bytes() == state.to_bytes()


def test_it_holds_each_parameter_with_its_moments(after_one_epoch: CellTraining) -> None:
    tensors = after_one_epoch.state().tensors
    names = [name for name, _ in after_one_epoch.model.named_parameters()]
    kinds = ("model", "optimizer/exp_avg", "optimizer/exp_avg_sq", "optimizer/step")
    assert tensors.keys() == {f"{kind}/{name}" for kind in kinds for name in names}
    assert {float(tensors[f"optimizer/step/{name}"]) for name in names} == {3.0}  # 40 rows in batches of 16


def test_it_is_plain_safetensors_that_any_program_can_read(after_one_epoch: CellTraining) -> None:
    tensors = load(after_one_epoch.state().to_bytes())
    assert torch.equal(tensors["model/head.bias"], after_one_epoch.model.head.bias.detach())


def test_it_is_a_copy_that_training_on_does_not_change(after_one_epoch: CellTraining) -> None:
    state = after_one_epoch.state()
    before = state.to_bytes()
    after_one_epoch.next_epoch()
    assert state.to_bytes() == before


def test_loading_copies_so_a_state_can_be_loaded_twice(after_one_epoch: CellTraining) -> None:
    state = after_one_epoch.state()
    before = state.to_bytes()
    for _ in range(2):
        after_one_epoch.restore(state)
        assert after_one_epoch.state().to_bytes() == before
        after_one_epoch.next_epoch()
        assert state.to_bytes() == before


def test_loading_undoes_what_came_after(after_one_epoch: CellTraining) -> None:
    state = after_one_epoch.state()
    first = after_one_epoch.next_epoch()
    after_one_epoch.restore(state)
    assert after_one_epoch.next_epoch().metrics == first.metrics


def test_it_goes_on_in_the_middle_of_an_epoch(
    make_config: MakeConfig, make_corpus: Callable[..., TokenizedCorpus]
) -> None:
    whole = CellTraining(make_config(), make_corpus()).next_epoch()
    training = CellTraining(make_config(), make_corpus())
    assert training.advance(lambda: True) is None
    assert (training.epochs_done, training.steps_done) == (0, 1)
    state = TrainingState.from_bytes(training.state().to_bytes())
    assert state.so_far == training.so_far
    again = CellTraining(make_config(), make_corpus())
    again.restore(state)
    record = again.next_epoch()
    assert (record.metrics, record.step) == (whole.metrics, whole.step)
    assert state.so_far.steps == 1, "training on changes no state that was taken"
