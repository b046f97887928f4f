"""Binary cross-entropy over sigmoids."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal

import torch
from pydantic import BeforeValidator, Field
from torch import Tensor
from torch.nn import functional as F

from trainables.losses.base import Loss, Smoothing, Weight, check_count
from trainables.settings import AddedLater


def _listed(given: Any) -> Any:
    """`pos_weight: 2` in a sweep file is short for `[2]`."""
    return [given] if isinstance(given, int | float) and not isinstance(given, bool) else given


class BinaryCrossEntropy(Loss):
    """Cross-entropy of a yes-or-no answer under a sigmoid.

    For two classes the head has one output z, the log odds of class 1. For more it has one for each class, each
    trained against the rest; an item's loss is the sum over classes.

        L_n = −[y log σ(z) + (1 − y) log(1 − σ(z))] = softplus(z) − y z        (C = 2)
        L_n = Σ_c softplus(z_nc) − [y_n = c] z_nc                              (C > 2)

    Smoothed by ε, and with pos_weight w, each output's part, as torch's; for two classes smoothing agrees with
    cross-entropy's:

        −w y' log σ(z) − (1 − y') log(1 − σ(z)),  y' = (1 − ε) y + ε / 2

    Probabilities for C > 2 are the sigmoids divided by their sum.

    Output layer: 1 logit, sigmoid; for C > 2 one for each class, against the rest.

    Reference: Goodfellow, Bengio, Courville, *Deep Learning*, 2016, section 6.2.2.2; one against the rest: Rifkin,
    Klautau, *In Defense of One-Vs-All Classification*, JMLR 2004; label smoothing: Szegedy et al., *Rethinking the
    Inception Architecture*, CVPR 2016, section 7.
    """

    name: Literal["binary_cross_entropy"] = "binary_cross_entropy"
    label_smoothing: Smoothing = 0.0
    """ε: half of it is taken from each output's true answer and given to the other."""
    pos_weight: Annotated[
        tuple[Weight, ...] | None, Field(min_length=1), BeforeValidator(_listed), AddedLater(neutral=None)
    ] = None
    """What the answer yes counts for, where no counts for 1: one number for two classes, for more one for each."""

    def num_outputs(self, num_classes: int) -> int:
        return 1 if num_classes == 2 else num_classes

    def check_classes(self, class_names: Sequence[str]) -> None:
        super().check_classes(class_names)
        if self.pos_weight is not None:
            two = len(class_names) == 2
            each = f"for {class_names[1]}" if two else f"one for each class in the order {', '.join(class_names)}"
            check_count("pos_weight", self.pos_weight, self.num_outputs(len(class_names)), each, class_names)

    def per_item(self, logits_NK: Tensor, labels_N: Tensor) -> Tensor:
        num_outputs = logits_NK.shape[-1]
        true_NK = labels_N[:, None] if num_outputs == 1 else F.one_hot(labels_N, num_outputs)
        wanted_NK = true_NK.to(logits_NK.dtype)
        if self.label_smoothing:
            wanted_NK = wanted_NK * (1 - self.label_smoothing) + self.label_smoothing / 2
        weight_K = None if self.pos_weight is None else logits_NK.new_tensor(self.pos_weight)
        losses_NK = F.binary_cross_entropy_with_logits(logits_NK, wanted_NK, reduction="none", pos_weight=weight_K)
        return losses_NK.sum(-1)

    def log_probabilities(self, logits_NK: Tensor) -> Tensor:
        if logits_NK.shape[-1] == 1:
            return F.logsigmoid(torch.cat([-logits_NK, logits_NK], dim=-1))
        # Divided by their sum in the log domain: sigmoids of very negative logits would all be 0.
        return F.log_softmax(F.logsigmoid(logits_NK), dim=-1)
