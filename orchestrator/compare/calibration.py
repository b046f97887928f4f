"""How large a calibration error a perfectly calibrated model would show on so many items: 0 is not the least."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trainables.evaluation import CALIBRATION_BINS, expected_calibration_error

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
