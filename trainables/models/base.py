"""What a model is: settings that build a module, and a module that turns a packed batch into logits.

Shapes: T tokens of N items, D width, K outputs of the head.
"""

from abc import ABC, abstractmethod

import torch
from pydantic import Field
from torch import Tensor, nn

from trainables.data.batches import PackedBatch
from trainables.settings import Settings


class Noise:
    """Where a training step's dropout comes from; at evaluation there is none, and no `Noise`.

    The generator is the step's own, so that dropout is a function of seed and step.
    """

    def __init__(self, generator: torch.Generator):
        self.generator = generator

    def dropout(self, x: Tensor, rate: float) -> Tensor:
        """Zero each number with probability `rate` and scale the others by 1 / (1 − rate)."""
        if rate == 0:
            return x
        kept = torch.empty(x.shape, dtype=x.dtype, device=x.device)
        kept.bernoulli_(1 - rate, generator=self.generator)
        return x * kept.div_(1 - rate)


class TokenTable(nn.Module):
    """The embedding of tokens, cut to the rows that the cell can read."""

    def __init__(self, num_tokens: int, width: int, std: float):
        super().__init__()
        self.weight = nn.Parameter(torch.empty(num_tokens, width))
        self.std = std
        """Standard deviation of the initial normal law."""

    def forward(self, ids_T: Tensor) -> Tensor:
        return nn.functional.embedding(ids_T, self.weight)


class Classifier(nn.Module, ABC):
    """A trunk that turns a batch into one feature vector an item, and a linear head that the loss sizes."""

    tokens: TokenTable
    head: nn.Linear

    @abstractmethod
    def features(self, batch: PackedBatch, noise: Noise | None) -> Tensor:
        """What the head sees, shape (N, D)."""

    def forward(self, batch: PackedBatch, noise: Noise | None = None) -> Tensor:
        """Logits (N, K), in float32 at least, of the batch's items in order. Dropout only where noise is given."""
        logits_NK: Tensor = self.head(self.features(batch, noise))
        return at_least_float32(logits_NK)


def at_least_float32(x: Tensor) -> Tensor:
    """What bfloat16 would round too much; a model in float64 stays there."""
    return x.to(torch.promote_types(x.dtype, torch.float32))


class ModelSettings(Settings, ABC):
    """A kind of model. Each adds `name: Literal["<name>"]`, the key of its union."""

    token_dropout: float = Field(default=0.0, ge=0, lt=1)
    """Share of each training text's tokens that is left out of a step, drawn anew each time; each text keeps at
    least one (Iyyer et al., ACL 2015, "word dropout"). Left out, not zeroed: it saves their work too."""

    embedding_std: float = Field(default=0.1, gt=0)
    """Standard deviation of the token table's initial normal law."""

    @abstractmethod
    def build(self, num_tokens: int, max_length: int, num_outputs: int) -> Classifier:
        """The module, its parameters not yet drawn. `num_tokens` is the cut vocabulary's size."""
