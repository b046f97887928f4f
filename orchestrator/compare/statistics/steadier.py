"""May one arm be called steadier than another? Three tests that err in different places; each has to say so.

- **Brown–Forsythe's** holds its level under skew and some stalled runs. But it looks at distances from the median,
  in which arms of unlike shape (one with a long tail, say) differ at equal deviations: alone it finds one of such
  arms steadier in up to 15 of 100 pairs.
- **Bonett's** is of the deviations themselves, but takes both arms to have one shape.
- **The resampled one** makes both arms equally wide, draws from each as it is, and asks how often two such arms
  look as far apart as these do: so it knows what unlike shapes do by themselves. But few runs show less of a long
  tail than there is, and its p is too small then: it counts double.

The p is the largest of the three. docs/validity.md says how often they err together, and what it costs in power.

Shapes: S seeds (runs), B resamples.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from orchestrator.compare.statistics.estimates import LEVEL, Estimate, values_of
from orchestrator.compare.statistics.spread import brown_forsythe, sd_ratio

FEWEST_FOR_SPREAD = 10
"""Runs an arm."""
RESAMPLES = 3999
"""The smallest p is 2 in 4,000, and counts double: enough for a family of 44 tests; all pairs of 7 arms have 42."""
UNSEEN_TAILS = 2
"""What the resampled p is multiplied by. With it, fewer than 5 in 100 sweeps of any two shapes that were tried say
BETTER or STEADIER falsely; without it, 6 do of one arm that is skewed and one that has no tails."""

Values = NDArray[np.float64]


@dataclass(frozen=True)
class SteadierTest:
    """That two arms are spread alike."""

    p: float
    """The largest of the three; 1 where they do not point the same way."""
    brown_forsythe: float
    bonett: float
    resampled: float | None
    """Doubled. None where the two others do not see a difference, and it could add nothing."""
    n: tuple[int, int]
    method: str = "the largest p of Brown–Forsythe, Bonett, and twice that of resampling each arm's own shape"


def steadier_test(a: ArrayLike, b: ArrayLike, rng: np.random.Generator) -> SteadierTest | None:
    """None under 10 runs, where an arm has no variance, and where all values of both are the same. `rng` feeds the
    resampling."""
    first, second = values_of(a), values_of(b)
    n = (len(first), len(second))
    if min(n) < FEWEST_FOR_SPREAD or np.array_equal(first, second):
        return None
    distances, ratio = brown_forsythe(first, second), sd_ratio(first, second)
    if distances.p is None or ratio is None or ratio.p is None:
        return None
    if not _agree(first, second, ratio):
        return SteadierTest(1.0, distances.p, ratio.p, None, n)
    p = max(distances.p, ratio.p)
    if p >= LEVEL:
        return SteadierTest(p, distances.p, ratio.p, None, n)
    resampled = min(1.0, UNSEEN_TAILS * resampled_p(first, second, rng))
    return SteadierTest(max(p, resampled), distances.p, ratio.p, resampled, n)


def resampled_p(a: Values, b: Values, rng: np.random.Generator, resamples: int = RESAMPLES) -> float:
    """Two-sided: how often two arms of these shapes, made equally wide, look as far apart in the same direction.

    By the one of two statistics that shows it less: of the distances, and of the deviations.
    """
    seen = _statistics(a[None], b[None])
    drawn = _statistics(*(_resampled(sample, rng, resamples) for sample in (a, b)))
    # A resample in which all values are the same has no statistic. It counts as one that is as far apart.
    beyond = [int((~(np.sign(s) * d < abs(s))).sum()) for (s,), d in zip(seen, drawn, strict=True)]
    return min(1.0, 2 * (1 + max(beyond)) / (1 + resamples))


def _agree(a: Values, b: Values, ratio: Estimate) -> bool:
    nearer = np.abs(a - np.median(a)).mean() < np.abs(b - np.median(b)).mean()
    return bool(nearer == (ratio.estimate < 1))


def _resampled(sample: Values, rng: np.random.Generator, resamples: int) -> Values:
    """(B, S), of a law with the sample's shape and a standard deviation of 1."""
    n = len(sample)
    even = (sample - sample.mean()) / sample.std()
    drawn_BS: Values = even[rng.integers(0, n, (resamples, n))]
    return drawn_BS


@dataclass(frozen=True, eq=False)
class _Spread:
    """Of each resample: two measures, each with its squared standard error."""

    distance_B: Values
    """Mean distance from the median."""
    distance_error_B: Values
    log_variance_B: Values
    log_variance_error_B: Values


def _spread(values_BS: Values) -> _Spread:
    n = values_BS.shape[1]
    distances_BS = np.abs(values_BS - np.median(values_BS, axis=1, keepdims=True))
    squares_BS = (values_BS - values_BS.mean(1, keepdims=True)) ** 2
    variance_B = squares_BS.sum(1) / (n - 1)
    kurtosis_B = n * (squares_BS**2).sum(1) / squares_BS.sum(1) ** 2
    return _Spread(
        distances_BS.mean(1),
        distances_BS.var(1, ddof=1) / n,
        np.log(variance_B),
        (kurtosis_B - (n - 3) / n) / (n - 1),
    )


def _statistics(a_BS: Values, b_BS: Values) -> tuple[Values, Values]:
    """How far a is spread wider than b, in standard errors: by the distances, which is Brown–Forsythe's statistic
    with its sign, and by the variances, where each arm has a kurtosis of its own."""
    with np.errstate(divide="ignore", invalid="ignore"):
        a, b = _spread(a_BS), _spread(b_BS)
        by_distance = (a.distance_B - b.distance_B) / np.sqrt(a.distance_error_B + b.distance_error_B)
        by_variance = (a.log_variance_B - b.log_variance_B) / np.sqrt(
            a.log_variance_error_B + b.log_variance_error_B
        )
    return by_distance, by_variance
