"""A worker keeps what the cell before it set; each cell sets it anew."""

import os
import threading
from collections.abc import Callable

import pytest
import torch

from trainables.classifier import CellTraining
from trainables.config import CellConfig
from trainables.data.tokens import TokenizedCorpus
from trainables.process import set_process_state


def left_otherwise() -> None:
    """Everything as no cell wants it."""
    torch.set_num_threads(2)
    torch.use_deterministic_algorithms(False)
    torch.utils.deterministic.fill_uninitialized_memory = True
    torch.backends.cudnn.benchmark = True
    torch.set_float32_matmul_precision("medium")
    torch.set_flush_denormal(False)


def flushes_denormals() -> bool:
    return bool((torch.full((4,), 1e-38) * 0.1 == 0).all())


def process_state() -> dict[str, object]:
    return {
        "threads": torch.get_num_threads(),
        "deterministic": torch.are_deterministic_algorithms_enabled(),
        "fill": torch.utils.deterministic.fill_uninitialized_memory,
        "benchmark": torch.backends.cudnn.benchmark,
        "precision": torch.get_float32_matmul_precision(),
        "flush": flushes_denormals(),
    }


WANTED = {
    "threads": 1,
    "deterministic": True,
    "fill": False,
    "benchmark": False,
    "precision": "highest",
    "flush": True,
}


def test_the_test_can_tell() -> None:
    left_otherwise()
    assert not [name for name, value in process_state().items() if value == WANTED[name]]


def test_a_cell_sets_all_of_it_at_its_start_whatever_was_left(
    make_config: Callable[..., CellConfig], make_corpus: Callable[..., TokenizedCorpus]
) -> None:
    left_otherwise()
    CellTraining(make_config(), make_corpus(), threads=1)
    assert process_state() == WANTED


def test_a_cell_sets_all_of_it_again_for_each_epoch_and_for_its_end(
    make_config: Callable[..., CellConfig], make_corpus: Callable[..., TokenizedCorpus]
) -> None:
    training = CellTraining(make_config(epochs=1), make_corpus(), threads=1)
    left_otherwise()
    history = [training.next_epoch()]
    assert process_state() == WANTED
    left_otherwise()
    training.outcome(history)
    assert process_state() == WANTED


def test_a_cell_that_wants_otherwise_gets_it_and_the_next_does_not_inherit_it(
    make_config: Callable[..., CellConfig], make_corpus: Callable[..., TokenizedCorpus]
) -> None:
    CellTraining(make_config(deterministic=False), make_corpus(), threads=2)
    assert process_state() == {**WANTED, "threads": 2, "deterministic": False, "precision": "high"}
    CellTraining(make_config(), make_corpus(), threads=1)
    assert process_state() == WANTED


@pytest.mark.parametrize(("given", "found"), [(None, ":4096:8"), (":16:8", ":16:8")])
def test_a_card_s_matrix_products_find_the_workspace_that_makes_them_deterministic_unless_another_is_named(
    given: str | None, found: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CUBLAS_WORKSPACE_CONFIG", given or "")
    if given is None:
        monkeypatch.delenv("CUBLAS_WORKSPACE_CONFIG")
    set_process_state(threads=1, deterministic=True)
    assert os.environ["CUBLAS_WORKSPACE_CONFIG"] == found


def test_an_epoch_in_another_thread_than_its_cells_start_gives_the_same_bits(
    make_config: Callable[..., CellConfig], make_corpus: Callable[..., TokenizedCorpus]
) -> None:
    # Flushing denormals is a switch of the thread. A rate this low makes all moments' products denormal.
    def cell() -> CellTraining:
        return CellTraining(make_config(learning_rate=1e-38), make_corpus(), threads=1)

    here, there = cell(), cell()
    here.next_epoch()
    torch.set_flush_denormal(False)  # what a thread inherits
    thread = threading.Thread(target=there.next_epoch)
    thread.start()
    thread.join()
    assert there.state().to_bytes() == here.state().to_bytes()
