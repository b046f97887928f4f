"""Trains one cell: an iterator of epochs, then an outcome.

In: a `CellConfig`, the shared tokens, a device. Out: an `EpochRecord` for each epoch asked for, and at the end a
`CellOutcome`. Knows nothing of who asks for the next epoch, of stores, of Ray or of MLflow: usable from a notebook.
"""

import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from trainables.checkpoint import TrainingState
from trainables.config import CellConfig
from trainables.data.batches import PartBatches
from trainables.data.cell_data import prepare
from trainables.data.tokens import TokenizedCorpus
from trainables.errors import DivergedError
from trainables.evaluation import scores
from trainables.models.initialisation import initialise
from trainables.process import set_process_state
from trainables.randomness import Streams
from trainables.records import CellResult, EpochRecord
from trainables.training import EpochSoFar, make_optimizer, train_epoch, untouched_shrinkage


@dataclass(frozen=True)
class PartLogits:
    """What the last weights say of each item of a part: `rows` (N,), `labels` (N,), `logits` (N, K) float32."""

    rows: NDArray[np.int64]
    labels: NDArray[np.int64]
    logits: NDArray[np.float32]
    log_probabilities: NDArray[np.float64]
    """(N, C), from the logits by the cell's loss."""


@dataclass(frozen=True)
class CellOutcome:
    """All that a finished cell leaves."""

    result: CellResult
    predictions: dict[str, PartLogits]
    """By part: `validation`, and `test` where there is one."""
    weights: dict[str, Tensor]
    """By parameter; `tokens.weight` holds the live rows only, and `live_tokens` says which they are."""


def never() -> bool:
    """Of who is not to be stopped."""
    return False


class CellTraining:
    """One cell under way.

    Every bit of it is a function of settings, seed and the epochs done, on the same kind of hardware, number of
    threads and library versions.
    """

    def __init__(self, config: CellConfig, corpus: TokenizedCorpus, *, device: str = "cpu", threads: int = 1):
        self.config = config
        self.threads = threads
        self._set_process_state()
        self.device = torch.device(device)
        self.streams = Streams(config.seed)
        self.data = prepare(corpus, config.split, config.tokens, config.training.batch_size, config.seed)
        config.loss.check_classes(corpus.class_names)
        with torch.device("meta"):
            model = config.model.build(
                len(self.data.vocabulary),
                config.tokens.max_length,
                config.loss.num_outputs(self.data.num_classes),
            )
        self.model = model.to_empty(device=self.device)
        initialise(self.model, self.data.vocabulary, self.streams, config.loss.head)
        self.optimizer = make_optimizer(self.model, config.training, config.loss.head)
        self.epochs_done = 0
        self.so_far = EpochSoFar()
        """Of the epoch under way, where it was left in the middle."""

    @property
    def steps_done(self) -> int:
        return self.epochs_done * len(self.data.train) + self.so_far.steps

    @property
    def num_steps(self) -> int:
        """Optimizer steps in the whole cell."""
        return self.config.training.epochs * len(self.data.train)

    @property
    def finished(self) -> bool:
        return self.epochs_done >= self.config.training.epochs

    def epochs(self) -> Iterator[EpochRecord]:
        """Train the epochs that are left, one each time the next is asked for. Raises DivergedError."""
        while not self.finished:
            yield self.next_epoch()

    def next_epoch(self) -> EpochRecord:
        """Train one epoch, or the rest of one, and score the validation part. Raises DivergedError."""
        record = self.advance(never)
        assert record is not None, "nobody stopped it"
        return record

    def advance(self, stop: Callable[[], bool]) -> EpochRecord | None:
        """As `next_epoch`; None where `stop`, asked after each step and while it scores, said so: `state` is then
        that of the last step."""
        assert not self.finished, "there is no epoch left"
        self._set_process_state()
        epoch, so_far, train = self.epochs_done + 1, self.so_far, self.data.train
        first_step = self.epochs_done * len(train)
        if so_far.steps < len(train):
            token_dropout = self.config.model.token_dropout
            train_epoch(
                self.model,
                self.config.loss,
                self.optimizer,
                train.shuffled(self.streams, epoch, first_step, token_dropout, skip=so_far.steps),
                self.config.training,
                self.streams,
                so_far,
                epoch=epoch,
                first_step=first_step,
                num_steps=self.num_steps,
                device=self.device,
                stop=stop,
            )
        if so_far.steps < len(train):
            return None
        return self._close_epoch(epoch, stop)

    def _close_epoch(self, epoch: int, stop: Callable[[], bool]) -> EpochRecord | None:
        """Score, and count the epoch as done; None where it was stopped before that."""
        trained, started = self.so_far, time.perf_counter()
        predicted = self.predict(self.data.evaluated["validation"], stop)
        if predicted is None:
            return None
        if not np.isfinite(predicted.logits).all():  # the epoch's last step broke the weights
            raise DivergedError(
                epoch=epoch,
                step=self.steps_done - 1,
                loss=math.nan,
                learning_rate=trained.learning_rate,
                gradient_norm=trained.gradient_norm,
            )
        self.epochs_done, self.so_far = epoch, EpochSoFar()
        return EpochRecord(
            epoch=epoch,
            step=self.steps_done,
            metrics={
                "train_loss": trained.loss,
                "train_accuracy": trained.accuracy,
                "gradient_norm": trained.gradient_norm,
                "learning_rate": trained.learning_rate,
                **self._score("validation", predicted),
            },
            timing={
                "epoch_seconds": trained.seconds + time.perf_counter() - started,
                "tokens_per_second": trained.tokens / trained.seconds,
            },
            measured_at=time.time(),
        )

    def state(self) -> TrainingState:
        """What a later process needs to go on from here."""
        return TrainingState.of(self.model, self.optimizer, self.epochs_done, self.so_far)

    def restore(self, state: TrainingState) -> None:
        """Go on from a state of the same cell."""
        state.load_into(self.model, self.optimizer)
        self.epochs_done, self.so_far = state.epochs_done, replace(state.so_far)

    def outcome(self, history: Sequence[EpochRecord]) -> CellOutcome:
        """The finished cell; `history` is its stored list of epochs, which the best epoch is taken from."""
        found = self.conclude(history, never)
        assert found is not None, "nobody stopped it"
        return found

    def conclude(self, history: Sequence[EpochRecord], stop: Callable[[], bool]) -> CellOutcome | None:
        """As `outcome`; None where `stop`, asked while it scores, said so."""
        assert self.finished, "a cell has an outcome when its last epoch is done"
        self._set_process_state()
        predictions = dict[str, PartLogits]()
        for part, batches in self.data.evaluated.items():
            predicted = self.predict(batches, stop)
            if predicted is None:
                return None
            predictions[part] = predicted
        final = dict(history[-1].metrics)
        if "test" in predictions:
            final |= self._score("test", predictions["test"])
        best = max(history, key=lambda record: record.metrics["validation_accuracy"])
        weights = {name: tensor.detach().cpu() for name, tensor in self.model.state_dict().items()}
        weights["live_tokens"] = torch.from_numpy(self.data.vocabulary.live)
        result = CellResult(
            status="finished",
            epochs=self.epochs_done,
            final=final,
            best={f"best_{name}": value for name, value in best.metrics.items() if name.startswith("validation_")}
            | {"best_epoch": float(best.epoch)},
            model_facts=self._facts(),
            measured_at=time.time(),
        )
        return CellOutcome(result, predictions, weights)

    def divergence(self, error: DivergedError) -> CellResult:
        """The result of a cell whose loss became non-finite."""
        return CellResult(
            status="diverged",
            epochs=self.epochs_done,
            divergence=str(error),
            model_facts=self._facts(),
            measured_at=time.time(),
        )

    def predict(self, batches: PartBatches, stop: Callable[[], bool] = never) -> PartLogits | None:
        """Logits of every row of a part, ordered by row number; None where `stop`, asked before each batch, said
        so."""
        rows, labels, logits = [], [], []
        with torch.inference_mode():
            for batch in batches.in_order():
                if stop():
                    return None
                moved = batch.to(self.device)
                with torch.autocast(
                    self.device.type, torch.bfloat16, enabled=self.config.training.precision == "bfloat16"
                ):
                    logits.append(self.model(moved).cpu())
                rows.append(batch.rows_N)
                labels.append(batch.labels_N.numpy())
            logits_NK = torch.cat(logits)
            log_probabilities_NC = self.config.loss.log_probabilities(logits_NK.double())
        order = np.argsort(np.concatenate(rows), kind="stable")
        return PartLogits(
            rows=np.concatenate(rows)[order],
            labels=np.concatenate(labels)[order],
            logits=logits_NK.numpy()[order],
            log_probabilities=log_probabilities_NC.numpy()[order],
        )

    def _set_process_state(self) -> None:
        # Anew for each epoch: another cell may have run in between, and part of it belongs to the thread.
        set_process_state(threads=self.threads, deterministic=self.config.training.deterministic)

    def _score(self, part: str, predicted: PartLogits) -> dict[str, float]:
        own_loss = self.config.loss.per_item(
            torch.from_numpy(predicted.logits).double(), torch.from_numpy(predicted.labels)
        )
        metrics = {"loss": float(own_loss.mean()), **scores(predicted.log_probabilities, predicted.labels)}
        return {f"{part}_{name}": value for name, value in metrics.items()}

    def _facts(self) -> dict[str, float]:
        return {
            "parameters": float(sum(p.numel() for p in self.model.parameters())),
            "live_tokens": float(len(self.data.vocabulary)),
            "untouched_shrinkage": untouched_shrinkage(self.steps_done, self.num_steps, self.config.training),
        }
