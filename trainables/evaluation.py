"""Metrics of a part, from log probabilities and labels: pure functions over numpy arrays.

Shapes: N items, C classes. What a metric means does not depend on the loss that trained the model, so arms with
different losses are compared on the same scale.
"""

import math
from collections.abc import Mapping
from typing import Literal

import numpy as np
from numpy.typing import NDArray

CALIBRATION_BINS = 15

METRICS: Mapping[str, Literal["maximize", "minimize"]] = {
    "accuracy": "maximize",
    "nll": "minimize",
    "nll_bits": "minimize",
    "macro_f1": "maximize",
    "auroc": "maximize",
    "brier": "minimize",
    "ece": "minimize",
}
"""The metrics of a part that `scores` gives, and which way is better."""
SHARES = ("accuracy", "macro_f1", "auroc", "ece")
"""Those in [0, 1], said in hundredths: points."""


def scores(log_probabilities_NC: NDArray[np.float64], labels_N: NDArray[np.int64]) -> dict[str, float]:
    """The metrics of one part, by name.

    `nll` (nats) and `nll_bits` (nats / ln 2) an item; `accuracy` and `macro_f1` in [0, 1]; `auroc` (for C > 2 the
    mean over pairs of classes, Hand and Till, 2001); `brier`: squared error summed over classes, in [0, 2]; `ece`:
    expected calibration error of the predicted class's probability in 15 equal bins (Guo et al., ICML 2017).
    """
    from sklearn.metrics import f1_score  # here, because it takes a second to load, and many commands only read

    probabilities_NC = np.exp(log_probabilities_NC)
    predicted_N = log_probabilities_NC.argmax(1)
    num_classes = probabilities_NC.shape[1]
    nll = -float(log_probabilities_NC[np.arange(len(labels_N)), labels_N].mean())
    return {
        "accuracy": float((predicted_N == labels_N).mean()),
        "nll": nll,
        "nll_bits": nll / math.log(2),
        "macro_f1": float(
            f1_score(labels_N, predicted_N, labels=range(num_classes), average="macro", zero_division=0)
        ),
        "auroc": _auroc(log_probabilities_NC, labels_N),
        "brier": float(((probabilities_NC - np.eye(num_classes)[labels_N]) ** 2).sum(1).mean()),
        "ece": expected_calibration_error(probabilities_NC.max(1), predicted_N == labels_N),
    }


def expected_calibration_error(
    confidences_N: NDArray[np.float64], correct_N: NDArray[np.bool_], bins: int = CALIBRATION_BINS
) -> float:
    """Mean over items of |accuracy − confidence| of the item's bin; bins are (0, 1/15], (1/15, 2/15], …"""
    bin_N = calibration_bins(confidences_N, bins)
    gap = np.bincount(bin_N, weights=correct_N - confidences_N, minlength=bins)
    return float(np.abs(gap).sum() / len(confidences_N))


def calibration_bins(confidences_N: NDArray[np.float64], bins: int = CALIBRATION_BINS) -> NDArray[np.int64]:
    """The number of each item's bin, from 0."""
    bin_N: NDArray[np.int64] = np.clip(np.ceil(confidences_N * bins).astype(np.int64) - 1, 0, bins - 1)
    return bin_N


def _auroc(log_probabilities_NC: NDArray[np.float64], labels_N: NDArray[np.int64]) -> float:
    from sklearn.metrics import roc_auc_score

    if log_probabilities_NC.shape[1] == 2:
        # Ranked by log odds: probabilities near 1 round to the same number, and would tie.
        return float(roc_auc_score(labels_N, log_probabilities_NC[:, 1] - log_probabilities_NC[:, 0]))
    probabilities_NC = np.exp(log_probabilities_NC)
    # Rows must sum to 1 more exactly than exponentials do.
    rows_NC = probabilities_NC / probabilities_NC.sum(1, keepdims=True)
    return float(roc_auc_score(labels_N, rows_NC, multi_class="ovo", labels=range(rows_NC.shape[1])))
