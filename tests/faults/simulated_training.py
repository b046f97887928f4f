"""A training of microseconds that keeps the promise of the real one: all of it follows from seed and steps done.

The only part of a cell that the simulation does not take from seedwise. Its checkpoint is a real `TrainingState`;
every step draws from a stream named by its number, so that nothing but how far it has come needs to be kept.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import torch

from trainables.checkpoint import TrainingState
from trainables.classifier import CellOutcome, PartLogits
from trainables.config import CellConfig
from trainables.errors import DivergedError
from trainables.randomness import Streams
from trainables.records import CellResult, EpochRecord
from trainables.training import EpochSoFar

STEPS_PER_EPOCH = 3
ROWS = {"validation": 3, "test": 4}
HIGHEST_RATE = 1.0
"""Above it a cell diverges in its last epoch: an outcome, the same however often it is interrupted."""


class SmallTraining:
    """What the work on a cell asks of a `CellTraining`."""

    def __init__(self, config: CellConfig, clock: Callable[[], float], trained: "Counter[float]"):
        """`trained` counts the steps, by learning rate."""
        self.config, self._clock, self._trained = config, clock, trained
        self.streams = Streams(config.seed)
        self.weights = torch.from_numpy(self.streams.numpy("init", "weights").standard_normal(4))
        self.moment = torch.zeros(4, dtype=torch.float64)
        self.epochs_done, self.so_far = 0, EpochSoFar()

    @property
    def finished(self) -> bool:
        return self.epochs_done >= self.config.training.epochs

    def advance(self, stop: Callable[[], bool]) -> EpochRecord | None:
        while self.so_far.steps < STEPS_PER_EPOCH:
            self._step(self.epochs_done * STEPS_PER_EPOCH + self.so_far.steps)
            if stop() and self.so_far.steps < STEPS_PER_EPOCH:
                return None
        loss, self.so_far = self.so_far.loss, EpochSoFar()
        self.epochs_done += 1
        return EpochRecord(
            epoch=self.epochs_done,
            step=self.epochs_done * STEPS_PER_EPOCH,
            metrics={"train_loss": loss, "validation_accuracy": float(self.weights.sum())},
            timing={"epoch_seconds": self._clock() % 7},
            measured_at=self._clock(),
        )

    def state(self) -> TrainingState:
        tensors = {"model/weights": self.weights.clone(), "optimizer/moment/weights": self.moment.clone()}
        return TrainingState(tensors, self.epochs_done, replace(self.so_far))

    def restore(self, state: TrainingState) -> None:
        self.weights = state.tensors["model/weights"].clone()
        self.moment = state.tensors["optimizer/moment/weights"].clone()
        self.epochs_done, self.so_far = state.epochs_done, replace(state.so_far)

    def conclude(self, history: Sequence[EpochRecord], stop: Callable[[], bool]) -> CellOutcome:
        predictions = {part: self._predict(rows) for part, rows in ROWS.items()}
        best = max(history, key=lambda record: record.metrics["validation_accuracy"])
        result = CellResult(
            status="finished",
            epochs=self.epochs_done,
            final={**history[-1].metrics, "test_accuracy": float(self.weights[0])},
            best={"best_epoch": float(best.epoch)},
            model_facts={"parameters": 4.0},
            measured_at=self._clock(),
        )
        return CellOutcome(result, predictions, {"weights": self.weights, "moment": self.moment})

    def divergence(self, error: DivergedError) -> CellResult:
        return CellResult(
            status="diverged", epochs=self.epochs_done, divergence=str(error), measured_at=self._clock()
        )

    def _step(self, step: int) -> None:
        rate = self.config.training.learning_rate
        self._trained[rate] += 1
        last_epoch = self.config.training.epochs - 1
        if rate > HIGHEST_RATE and step > last_epoch * STEPS_PER_EPOCH:
            raise DivergedError(
                epoch=last_epoch + 1, step=step, loss=float("nan"), learning_rate=rate, gradient_norm=1.0
            )
        gradient = torch.from_numpy(self.streams.numpy("step", step).standard_normal(4)) + self.weights
        self.moment = 0.9 * self.moment + gradient
        self.weights = self.weights - rate * self.moment
        self.so_far.steps, self.so_far.items = self.so_far.steps + 1, self.so_far.items + 1
        self.so_far.loss_sum += float(self.moment.sum())

    def _predict(self, rows: int) -> PartLogits:
        logits_NK = np.outer(np.arange(rows), self.weights[:2].numpy())
        return PartLogits(
            rows=np.arange(rows),
            labels=np.arange(rows) % 2,
            logits=logits_NK.astype(np.float32),
            log_probabilities=logits_NK - np.logaddexp(logits_NK[:, :1], logits_NK[:, 1:]),
        )
