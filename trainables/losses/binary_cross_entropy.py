"""Binary cross-entropy over sigmoids."""

from typing import Literal

import torch
from torch import Tensor
from torch.nn import functional as F

from trainables.losses.base import Loss


class BinaryCrossEntropy(Loss):
    """Cross-entropy of a yes-or-no answer under a sigmoid.

    For two classes the head has one output z, the log odds of class 1. For more it has one for each class, each
    trained against the rest; an item's loss is the sum over classes.

        L_n = −[y log σ(z) + (1 − y) log(1 − σ(z))] = softplus(z) − y z        (C = 2)
        L_n = Σ_c softplus(z_nc) − [y_n = c] z_nc                              (C > 2)

    Probabilities for C > 2 are the sigmoids divided by their sum.

    Reference: Goodfellow, Bengio, Courville, *Deep Learning*, 2016, section 6.2.2.2; one against the rest: Rifkin,
    Klautau, *In Defense of One-Vs-All Classification*, JMLR 2004.
    """

    name: Literal["binary_cross_entropy"] = "binary_cross_entropy"

    def num_outputs(self, num_classes: int) -> int:
        return 1 if num_classes == 2 else num_classes

    def per_item(self, logits_NK: Tensor, labels_N: Tensor) -> Tensor:
        num_outputs = logits_NK.shape[-1]
        true_NK = labels_N[:, None] if num_outputs == 1 else F.one_hot(labels_N, num_outputs)
        losses_NK = F.binary_cross_entropy_with_logits(logits_NK, true_NK.to(logits_NK.dtype), reduction="none")
        return losses_NK.sum(-1)

    def log_probabilities(self, logits_NK: Tensor) -> Tensor:
        if logits_NK.shape[-1] == 1:
            return F.logsigmoid(torch.cat([-logits_NK, logits_NK], dim=-1))
        # Divided by their sum in the log domain: sigmoids of very negative logits would all be 0.
        return F.log_softmax(F.logsigmoid(logits_NK), dim=-1)
