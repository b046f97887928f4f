"""A tiny cell without Ray: token ids made by hand, a store, what a finished cell holds, as bits; a small sweep."""

import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rich.console import Console
from small_sweep import SWEEP

from orchestrator.plan import Plan, prepare_sweep
from orchestrator.run.cell_work import CellWork, Step
from orchestrator.run.driver import RunSummary, run_plan
from orchestrator.spec import SweepSpec
from orchestrator.store import CellStore, Home, LocalStore, Store
from trainables.config import CellConfig
from trainables.data.tokens import TokenizedCorpus, TokenizedRows

KEY = "c0ffee" * 5 + "00"
VOCABULARY_SIZE = 30
EPOCHS = 3


@pytest.fixture(autouse=True)
def _no_renewal_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """The thread of a worker that a test calls killed would go on: nothing kills threads."""
    monkeypatch.setattr("orchestrator.store.lease.RENEW_EVERY_S", 3600.0)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return LocalStore(tmp_path / "home")


def rows(seed: int, num_rows: int) -> TokenizedRows:
    """Texts of 3 to 8 tokens; class 1 uses the upper half of the words more often."""
    generator = np.random.default_rng(seed)
    labels = np.arange(num_rows) % 2
    lengths = generator.integers(3, 9, num_rows)
    upper = generator.random(lengths.sum()) < np.repeat(0.3 + 0.4 * labels, lengths)
    ids = generator.integers(0, VOCABULARY_SIZE // 2, lengths.sum()) + upper * (VOCABULARY_SIZE // 2)
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    return TokenizedRows(ids.astype(np.int32), offsets.astype(np.int64), labels.astype(np.int64), None)


@pytest.fixture
def corpus() -> TokenizedCorpus:
    splits = {"train": rows(0, 36), "test": rows(1, 24)}
    return TokenizedCorpus(splits, ("no", "yes"), "fingerprint", "cl100k_base", VOCABULARY_SIZE)


def cell_config(loss: str = "cross_entropy", **training: Any) -> CellConfig:
    model = {"name": "transformer_encoder", "width": 4, "feed_forward": 4, "token_dropout": 0.2}
    return CellConfig.model_validate(
        {
            "data": "synthetic",  # never loaded
            "split": {"validation": {"of": "test", "size": 10}},
            "tokens": {"max_length": 6},
            "model": model,
            "loss": loss,
            "training": {"epochs": EPOCHS, "batch_size": 16, "learning_rate": 0.02, **training},
            "seed": 1,
        }
    )


@pytest.fixture
def make_config() -> Callable[..., CellConfig]:
    return cell_config


MakeWork = Callable[..., CellWork]


@pytest.fixture
def work(store: Store, corpus: TokenizedCorpus) -> MakeWork:
    """A worker's piece of work on the cell; another store or other settings by keyword."""

    def make(
        store: Store = store, config: CellConfig | None = None, corpus: TokenizedCorpus = corpus, **options: Any
    ) -> CellWork:
        return CellWork(KEY, config or cell_config(), corpus, store, device="cpu", threads=1, **options)

    return make


@pytest.fixture
def carry_out() -> Callable[[CellWork], Step]:
    """Step until it is over; the lease is given back."""

    def carry_out(work: CellWork) -> Step:
        step = work.step()
        while step.status == "epoch":
            step = work.step()
        work.close()
        return step

    return carry_out


@pytest.fixture
def bits() -> Callable[[Store], dict[str, Any]]:
    """All that a finished cell holds but times."""

    def bits(store: Store) -> dict[str, Any]:
        cells = CellStore(store)
        stored = cells.result(KEY)
        assert stored is not None
        return {
            "result": stored.result.model_copy(update={"measured_at": 0.0}),
            "files": stored.files,
            "history": [(record.epoch, record.step, record.metrics) for record in cells.history(KEY)],
            "weights": {name: tensor.numpy().tobytes() for name, tensor in cells.weights(KEY).items()},
            **{part: cells.predictions(KEY, part).to_csv() for part in ("validation", "test")},
        }

    return bits


@pytest.fixture
def writable(corpus: TokenizedCorpus) -> TokenizedCorpus:
    """The corpus in arrays of its own, which a test may write into."""
    copied = {name: replace(rows, ids=rows.ids.copy()) for name, rows in corpus.splits.items()}
    return replace(corpus, splits=copied)


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("token cache")


@pytest.fixture
def plan(cache: Path) -> Plan:
    """Four cells: both losses of seed 0, then of seed 1."""
    return prepare_sweep(SweepSpec.model_validate(SWEEP), cache)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


@pytest.fixture
def run(home: Home) -> Callable[..., RunSummary]:
    def run(plan: Plan, **options: Any) -> RunSummary:
        return run_plan(plan, "its file", home, Console(file=io.StringIO()), **options)

    return run
