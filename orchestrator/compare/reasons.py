"""Why two losses that are one function end apart: what the head's rate does, what its start does, what is left.

In: the runs of the arms of a 2 × 2 of the head (`head_arms.py`). Out: `Reasons`. With y of a corner, a run's final
value there, each effect is a contrast within a seed, and so a paired difference like any other:

    rate         ((fast + both) − (plain + started)) / 2
    start        ((started + both) − (plain + fast)) / 2
    interaction  (both − started) − (fast − plain)

Rate and start add up to both − plain exactly. So cross-entropy − plain is the rate's part, the start's part, and
cross-entropy − both: the remainder, which is rounding if the head's rate and start are all there is to it.

The effects of all squares of a comparison are one family, beside that of the verdicts, and their checks another
(docs/decisions/0007-what-a-verdict-may-cost.md). At a later look they are corrected for as many tests as the
verdicts are: pairs of arms are more than the effects of any squares that the arms make.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from orchestrator.compare.head_arms import HeadArms
from orchestrator.compare.judged import Judged
from orchestrator.compare.looks.look import Look
from orchestrator.compare.metric import Metric
from orchestrator.compare.rests_on import Evidence, Resampling, rests_on
from orchestrator.compare.runs import ArmRuns
from orchestrator.compare.same_training import Training, same
from orchestrator.compare.statistics.estimates import CONFIDENCE, Estimate, Interval
from orchestrator.compare.statistics.multiplicity import agreeing, holm, simultaneous_confidence
from orchestrator.compare.worst_case import too_many_diverged

Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Whole:
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
    """After Holm's correction over its family: rate, start and interaction; or the checks. None of too few runs."""
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
    is_seen: bool
    """Whether all runs of one seed are the same but for rounding, so that there is no chance to be judged."""


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
    tests: int
    """For how many rate, start and interaction are corrected: those of all squares."""
    of_all_pairs: bool
    """Or, at a look that is not the planned one, all pairs of the arms to choose from."""
    sentences: tuple[str, ...] = ()


@dataclass(frozen=True)
class Square:
    """Four corners, with what is known of them beside their runs."""

    arms: HeadArms
    resampling: Resampling | None
    whole: Whole


@dataclass(frozen=True, eq=False)
class _Contrasts:
    """Of one square, before they are one family with those of others."""

    square: Square
    found: list[ArmRuns]
    seeds: list[int]
    effects: tuple[Judged, Judged, Judged]
    """Rate, start, interaction."""
    difference: Judged | None
    checks: dict[tuple[str, str], Judged]
    """By arm, and the one that it is to be the same as."""


def reasons(
    runs: Mapping[str, ArmRuns], squares: Sequence[Square], metric: Metric, look: Look, training: Training
) -> tuple[Reasons, ...]:
    """Of those squares whose arms are paired by seed and have at least two seeds in common."""
    every = [each for square in squares if (each := _contrasts(runs, square, metric, look)) is not None]
    tests, effects = _together(look, [effect for contrasts in every for effect in contrasts.effects])
    by_chance = [
        judged for contrasts in every for pair, judged in contrasts.checks.items() if not same(training, *pair)
    ]
    _, checks = _together(look, by_chance)
    given, checked = iter(effects), dict(zip(map(id, by_chance), checks, strict=True))
    found = list[Reasons]()
    for of in every:
        rate, start, interaction = next(given), next(given), next(given)
        arms = of.square.arms
        same_as = {
            versus: _same_training(runs[arm], runs[versus], of.seeds, judged, checked.get(id(judged)))
            for (arm, versus), judged in of.checks.items()
        }
        found.append(
            Reasons(
                arms=arms,
                planned=len(of.found[0].planned),
                seeds=tuple(of.seeds),
                failing=tuple(arm.arm for arm in of.found if too_many_diverged(arm)),
                rate=rate,
                start=start,
                interaction=interaction,
                difference=None if of.difference is None else _as_judged(of.difference, of.square.whole),
                remainder=same_as.get(arms.both),
                twins=same_as.get(arms.plain),
                tests=tests,
                of_all_pairs=look.tests == tests,
            )
        )
    return tuple(found)


def _contrasts(runs: Mapping[str, ArmRuns], square: Square, metric: Metric, look: Look) -> _Contrasts | None:
    arms = square.arms
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
        evidence = Evidence(summed(values, plus), summed(values, minus), True, of_items, square.resampling)
        return rests_on(evidence, look.anytime)

    plain, fast, started, both = arms.plain, arms.fast, arms.started, arms.both
    effects = (
        contrast([fast, both], [plain, started], 0.5),
        contrast([started, both], [plain, fast], 0.5),
        contrast([both, plain], [started, fast]),
    )
    pairs = [(arm, versus) for arm, versus in ((arms.cross_entropy, both), (arms.twin, plain)) if arm is not None]
    checks = {(arm, versus): contrast([arm], [versus]) for arm, versus in pairs}
    whole = None if arms.cross_entropy is None else contrast([arms.cross_entropy], [plain])
    return _Contrasts(square, found, seeds, effects, whole, checks)


def _together(look: Look, contrasts: Sequence[Judged]) -> tuple[int, list[Effect]]:
    """As one family, with the number of its tests. What has no p, for lack of any variance, is none."""
    tested = [judged.estimate.p for judged in contrasts if judged.estimate.p is not None]
    tests = max(look.tests or 0, len(tested))
    corrected, confidence = iter(holm(tested, tests)), simultaneous_confidence(CONFIDENCE, tests)
    effects = []
    for judged in contrasts:
        found = judged.estimate
        p = None if found.p is None else next(corrected)
        interval = judged.interval_at(confidence)
        if p is not None and interval is not None:
            interval = agreeing(interval, 0.0, found.estimate, p < look.level)
        effects.append(Effect(found, p, interval))
    return tests, effects


def _as_judged(whole: Judged, verdict: Whole) -> Effect:
    found = whole.estimate
    interval = whole.interval_at(simultaneous_confidence(CONFIDENCE, verdict.pairs))
    if interval is not None and verdict.is_shown is not None:
        interval = agreeing(interval, 0.0, found.estimate, verdict.is_shown)
    return Effect(found, None, interval)


def _same_training(
    arm: ArmRuns, versus: ArmRuns, seeds: Sequence[int], judged: Judged, by_chance: Effect | None
) -> SameTraining:
    """`by_chance`: None where their runs are seen to be the same, and what is left of a difference is rounding."""
    apart = [abs(arm.values[seed] - versus.values[seed]) for seed in seeds]
    disagreeing = None
    if all(seed in arm.scores and seed in versus.scores for seed in seeds):
        disagreeing = float((arm.predicted(seeds) != versus.predicted(seeds)).mean())
    bare = replace(judged.estimate, interval=None, p=None, statistic=None)
    effect = by_chance or Effect(bare, None, None)
    return SameTraining(arm.arm, versus.arm, effect, max(apart), disagreeing, by_chance is None)
