"""Categorical cross-entropy over a softmax."""

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import Field
from torch import Tensor
from torch.nn import functional as F

from trainables.losses.base import Loss, Smoothing, Weight, check_count
from trainables.settings import AddedLater


class CrossEntropy(Loss):
    """Cross-entropy of the true class under a softmax over C logits.

    The head has one output for each class; their differences are the log odds between classes.

        L_n = −log softmax(z_n)[y_n] = logsumexp_c z_nc − z_n,y_n

    Smoothed by ε, and with class weights w, as torch's without a reduction:

        L_n = −(1 − ε) w_y log p_ny − (ε / C) Σ_c w_c log p_nc,  p_n = softmax(z_n)

    Training takes the mean of L_n over a batch's items. torch's own mean divides by the batch's sum of weights.

    For two classes it is the same function of d = z_1 − z_0 as binary cross-entropy is of its one logit, though
    not the same training: the head has two rows that move apart at twice the speed, and start farther apart.

    Output layer: C logits, softmax; pinned: C − 1 logits after one that is 0, softmax.

    Reference: Goodfellow, Bengio, Courville, *Deep Learning*, 2016, section 6.2.2.3; label smoothing: Szegedy et
    al., *Rethinking the Inception Architecture*, CVPR 2016, section 7.
    """

    name: Literal["cross_entropy"] = "cross_entropy"
    label_smoothing: Smoothing = 0.0
    """ε: the share of each item's weight that is spread evenly over all classes."""
    class_weights: Annotated[tuple[Weight, ...] | None, Field(min_length=2), AddedLater(neutral=None)] = None
    """What an item of each class counts for, in the order of the classes; under a sum, a weight of 2 is the item
    twice."""
    pinned: Annotated[bool, AddedLater(neutral=False)] = False
    """The first class's logit is 0, and the head has one output less. For two classes: cross-entropy of [0, z],
    trained as binary cross-entropy of z is, up to rounding, and so a check of everything that is not the loss."""

    def num_outputs(self, num_classes: int) -> int:
        return num_classes - self.pinned

    def check_classes(self, class_names: Sequence[str]) -> None:
        super().check_classes(class_names)
        if self.class_weights is not None:
            each = f"one for each class in the order {', '.join(class_names)}"
            check_count("class_weights", self.class_weights, len(class_names), each, class_names)

    def per_item(self, logits_NK: Tensor, labels_N: Tensor) -> Tensor:
        weights = None if self.class_weights is None else logits_NK.new_tensor(self.class_weights)
        return F.cross_entropy(
            self._logits_NC(logits_NK), labels_N, weights, reduction="none", label_smoothing=self.label_smoothing
        )

    def log_probabilities(self, logits_NK: Tensor) -> Tensor:
        return F.log_softmax(self._logits_NC(logits_NK), dim=-1)

    def _logits_NC(self, logits_NK: Tensor) -> Tensor:
        return F.pad(logits_NK, (1, 0)) if self.pinned else logits_NK
