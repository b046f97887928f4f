"""One cell: it learns, it goes on where it stopped, it depends on nothing but its settings."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import pytest
import torch

from trainables.checkpoint import TrainingState
from trainables.classifier import CellOutcome, CellTraining
from trainables.config import CellConfig
from trainables.data.batches import PackedBatch
from trainables.data.tokens import TokenizedCorpus
from trainables.evaluation import scores
from trainables.losses import Loss
from trainables.models import ModelSettings, Noise
from trainables.records import EpochRecord

MakeConfig = Callable[..., CellConfig]
MakeCorpus = Callable[..., TokenizedCorpus]
PRECISIONS = pytest.mark.parametrize("precision", ["float32", "bfloat16"])


@dataclass
class Trained:
    """A finished cell, as bits."""

    history: list[EpochRecord]
    outcome: CellOutcome

    def bits(self) -> dict[str, object]:
        return {
            "metrics": [record.metrics for record in self.history],
            "steps": [(record.epoch, record.step) for record in self.history],
            "final": self.outcome.result.final,
            "best": self.outcome.result.best,
            "facts": self.outcome.result.model_facts,
            **{f"logits of {part}": p.logits.tobytes() for part, p in self.outcome.predictions.items()},
            **{name: tensor.numpy().tobytes() for name, tensor in self.outcome.weights.items()},
        }


def trained(config: CellConfig, corpus: TokenizedCorpus) -> Trained:
    training = CellTraining(config, corpus)
    history = list(training.epochs())
    return Trained(history, training.outcome(history))


# It learns.


@pytest.mark.parametrize("num_classes", [2, 4])
def test_every_model_learns_a_corpus_that_words_separate_under_every_loss(
    num_classes: int, settings: ModelSettings, loss: Loss, make_config: MakeConfig, make_corpus: MakeCorpus
) -> None:
    config = make_config(loss.model_dump(), settings.model_dump(), epochs=10, learning_rate=0.02)
    corpus = make_corpus(num_classes, num_train=160, num_test=80)
    final = trained(config, corpus).outcome.result.final
    assert final["test_accuracy"] > 0.95
    assert final["validation_nll"] < 0.5 * math.log(num_classes)


# It goes on where it stopped.


@PRECISIONS
def test_a_cell_that_was_stopped_and_restored_has_the_bits_of_one_that_was_not(
    precision: str, loss: Loss, make_config: MakeConfig, make_corpus: MakeCorpus
) -> None:
    config = make_config(loss.model_dump(), epochs=4, precision=precision, clip_norm=0.5)
    whole = trained(config, make_corpus())
    for stop in (1, 3):
        first = CellTraining(config, make_corpus())
        history = [first.next_epoch() for _ in range(stop)]
        stored = first.state().to_bytes()
        trained(make_config(seed=9), make_corpus())  # another cell in between
        second = CellTraining(config, make_corpus())
        second.restore(TrainingState.from_bytes(stored))
        history += second.epochs()
        assert Trained(history, second.outcome(history)).bits() == whole.bits()


def test_a_cell_restored_after_its_last_epoch_has_the_same_outcome(
    make_config: MakeConfig, make_corpus: MakeCorpus
) -> None:
    whole = CellTraining(make_config(), make_corpus())
    history = list(whole.epochs())
    again = CellTraining(make_config(), make_corpus())
    again.restore(whole.state())
    assert list(again.epochs()) == []
    assert Trained(history, again.outcome(history)).bits() == Trained(history, whole.outcome(history)).bits()


# It depends on nothing but its settings.


def scramble() -> None:
    """What a careless cell, or a library, may leave behind."""
    torch.manual_seed(1234)
    np.random.seed(1234)
    torch.rand(7)
    torch.set_flush_denormal(False)
    torch.use_deterministic_algorithms(False)


@PRECISIONS
def test_a_cell_has_the_same_bits_after_another_arm_in_the_same_process(
    precision: str, loss: Loss, settings: ModelSettings, make_config: MakeConfig, make_corpus: MakeCorpus
) -> None:
    config = make_config(loss.model_dump(), settings.model_dump(), precision=precision)
    fresh = trained(config, make_corpus()).bits()
    for other in ("cross_entropy", "binary_cross_entropy"):
        trained(make_config(other, seed=5, learning_rate=0.1), make_corpus(4))
        scramble()
        assert trained(config, make_corpus()).bits() == fresh


def test_two_cells_epoch_by_epoch_in_turn_have_the_bits_of_each_alone(
    make_config: MakeConfig, make_corpus: MakeCorpus
) -> None:
    configs = [make_config("cross_entropy"), make_config("binary_cross_entropy", deterministic=False)]
    cells = [CellTraining(config, make_corpus()) for config in configs]
    for _ in range(3):
        for cell in cells:
            cell.next_epoch()
    for cell, config in zip(cells, configs, strict=True):
        alone = CellTraining(config, make_corpus())
        list(alone.epochs())
        assert cell.state().to_bytes() == alone.state().to_bytes()


def test_another_seed_gives_other_bits(make_config: MakeConfig, make_corpus: MakeCorpus) -> None:
    first, second = (trained(make_config(seed=seed), make_corpus()).bits() for seed in (1, 2))
    same = {name for name in first if first[name] == second[name]}
    assert same - {"best"} == {"steps", "facts", "live_tokens"}  # the best of 14 may well be the same number


def test_the_shared_tokens_are_as_they_were(make_config: MakeConfig, make_corpus: MakeCorpus) -> None:
    corpus = make_corpus()
    before = corpus.digest()
    trained(make_config(), corpus)
    assert corpus.digest() == before


# The same seed gives every arm the same start, batches and dropout.


@dataclass
class Seen:
    """What a cell's randomness decided."""

    trunk: dict[str, bytes]
    batches: list[tuple[bytes, bytes]]
    masks: list[bytes]


@pytest.fixture
def see(monkeypatch: pytest.MonkeyPatch, make_corpus: MakeCorpus) -> Iterator[Callable[[CellConfig], Seen]]:
    """Train two epochs, listening."""
    masks: list[bytes] = []
    batches: list[tuple[bytes, bytes]] = []
    dropout = Noise.dropout

    def listen(self: Noise, x: torch.Tensor, rate: float) -> torch.Tensor:
        before = self.generator.get_state()
        masks.append(dropout(self, torch.ones_like(x), rate).detach().numpy().tobytes())
        self.generator.set_state(before)
        return dropout(self, x, rate)

    def see(config: CellConfig) -> Seen:
        masks.clear()
        batches.clear()
        training = CellTraining(config, make_corpus())
        state = training.model.state_dict()
        trunk = {name: t.numpy().tobytes() for name, t in state.items() if not name.startswith("head.")}
        forward = training.model.forward

        def record(batch: PackedBatch, noise: Noise | None = None) -> torch.Tensor:
            batches.append((batch.rows_N.tobytes(), batch.ids_T.numpy().tobytes()))
            return forward(batch, noise)

        monkeypatch.setattr(training.model, "forward", record)
        training.next_epoch()
        training.next_epoch()
        return Seen(trunk, list(batches), list(masks))

    monkeypatch.setattr(Noise, "dropout", listen)
    return see


def test_the_same_seed_gives_each_loss_the_same_start_batches_and_dropout(
    settings: ModelSettings, see: Callable[[CellConfig], Seen], make_config: MakeConfig
) -> None:
    model = {**settings.model_dump(), "token_dropout": 0.3}
    one, other = (see(make_config(loss, model, seed=3)) for loss in ("cross_entropy", "binary_cross_entropy"))
    assert one.trunk == other.trunk
    assert one.batches == other.batches
    assert one.masks == other.masks
    assert len(one.masks) >= 6  # three steps in each of two epochs
    assert len(set(one.masks)) == len(one.masks)


def test_another_seed_gives_another_start_other_batches_and_other_dropout(
    settings: ModelSettings, see: Callable[[CellConfig], Seen], make_config: MakeConfig
) -> None:
    one, other = (see(make_config(model=settings.model_dump(), seed=seed)) for seed in (3, 4))
    assert all(one.trunk[name] != other.trunk[name] for name in one.trunk if "norm" not in name)
    assert one.batches != other.batches
    assert not set(one.masks) & set(other.masks)


# What it leaves.


def test_predictions_come_by_row_number_and_agree_with_the_reported_metrics(
    loss: Loss, make_config: MakeConfig, make_corpus: MakeCorpus
) -> None:
    corpus = make_corpus(4)
    outcome = trained(make_config(loss.model_dump()), corpus).outcome
    for part, predicted in outcome.predictions.items():
        assert (np.diff(predicted.rows) > 0).all()
        assert np.array_equal(predicted.labels, corpus.splits["test"].labels[predicted.rows])
        assert predicted.logits.shape == (len(predicted.rows), 4)
        expected = scores(predicted.log_probabilities, predicted.labels)
        own = loss.per_item(torch.tensor(predicted.logits).double(), torch.tensor(predicted.labels)).mean()
        assert {f"{part}_{name}": value for name, value in expected.items()}.items() <= outcome.result.final.items()
        assert outcome.result.final[f"{part}_loss"] == own.item()


def test_the_last_epoch_decides_and_the_best_is_named_as_such(
    make_config: MakeConfig, make_corpus: MakeCorpus
) -> None:
    training = CellTraining(make_config(epochs=4), make_corpus())
    history = [
        record.model_copy(update={"metrics": {**record.metrics, "validation_accuracy": accuracy}})
        for record, accuracy in zip(training.epochs(), [0.5, 0.75, 0.75, 0.6], strict=True)
    ]  # of two that are as good, the earlier
    result = training.outcome(history).result
    assert (result.best["best_epoch"], result.best["best_validation_accuracy"]) == (2, 0.75)
    assert result.best["best_validation_nll"] == history[1].metrics["validation_nll"]
    assert result.final["validation_accuracy"] == 0.6
    assert (result.status, result.epochs) == ("finished", 4)


@PRECISIONS
def test_a_cell_is_scored_in_the_precision_that_it_was_trained_in(
    precision: str, make_config: MakeConfig, make_corpus: MakeCorpus
) -> None:
    training, multiplied = CellTraining(make_config(precision=precision), make_corpus()), []
    training.model.head.register_forward_hook(lambda _, __, out: multiplied.append(out.dtype))
    training.predict(training.data.evaluated["validation"])
    assert set(multiplied) == {getattr(torch, precision)}


def test_an_untrained_model_costs_about_the_log_of_the_number_of_classes(
    make_config: MakeConfig, make_corpus: MakeCorpus
) -> None:
    record = CellTraining(make_config(learning_rate=1e-9), make_corpus(4)).next_epoch()
    assert record.metrics["validation_nll"] == pytest.approx(math.log(4), abs=0.5)
    assert record.metrics["train_loss"] == pytest.approx(math.log(4), abs=0.5)
