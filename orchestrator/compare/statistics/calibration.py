"""How often an arm is right where it is so and so sure; and how large a calibration error a perfectly calibrated
model would show on so many items, for 0 is not the least.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trainables.evaluation import CALIBRATION_BINS, calibration_bins, expected_calibration_error

REPETITIONS = 200


@dataclass(frozen=True)
class NullCalibration:
    """Expected calibration error under perfect calibration, at the same confidences."""

    estimate: float
    """Mean over repetitions."""
    high: float
    """What 95 in 100 repetitions stay under."""
    items: int
    repetitions: int
    method: str = f"simulated, {CALIBRATION_BINS} bins"


def null_calibration(
    confidences_N: NDArray[np.float64], rng: np.random.Generator, repetitions: int = REPETITIONS
) -> NullCalibration:
    """Each item is right with the probability that its confidence says, anew in each repetition."""
    errors = [
        expected_calibration_error(confidences_N, rng.random(len(confidences_N)) < confidences_N)
        for _ in range(repetitions)
    ]
    return NullCalibration(
        float(np.mean(errors)), float(np.quantile(errors, 0.95)), len(confidences_N), repetitions
    )


@dataclass(frozen=True)
class ReliabilityBin:
    """The items that an arm's runs are sure of to this degree."""

    low: float
    high: float
    items: float
    """Of a run, on average."""
    confidence: float
    accuracy: float
    lowest: float
    """The accuracy of the run that has the lowest there, and of the one that has the highest."""
    highest: float


@dataclass(frozen=True)
class Reliability:
    """Confidence against accuracy over all runs of an arm; bins without an item are left out."""

    confidence: float
    accuracy: float
    runs: int
    bins: tuple[ReliabilityBin, ...]


def reliability(runs: Sequence[tuple[NDArray[np.float64], NDArray[np.bool_]]]) -> Reliability:
    """Of each run, every item's confidence in the predicted class and whether that was right."""
    counts, sure, right = (np.zeros((len(runs), CALIBRATION_BINS)) for _ in range(3))
    for run, (confidences_N, correct_N) in enumerate(runs):
        bin_N = calibration_bins(confidences_N)
        counts[run] = np.bincount(bin_N, minlength=CALIBRATION_BINS)
        sure[run] = np.bincount(bin_N, weights=confidences_N, minlength=CALIBRATION_BINS)
        right[run] = np.bincount(bin_N, weights=correct_N, minlength=CALIBRATION_BINS)
    bins = []
    for place in np.flatnonzero(counts.sum(0)):
        with_items = counts[:, place] > 0
        of_runs = right[with_items, place] / counts[with_items, place]
        items = counts[:, place].sum()
        bins.append(
            ReliabilityBin(
                low=float(place / CALIBRATION_BINS),
                high=float((place + 1) / CALIBRATION_BINS),
                items=float(items / len(runs)),
                confidence=float(sure[:, place].sum() / items),
                accuracy=float(right[:, place].sum() / items),
                lowest=float(of_runs.min()),
                highest=float(of_runs.max()),
            )
        )
    total = counts.sum()
    return Reliability(float(sure.sum() / total), float(right.sum() / total), len(runs), tuple(bins))
