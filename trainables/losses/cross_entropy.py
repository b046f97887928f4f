"""Categorical cross-entropy over a softmax."""

from typing import Literal

from torch import Tensor
from torch.nn import functional as F

from trainables.losses.base import Loss


class CrossEntropy(Loss):
    """Cross-entropy of the true class under a softmax over C logits.

    The head has one output for each class; their differences are the log odds between classes.

        L_n = −log softmax(z_n)[y_n] = logsumexp_c z_nc − z_n,y_n

    For two classes it is the same function of d = z_1 − z_0 as binary cross-entropy is of its one logit, though
    not the same training: the head has two rows that move apart at twice the speed.

    Reference: Goodfellow, Bengio, Courville, *Deep Learning*, 2016, section 6.2.2.3.
    """

    name: Literal["cross_entropy"] = "cross_entropy"

    def num_outputs(self, num_classes: int) -> int:
        return num_classes

    def per_item(self, logits_NK: Tensor, labels_N: Tensor) -> Tensor:
        return F.cross_entropy(logits_NK, labels_N, reduction="none")

    def log_probabilities(self, logits_NK: Tensor) -> Tensor:
        return F.log_softmax(logits_NK, dim=-1)
