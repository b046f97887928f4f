"""The training loop: one epoch over packed batches.

In: a model, a loss, an optimizer, batches, named random streams, the step to begin at. Out: what the epoch
measured. Knows nothing of checkpoints, evaluation, or who asks for the next epoch, or for it to stop.
"""

import math
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Literal

import torch
from pydantic import Field
from torch import Tensor

from trainables.data.batches import PackedBatch
from trainables.errors import DivergedError
from trainables.losses import HeadSettings, Loss
from trainables.models import Classifier, Noise
from trainables.randomness import Streams
from trainables.settings import Settings


class TrainingSettings(Settings):
    """How a cell is trained: AdamW (Loshchilov, Hutter, ICLR 2019) with warm-up and decay of the rate."""

    epochs: int = Field(default=10, ge=1)
    batch_size: int = Field(default=64, ge=1)
    """Items in an optimizer step."""
    learning_rate: float = Field(default=7e-4, gt=0)
    """The peak of the schedule."""
    weight_decay: float = Field(default=0.1, ge=0)
    """Decoupled: each step takes rate × decay of every matrix. Biases and norms are left alone."""
    beta1: float = Field(default=0.9, ge=0, lt=1)
    beta2: float = Field(default=0.999, ge=0, lt=1)
    warmup: float = Field(default=0.05, ge=0, lt=1)
    """Share of all steps in which the rate rises linearly to its peak."""
    schedule: Literal["linear", "cosine", "constant"] = "linear"
    """How the rate falls to 0 after the warm-up; `constant` keeps it."""
    clip_norm: float | None = Field(default=None, gt=0)
    """Largest global gradient norm; None (off) clips nothing. Under two losses that are one function it clips other
    steps: a head of two rows has twice the squared gradient norm of a head of one (see `HeadSettings`)."""
    precision: Literal["float32", "bfloat16"] = "float32"
    """bfloat16: automatic mixed precision; weights and moments stay float32."""
    deterministic: bool = True
    """Only kernels that give the same bits each time. false lets a card multiply in TF32, too: faster, with 10 bits
    of precision in the factors where float32 has 23."""


def learning_rate_at(step: int, num_steps: int, settings: TrainingSettings) -> float:
    """The rate of a step counted from 0, of `num_steps` in all."""
    warmup_steps = math.ceil(settings.warmup * num_steps - 1e-9)  # 0.07 · 100 is 7.000000000000001
    if step < warmup_steps:
        return settings.learning_rate * (step + 1) / warmup_steps
    if settings.schedule == "constant":
        return settings.learning_rate
    left = 1 - (step - warmup_steps) / max(1, num_steps - warmup_steps)
    share = left if settings.schedule == "linear" else (1 - math.cos(math.pi * left)) / 2
    return settings.learning_rate * share


def make_optimizer(
    model: Classifier, settings: TrainingSettings, head: HeadSettings | None = None
) -> torch.optim.AdamW:
    """AdamW, fused, over `parameter_groups`."""
    groups = parameter_groups(model, settings, head or HeadSettings())
    return torch.optim.AdamW(groups, lr=settings.learning_rate, betas=(settings.beta1, settings.beta2), fused=True)


def parameter_groups(model: Classifier, settings: TrainingSettings, head: HeadSettings) -> list[dict[str, Any]]:
    """Parameters that share a decay, which is on matrices only, and `rate_scale`, of the schedule's rate."""
    of_head = {id(parameter) for parameter in model.head.parameters()}
    groups: dict[tuple[float, float], list[Tensor]] = {}
    for parameter in sorted(model.parameters(), key=lambda p: p.ndim < 2):
        at_head = id(parameter) in of_head
        decay = settings.weight_decay * (head.weight_decay_scale if at_head else 1.0) * (parameter.ndim >= 2)
        groups.setdefault((decay, head.learning_rate_scale if at_head else 1.0), []).append(parameter)
    return [
        {"params": members, "weight_decay": decay, "rate_scale": scale, "lr": settings.learning_rate * scale}
        for (decay, scale), members in groups.items()
    ]


def untouched_shrinkage(num_steps_taken: int, num_steps: int, settings: TrainingSettings) -> float:
    """What decay alone leaves of a token row that no step ever read: Π (1 − rate · decay)."""
    return math.prod(
        1 - learning_rate_at(step, num_steps, settings) * settings.weight_decay for step in range(num_steps_taken)
    )


@dataclass
class EpochSoFar:
    """What an epoch has measured up to one of its steps: sums, from which it goes on bit for bit.

    The means are over the training items as they were when seen.
    """

    steps: int = 0
    items: int = 0
    tokens: int = 0
    correct: int = 0
    loss_sum: float = 0.0
    norm_sum: float = 0.0
    learning_rate: float = 0.0
    """Of the last step."""
    seconds: float = 0.0

    @property
    def loss(self) -> float:
        """Mean per item, in nats."""
        return self.loss_sum / self.items

    @property
    def accuracy(self) -> float:
        return self.correct / self.items

    @property
    def gradient_norm(self) -> float:
        """Mean over steps of the global norm, before clipping."""
        return self.norm_sum / self.steps


def train_epoch(
    model: Classifier,
    loss: Loss,
    optimizer: torch.optim.Optimizer,
    batches: Iterable[PackedBatch],
    settings: TrainingSettings,
    streams: Streams,
    so_far: EpochSoFar,
    *,
    epoch: int,
    first_step: int,
    num_steps: int,
    device: torch.device,
    stop: Callable[[], bool] = lambda: False,
) -> None:
    """Take one optimizer step a batch, and add what it measures to `so_far`; leave after a step if `stop` says so.

    `batches` begin after the steps that `so_far` holds; `first_step` is the epoch's first. Raises DivergedError at
    the first loss or gradient that is not finite, before its step.
    """
    began, seconds_before = time.perf_counter(), so_far.seconds
    for batch in (b.to(device) for b in batches):
        step = first_step + so_far.steps
        rate = learning_rate_at(step, num_steps, settings)
        for group in optimizer.param_groups:
            group["lr"] = rate * group["rate_scale"]
        noise = Noise(streams.torch("dropout", step, device=device))
        with torch.autocast(device.type, torch.bfloat16, enabled=settings.precision == "bfloat16"):
            logits_NK = model(batch, noise)
        per_item_N = loss.per_item(logits_NK, batch.labels_N)
        optimizer.zero_grad(set_to_none=True)
        torch.autograd.backward(per_item_N.mean())
        norm = _gradient_norm(model, settings.clip_norm)

        batch_loss = float(per_item_N.detach().sum())
        if not math.isfinite(batch_loss) or not math.isfinite(norm):
            raise DivergedError(
                epoch=epoch, step=step, loss=batch_loss, learning_rate=rate, gradient_norm=float(norm)
            )
        optimizer.step()

        predicted_N = loss.log_probabilities(logits_NK.detach()).argmax(-1)
        so_far.steps += 1
        so_far.items += len(batch.labels_N)
        so_far.tokens += len(batch.ids_T)
        so_far.correct += int((predicted_N == batch.labels_N).sum())
        so_far.loss_sum += batch_loss
        so_far.norm_sum += float(norm)
        so_far.learning_rate = rate
        so_far.seconds = seconds_before + time.perf_counter() - began
        if stop():
            return


def _gradient_norm(model: Classifier, clip_norm: float | None) -> Tensor:
    gradients = [p.grad for p in model.parameters() if p.grad is not None]
    norm = torch.nn.utils.get_total_norm(gradients)
    if clip_norm is not None:
        torch.nn.utils.clip_grads_with_norm_(model.parameters(), clip_norm, norm)
    return norm
