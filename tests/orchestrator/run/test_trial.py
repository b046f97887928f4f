"""What a trial hands on to the piece of work that it carries out. Ray and the card are not here."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from orchestrator.run import trial
from orchestrator.run.trial import CellTrial
from trainables.config import CellConfig

Begun = Callable[..., tuple[CellTrial, list[Any]]]


@pytest.fixture
def begun(monkeypatch: pytest.MonkeyPatch, make_config: Callable[..., CellConfig]) -> Begun:
    """A trial that has begun the cell `one` and may take up `two`, and what happened, in order."""

    def begun(cuda: bool, share: list[int]) -> tuple[CellTrial, list[Any]]:
        happened: list[Any] = []

        class Work:
            def __init__(self, key: str, *_: Any, device: str, **__: Any):
                self.key = key
                happened.append((key, device))

            def close(self) -> None:
                happened.append(f"{self.key} closed")

        monkeypatch.setattr(trial, "CellWork", Work)
        monkeypatch.setattr(trial.ray, "get", lambda reference: reference)
        monkeypatch.setattr(trial.ray, "get_gpu_ids", lambda: share)
        monkeypatch.setattr(torch.cuda, "is_available", lambda: cuda)
        monkeypatch.setattr(torch.cuda, "empty_cache", lambda: happened.append("card emptied"))
        carrying: Any = CellTrial.__new__(CellTrial)
        settings = make_config().model_dump()
        carrying._cells = {"one": (settings, "corpus"), "two": (settings, "corpus")}
        carrying._corpora, carrying._store, carrying._run = {"corpus": None}, None, "run"
        carrying._threads, carrying._checkpoint_every_s = 1, 0.0
        carrying._watch = SimpleNamespace(stopped=SimpleNamespace(is_set=lambda: False))
        carrying._begin("one")
        return carrying, happened

    return begun


@pytest.mark.parametrize(
    ("cuda", "share", "device"), [(True, [3], "cuda:0"), (True, [], "cpu"), (False, [3], "cpu"), (False, [], "cpu")]
)
def test_a_cell_trains_on_a_card_where_its_trial_has_a_share_of_one_and_torch_sees_it(
    cuda: bool, share: list[int], device: str, begun: Begun
) -> None:
    assert begun(cuda, share)[1] == [("one", device)]


def test_a_worker_that_is_reused_gives_the_last_cell_s_lease_and_memory_back_before_the_next(begun: Begun) -> None:
    carrying, happened = begun(True, [0])
    assert carrying.reset_config({"cell": "two"})
    assert happened == [("one", "cuda:0"), "one closed", "card emptied", ("two", "cuda:0")]
