"""What if the runs whose loss became no number had ended as badly, or as well, as a run can?

They are in no mean. A verdict that would not stand if the leading arm's had the worst value, and the other's the
best, is not given.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from orchestrator.compare.metric import Metric
from orchestrator.compare.rests_on import Evidence
from orchestrator.compare.runs import ArmRuns
from orchestrator.compare.samples import Samples

MOST_DIVERGED = 0.1
"""A greater share of diverged or stalled runs in an arm forbids BETTER, and EQUIVALENT."""


@dataclass(frozen=True)
class WorstCase:
    """Bounds of the difference of means over all runs that ended."""

    low: float
    high: float
    method: str = "diverged runs at either end of the metric"


def too_many_diverged(arm: ArmRuns) -> bool:
    return arm.ended > 0 and arm.diverged / arm.ended > MOST_DIVERGED


def too_many_said(samples: Samples) -> str:
    """Of which arm; empty of none."""
    for arm in (samples.a, samples.b):
        if too_many_diverged(arm):
            return f"{arm.diverged} of {arm.ended} runs of {arm.arm} diverged or stalled, more than 1 in 10"
    return ""


def unbounded_said(samples: Samples) -> str:
    """Why nothing is EQUIVALENT; empty where no loss became non-finite."""
    for arm in (samples.a, samples.b):
        if arm.non_finite:
            said = f"{len(arm.non_finite)} of {arm.ended} runs of {arm.arm} diverged"
            return f"{said}, and how far from the others they would have ended is not known"
    return ""


def bounds(samples: Samples, metric: Metric) -> WorstCase | None:
    """None where no loss became non-finite, or the metric has no worst value."""
    if metric.bounds is None or not (samples.a.non_finite or samples.b.non_finite):
        return None
    least, most = metric.bounds
    low = _mean(samples.a, least) - _mean(samples.b, most)
    return WorstCase(low, _mean(samples.a, most) - _mean(samples.b, least))


def against(samples: Samples, metric: Metric, evidence: Evidence, a_leads: bool) -> Evidence | None:
    """The evidence with each diverged run filled in against the leading arm; None if there is no worst value.

    Without a diverged run it is the evidence as it is.
    """
    if not (samples.a.non_finite or samples.b.non_finite):
        return evidence
    if metric.bounds is None:
        return None
    worst, best = metric.bounds if metric.maximize else metric.bounds[::-1]
    fill_a, fill_b = (worst, best) if a_leads else (best, worst)
    seeds_a = sorted(samples.a.values.keys() | samples.a.non_finite)
    seeds_b = sorted(samples.b.values.keys() | samples.b.non_finite)
    if samples.paired:
        seeds_a = seeds_b = sorted(set(seeds_a) & set(seeds_b))
    scores = None
    if evidence.scores is not None:
        base, items = metric.base, evidence.scores[0].shape[1]
        scores = (
            _filled_scores(samples.a, base, seeds_a, fill_a, items),
            _filled_scores(samples.b, base, seeds_b, fill_b, items),
        )
    a = np.array([samples.a.values.get(seed, fill_a) for seed in seeds_a])
    b = np.array([samples.b.values.get(seed, fill_b) for seed in seeds_b])
    return Evidence(a, b, samples.paired, scores, evidence.resampling)


def _mean(arm: ArmRuns, fill: float) -> float:
    values = [*arm.values.values(), *[fill] * len(arm.non_finite)]
    return float(np.mean(values))


def _filled_scores(arm: ArmRuns, base: str, seeds: Iterable[int], fill: float, items: int) -> np.ndarray:
    rows = [arm.scores[s].of_items[base] if s in arm.scores else np.full(items, fill) for s in seeds]
    return np.stack(rows)
