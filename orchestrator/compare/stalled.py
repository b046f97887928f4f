"""Which of an arm's runs have learnt nothing that shows in the metric that decides.

In: predictions of each run. Out: the seeds whose run stalled. Held against the best that a model could reach that
heeds no input: by accuracy one that always says the most frequent class, by macro-F1 one that guesses each class as
often as it is there (the constant one is worse), by NLL and Brier score one that says each class's share, by AUROC
one that ranks at random. By calibration error such a model is perfect, so there AUROC stands in.

Shapes: S runs, N items, C classes.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import rankdata

Floats = NDArray[np.float64]

ERRORS = 3
"""A run that does not lead by more standard errors is not shown to be better."""
HEEDLESS = {
    "accuracy": "always saying the most frequent class",
    "macro_f1": "guessing each class as often as it is there",
    "nll": "always saying each class's share",
    "brier": "always saying each class's share",
    "auroc": "chance",
}
"""What a run is held against, as it is said."""
LIKE = {"nll_bits": "nll", "loss": "nll", "ece": "auroc"}


@dataclass(frozen=True, eq=False)
class Lead:
    """By how much a run is better than a model that heeds no input."""

    lead: float
    errors_N: Floats
    """What luck on each item adds, the labels being given: the squares sum to the squared standard error."""
    items: str
    """Which rows with which labels."""


def judged_by(base: str) -> str:
    """The metric that tells, where that one decides."""
    return LIKE.get(base, base)


def lead(frame: pd.DataFrame, base: str, items: str) -> Lead:
    """From stored predictions: `label`, `log_probability_0` …"""
    columns = [name for name in frame.columns if name.startswith("log_probability_")]
    log_probabilities_NC = frame[columns].to_numpy(np.float64)
    labels_N = frame["label"].to_numpy(np.int64)
    shares_C = np.bincount(labels_N, minlength=len(columns)) / len(labels_N)
    match judged_by(base):
        case "accuracy":
            score_N = (log_probabilities_NC.argmax(1) == labels_N).astype(np.float64)
            gained = float(score_N.mean() - shares_C.max())
        case "nll":
            score_N = log_probabilities_NC[np.arange(len(labels_N)), labels_N]
            gained = float(score_N.mean() - np.log(shares_C)[labels_N].mean())
        case "brier":
            score_N = -((np.exp(log_probabilities_NC) - np.eye(len(columns))[labels_N]) ** 2).sum(1)
            gained = float(score_N.mean() + 1 - (shares_C**2).sum())
        case "macro_f1":
            f1, score_N = _macro_f1(log_probabilities_NC.argmax(1), labels_N, len(columns))
            gained = f1 - 1 / len(columns)  # of a class of share s, guessed as often, F1 is s
        case _:
            area, score_N = _area(log_probabilities_NC, labels_N)
            gained = area - 0.5
    means_C = np.bincount(labels_N, score_N, minlength=len(columns)) / np.maximum(shares_C * len(labels_N), 1)
    return Lead(gained, (score_N - means_C[labels_N]) / len(labels_N), items)


def stalled_seeds(leads: Mapping[int, Lead]) -> frozenset[int]:
    """Of one arm: runs that are not shown to be better than a model that heeds no input.

    A few items show little of any one run. So runs speak for their like, too: where an arm's runs together are
    shown to be better, one of them has stalled only if it is also shown to be worse than they are.
    """
    if not leads:
        return frozenset()
    leads_S = np.array([run.lead for run in leads.values()])
    errors_SN = _side_by_side(leads.values())
    alone_S = leads_S > ERRORS * _length(errors_SN)
    typical = min(leads_S.mean(), np.median(leads_S))  # some good runs do not speak for many that learnt nothing
    together = typical > ERRORS * _length(errors_SN.mean(0))
    behind_S = typical - leads_S > ERRORS * _length(errors_SN - errors_SN.mean(0))
    has_stalled_S = ~alone_S & (behind_S | ~together)
    return frozenset(seed for seed, has in zip(leads, has_stalled_S, strict=True) if has)


def _side_by_side(leads: Iterable[Lead]) -> Floats:
    """By item, where all runs have the same; else each run's luck is its own."""
    runs = list(leads)
    if len({run.items for run in runs}) == 1:
        return np.stack([run.errors_N for run in runs])
    return np.diag([math.sqrt(float(run.errors_N @ run.errors_N)) for run in runs])


def _length(errors: Floats) -> Floats:
    found: Floats = np.sqrt((errors**2).sum(-1))
    return found


def _macro_f1(predicted_N: NDArray[np.int64], labels_N: NDArray[np.int64], classes: int) -> tuple[float, Floats]:
    """And each item's part in it, to first order: F1 = 2 t / (p + l), of shares that are right, said, and true."""
    f1, score_N = 0.0, np.zeros(len(labels_N))
    for label in range(classes):
        said_N, true_N = (np.asarray(of_N == label, np.float64) for of_N in (predicted_N, labels_N))
        both_N, sizes_N = said_N * true_N, said_N + true_N
        if sizes_N.any():  # else the class is as good as not there, and F1 is 0, as in `trainables.evaluation`
            of_class = float(2 * both_N.sum() / sizes_N.sum())
            f1 += of_class / classes
            score_N += (2 * both_N - of_class * sizes_N) / sizes_N.mean() / classes
    return f1, score_N


def _area(log_probabilities_NC: Floats, labels_N: NDArray[np.int64]) -> tuple[float, Floats]:
    """AUROC, the mean over ordered pairs of classes, and each item's part (DeLong et al., *Biometrics* 1988)."""
    two = log_probabilities_NC.shape[1] == 2
    ranked_NC = log_probabilities_NC - log_probabilities_NC[:, ::-1] if two else log_probabilities_NC
    of_class = [np.flatnonzero(labels_N == label) for label in range(ranked_NC.shape[1])]
    areas, score_N = [], np.zeros(len(labels_N))
    for label, own in enumerate(of_class):
        for other in of_class[:label] + of_class[label + 1 :]:
            if len(own) and len(other):
                both = ranked_NC[np.concatenate([own, other]), label]
                within = rankdata(both[: len(own)]), rankdata(both[len(own) :])
                ranks = rankdata(both)
                above = (ranks[: len(own)] - within[0]) / len(other)
                below = 1 - (ranks[len(own) :] - within[1]) / len(own)
                areas.append(float(above.mean()))
                score_N[own] += above / len(own)
                score_N[other] += below / len(other)
    if not areas:
        return 0.5, score_N
    return float(np.mean(areas)), score_N * len(labels_N) / len(areas)
