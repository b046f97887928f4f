"""The mean difference of two arms with the evaluated items taken as they are: paired t, and Welch's.

The design chooses between them, never a look at the data: pairs where the arms share seeds and split.
"""

import math

from numpy.typing import ArrayLike

from orchestrator.compare.statistics.estimates import (
    CONFIDENCE,
    Estimate,
    satterthwaite,
    scale_of,
    t_estimate,
    values_of,
    variance,
)


def paired_t(a: ArrayLike, b: ArrayLike, confidence: float = CONFIDENCE) -> Estimate:
    """Mean of a − b over pairs by seed (Student, 1908)."""
    first, second = values_of(a), values_of(b)
    assert len(first) == len(second), f"{len(first)} and {len(second)} values are no pairs"
    n = len(first)
    differences = first - second
    se = math.sqrt(variance(differences, scale_of(first, second)) / n)
    return t_estimate(float(differences.mean()), se, n - 1, [n], "paired t", confidence)


def welch_t(a: ArrayLike, b: ArrayLike, confidence: float = CONFIDENCE) -> Estimate:
    """Mean of a less mean of b, their variances not taken to be equal (Welch, 1947)."""
    first, second = values_of(a), values_of(b)
    parts = [variance(sample) / len(sample) for sample in (first, second)]
    n = (len(first), len(second))
    difference, se = float(first.mean() - second.mean()), math.sqrt(sum(parts))
    return t_estimate(difference, se, satterthwaite(parts, n), n, "Welch's t", confidence)


def hedges_g(a: ArrayLike, b: ArrayLike) -> float | None:
    """The difference in pooled standard deviations, corrected for few runs (Hedges, 1981); None without any."""
    first, second = values_of(a), values_of(b)
    df = len(first) + len(second) - 2
    pooled = ((len(first) - 1) * variance(first) + (len(second) - 1) * variance(second)) / df
    if not pooled > 0:
        return None
    return float(first.mean() - second.mean()) / math.sqrt(pooled) * (1 - 3 / (4 * df - 1))


def resampled_t(
    a: ArrayLike, b: ArrayLike, evaluated: int, trained: int, confidence: float = CONFIDENCE
) -> Estimate:
    """Paired t where each seed draws its own split, of so many rows evaluated and trained on.

    Training sets then overlap and the differences are not independent; the factor 1/n becomes
    1/n + evaluated/trained (Nadeau and Bengio, *Inference for the generalization error*, Machine Learning 2003).
    """
    plain = paired_t(a, b, confidence)
    (n,) = plain.n
    assert plain.se is not None
    se = plain.se * math.sqrt(1 + n * evaluated / trained)
    return t_estimate(plain.estimate, se, n - 1, [n], "resampled t (Nadeau and Bengio)", confidence)


def resampled_welch(
    a: ArrayLike, b: ArrayLike, evaluated: int, trained: int, confidence: float = CONFIDENCE
) -> Estimate:
    """The same for arms that share no seeds: each arm's variance has the factor 1/n + evaluated/trained."""
    first, second = values_of(a), values_of(b)
    plain = welch_t(a, b, confidence)
    shared = (variance(first) + variance(second)) * evaluated / trained
    assert plain.se is not None
    se = math.sqrt(plain.se**2 + shared)
    return t_estimate(
        plain.estimate, se, plain.df or 0.0, plain.n, "resampled Welch's t (Nadeau and Bengio)", confidence
    )
