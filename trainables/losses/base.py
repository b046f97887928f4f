"""What a loss is: settings, the head that it needs, its value for each item, and how its logits are read.

Shapes: N items, C classes, K outputs of the head. Natural logarithm throughout.
"""

from abc import ABC, abstractmethod

from torch import Tensor

from trainables.settings import Settings


class Loss(Settings, ABC):
    """A training objective. Each loss adds `name: Literal["<name>"]`, the key of its union."""

    @abstractmethod
    def num_outputs(self, num_classes: int) -> int:
        """K, the outputs that the head must have for C classes."""

    @abstractmethod
    def per_item(self, logits_NK: Tensor, labels_N: Tensor) -> Tensor:
        """The loss of each item in nats, shape (N,). Training minimises its mean.

        `labels_N` are classes, int64 in [0, C). Finite with finite gradients for logits of ±1e4.
        """

    @abstractmethod
    def log_probabilities(self, logits_NK: Tensor) -> Tensor:
        """The logarithm of each class's probability, shape (N, C); each row's exponentials sum to 1."""
