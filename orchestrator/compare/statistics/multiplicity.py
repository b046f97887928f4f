"""Several tests in one family: Holm's p, and intervals that agree with the verdicts."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from orchestrator.compare.statistics.estimates import Interval


def holm(ps: Sequence[float], tests: int | None = None) -> tuple[float, ...]:
    """Adjusted p-values in the order given: at a level of α, at most α of all families hold a false alarm
    (Holm, 1979). `tests`: of a larger family, whose other p count as 1."""
    family = tests or len(ps)
    assert family >= len(ps), f"{len(ps)} p-values in a family of {family}"
    order = np.argsort(ps, kind="stable")
    adjusted, reached = [0.0] * len(ps), 0.0
    for rank, place in enumerate(order):
        reached = max(reached, min(1.0, (family - rank) * ps[place]))
        adjusted[place] = reached
    return tuple(adjusted)


def simultaneous_confidence(confidence: float, intervals: int) -> float:
    """Of each of several intervals, so that all cover at once at the confidence asked for (Bonferroni)."""
    return 1 - (1 - confidence) / max(1, intervals)


def agreeing(interval: Interval, null: float, estimate: float, rejected: bool) -> Interval:
    """The interval with its near end moved to the null value where it would contradict the verdict.

    Holm rejects more than simultaneous intervals show, and less than one interval alone: his test looks at the
    whole family. Where the verdict is "not shown" the interval is widened, which is safe. Where it is "shown" the
    interval is cut: it then says the direction and no more; each interval alone still covers as it should, for the
    test that cut it has the same level.
    """
    if rejected and null in interval:
        return replace(interval, **{"low" if estimate > null else "high": null})
    if not rejected and null not in interval:
        return replace(interval, **{"low" if interval.low > null else "high": null})
    return interval


def agreeing_within(interval: Interval, margin: float, shown: bool) -> Interval:
    """The same for equivalence: inside ± the margin exactly where that was shown."""
    if shown:
        return replace(interval, low=max(interval.low, -margin), high=min(interval.high, margin))
    if interval.inside(margin):
        nearer_high = margin - interval.high <= interval.low + margin
        return replace(interval, high=margin) if nearer_high else replace(interval, low=-margin)
    return interval
