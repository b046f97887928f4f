"""A store to work upon, in a place with an awkward name; and what a cell leaves, written by hand."""

from collections.abc import Callable, Iterator

import numpy as np
import pytest
import torch
from azure_storage import AzureServer
from azurite import Azurite
from google_storage import GoogleServer
from lease_records import Clock
from stores import STORES, OpenStore
from tenacity import wait_none

from orchestrator.store import CellStore, Store
from trainables.classifier import CellOutcome, PartLogits
from trainables.records import CellResult, EpochRecord


@pytest.fixture(scope="session")
def google() -> Iterator[GoogleServer]:
    with GoogleServer() as server:
        yield server


@pytest.fixture(scope="session")
def azure() -> Iterator[AzureServer]:
    with AzureServer() as server:
        yield server


@pytest.fixture(scope="session")
def azurite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Azurite]:
    if not Azurite.is_at_hand():
        pytest.skip("azurite-blob, a Node program (npm install azurite), is not on the PATH")
    with Azurite(tmp_path_factory.mktemp("azurite")) as server:
        yield server


UPON = ("local", "s3")
"""What is built upon a store rests on the contract alone, and is tried on one of each sort."""


@pytest.fixture(autouse=True)
def _tries_again_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits between two tries."""
    for module in ("local", "object_storage"):
        monkeypatch.setattr(f"orchestrator.store.{module}.WAIT_S", wait_none())


@pytest.fixture(autouse=True)
def _no_renewal_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """The thread of a lease that a test leaves behind would go on renewing it in later tests."""
    monkeypatch.setattr("orchestrator.store.lease.RENEW_EVERY_S", 3600.0)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr("orchestrator.store.lease.time.sleep", lambda s: setattr(clock, "now", clock.now + s))
    return clock


@pytest.fixture(params=UPON)
def open_store(request: pytest.FixtureRequest) -> OpenStore:
    """Opens the same place anew each time, as another process would."""
    return STORES[request.param](request)


@pytest.fixture
def store(open_store: OpenStore) -> Store:
    return open_store()


@pytest.fixture
def cells(store: Store) -> CellStore:
    return CellStore(store)


def epoch_record(epoch: int, accuracy: float = 0.75) -> EpochRecord:
    return EpochRecord(
        epoch=epoch,
        step=10 * epoch,
        metrics={"validation_accuracy": accuracy, "train_loss": 0.1 + 0.2},
        timing={"epoch_seconds": 2.5},
        measured_at=1_700_000_000.25 + epoch,
    )


def outcome(worker: int = 0) -> CellOutcome:
    """What a worker may find at the end of a cell; another worker, other numbers."""
    generator = np.random.default_rng(worker)
    logits_NK = generator.standard_normal((3, 2)).astype(np.float32)
    log_probabilities_NC = logits_NK - np.logaddexp(logits_NK[:, :1], logits_NK[:, 1:]).astype(np.float64)
    predicted = PartLogits(np.array([2, 5, 7]), np.array([0, 1, 1]), logits_NK, log_probabilities_NC)
    return CellOutcome(
        result=CellResult(status="finished", epochs=3, final={"validation_accuracy": worker / 7}, measured_at=1.5),
        predictions={"validation": predicted, "test": predicted},
        weights={
            "head.weight": torch.from_numpy(generator.standard_normal((2, 4))).float(),
            "live_tokens": torch.tensor([1, 4]),
        },
    )


@pytest.fixture
def record() -> Callable[..., EpochRecord]:
    return epoch_record


@pytest.fixture
def make_outcome() -> Callable[..., CellOutcome]:
    return outcome
