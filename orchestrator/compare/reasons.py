"""Why two losses that are one function end apart: what the head's rate does, what its start does, what is left.

In: the runs of the arms of a 2 × 2 of the head (`head_arms.py`). Out: `Reasons`. With y of a corner, a run's final
value there, each effect is a contrast within a seed, and so a paired difference like any other:

    rate         ((fast + both) − (plain + started)) / 2
    start        ((started + both) − (plain + fast)) / 2
    interaction  (both − started) − (fast − plain)

Rate and start add up to both − plain exactly. So cross-entropy − plain is the rate's part, the start's part, and
cross-entropy − both: the remainder, which is rounding if the head's rate and start are all there is to it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from orchestrator.compare.estimates import CONFIDENCE, Estimate, Interval
from orchestrator.compare.head_arms import HeadArms
from orchestrator.compare.judged import Judged
from orchestrator.compare.looks import Look
from orchestrator.compare.metric import Metric
from orchestrator.compare.multiplicity import agreeing, holm, simultaneous_confidence
from orchestrator.compare.rests_on import Evidence, Resampling, rests_on
from orchestrator.compare.runs import ArmRuns
from orchestrator.compare.worst_case import too_many_diverged

Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Family:
    """What the verdicts of the sweep say of the whole difference."""

    pairs: int
    """That were judged together."""
    is_shown: bool | None
    """Whether a verdict says that the two losses differ; None where they were not judged against each other."""


@dataclass(frozen=True)
class Effect:
    """One contrast of arms, as a test by itself and as one of its family."""

    estimate: Estimate
    """With the p and the interval of this test alone."""
    p: float | None
    """After Holm's correction over its family: rate, start and interaction; or both checks."""
    interval: Interval | None
    """Of those of the family, which hold all at once; it agrees with `p`. This is the one that is said."""


@dataclass(frozen=True)
class SameTraining:
    """Two arms that are one training but for rounding, so that they are to differ by chance alone."""

    arm: str
    versus: str
    effect: Effect
    largest: float
    """Difference of two runs of one seed, without its sign."""
    disagreeing: float | None
    """Share of items on which two runs of one seed predict different classes; None without predictions."""


@dataclass(frozen=True)
class Reasons:
    """In the deciding metric's own scale; every estimate over the same pairs."""

    arms: HeadArms
    planned: int
    """Seeds of an arm; runs that are missing or have diverged take their seed away."""
    seeds: tuple[int, ...]
    """That all the arms have."""
    failing: tuple[str, ...]
    """Arms of which so many runs diverged or stalled that nothing may be shown by them."""
    rate: Effect
    start: Effect
    interaction: Effect
    difference: Effect | None
    """Cross-entropy − binary cross-entropy, its interval as the verdicts have it, which have its p as well; None
    where the sweep has not the former."""
    remainder: SameTraining | None
    """Cross-entropy − the corner that has both its rate and its start."""
    twins: SameTraining | None
    """Cross-entropy of [0, z] − binary cross-entropy: the A/A check."""
    sentences: tuple[str, ...] = ()


def reasons(
    runs: Mapping[str, ArmRuns],
    arms: HeadArms,
    metric: Metric,
    look: Look,
    resampling: Resampling | None,
    family: Family,
) -> Reasons | None:
    """None where the arms are not paired by seed, or have fewer than two seeds in common."""
    found = [runs[name] for name in arms.names]
    seeds = sorted(set.intersection(*(set(arm.values) for arm in found)))
    one_design = len({arm.planned for arm in found}) == 1
    same_items = all(len({arm.items_of(seed) for arm in found}) == 1 for seed in seeds)
    if len(seeds) < 2 or not one_design or not same_items:
        return None
    scored = metric.of_items and all(arm.share_items for arm in found)

    def contrast(plus: Sequence[str], minus: Sequence[str], share: float = 1.0) -> Judged:
        def summed(of: Callable[[ArmRuns], Numbers], names: Sequence[str]) -> Numbers:
            total: Numbers = share * np.sum([of(runs[name]) for name in names], axis=0)
            return total

        def values(arm: ArmRuns) -> Numbers:
            return np.array([arm.values[seed] for seed in seeds])

        def scores(arm: ArmRuns) -> Numbers:
            return arm.matrix(metric.base, seeds)

        of_items = (summed(scores, plus), summed(scores, minus)) if scored else None
        evidence = Evidence(summed(values, plus), summed(values, minus), True, of_items, resampling)
        return rests_on(evidence, look.anytime)

    plain, fast, started, both = arms.plain, arms.fast, arms.started, arms.both
    rate, start, interaction = _together(
        look.level,
        contrast([fast, both], [plain, started], 0.5),
        contrast([started, both], [plain, fast], 0.5),
        contrast([both, plain], [started, fast]),
    )
    pairs = [(arm, versus) for arm, versus in ((arms.cross_entropy, both), (arms.twin, plain)) if arm is not None]
    both_checks = _together(look.level, *(contrast([a], [b]) for a, b in pairs))
    checks = {
        versus: _same_training(runs[arm], runs[versus], seeds, effect)
        for (arm, versus), effect in zip(pairs, both_checks, strict=True)
    }
    whole = None if arms.cross_entropy is None else contrast([arms.cross_entropy], [plain])
    return Reasons(
        arms=arms,
        planned=len(found[0].planned),
        seeds=tuple(seeds),
        failing=tuple(arm.arm for arm in found if too_many_diverged(arm)),
        rate=rate,
        start=start,
        interaction=interaction,
        difference=None if whole is None else _as_judged(whole, family),
        remainder=checks.get(both),
        twins=checks.get(plain),
    )


def _together(level: float, *contrasts: Judged) -> tuple[Effect, ...]:
    """As one family. What has no p, for lack of any variance, is no test."""
    tested = [judged.estimate.p for judged in contrasts if judged.estimate.p is not None]
    corrected, confidence = iter(holm(tested)), simultaneous_confidence(CONFIDENCE, len(tested))
    effects = []
    for judged in contrasts:
        found = judged.estimate
        p = None if found.p is None else next(corrected)
        interval = judged.interval_at(confidence)
        if p is not None and interval is not None:
            interval = agreeing(interval, 0.0, found.estimate, p < level)
        effects.append(Effect(found, p, interval))
    return tuple(effects)


def _as_judged(whole: Judged, family: Family) -> Effect:
    found = whole.estimate
    interval = whole.interval_at(simultaneous_confidence(CONFIDENCE, family.pairs))
    if interval is not None and family.is_shown is not None:
        interval = agreeing(interval, 0.0, found.estimate, family.is_shown)
    return Effect(found, None, interval)


def _same_training(arm: ArmRuns, versus: ArmRuns, seeds: Sequence[int], effect: Effect) -> SameTraining:
    apart = [abs(arm.values[seed] - versus.values[seed]) for seed in seeds]
    disagreeing = None
    if all(seed in arm.scores and seed in versus.scores for seed in seeds):
        disagreeing = float((arm.predicted(seeds) != versus.predicted(seeds)).mean())
    return SameTraining(arm.arm, versus.arm, effect, max(apart), disagreeing)
