"""What a cell leaves behind, as data: one record an epoch, and one result.

Metrics that the same cell gives again bit for bit stand apart from `timing`, which it does not.
"""

from typing import Literal

from trainables.settings import Settings


class EpochRecord(Settings):
    """One finished epoch."""

    epoch: int
    """From 1."""
    step: int
    """Optimizer steps taken since the cell's start."""
    metrics: dict[str, float]
    """By metric name, e.g. `train_loss` (nats), `validation_accuracy` (share in [0, 1])."""
    timing: dict[str, float]
    """`epoch_seconds`, and `tokens_per_second` of training."""
    measured_at: float
    """Seconds since 1970 (UTC) when the epoch was first measured."""


class CellResult(Settings):
    """How a cell ended. Its existence in the store is what makes the cell done."""

    status: Literal["finished", "diverged"]
    epochs: int
    """Epochs finished."""
    final: dict[str, float] = {}
    """The last epoch's metrics, and `test_…` of the last weights. These decide."""
    best: dict[str, float] = {}
    """`best_epoch`, the one of highest validation accuracy, and its `best_validation_…`: selected by the data that
    they report, so biased upward."""
    divergence: str = ""
    """Where and how the loss became non-finite; empty otherwise."""
    model_facts: dict[str, float] = {}
    """`parameters`, `live_tokens`, and what `predict` needs to rebuild the rows that were never read."""
    measured_at: float
